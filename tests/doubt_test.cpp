// What becomes of an action that was under way when the run's owner ended: told to the decider, and by a process that
// is killed.
#include "support/flow_books.hpp"
#include "support/temp_folder.hpp"

#include <runbook/decider.hpp>
#include <runbook/executor.hpp>
#include <runbook/parse.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <optional>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

/// A run whose first step was started by an owner that is gone.
class Left {
public:
  /// `found`: of what was under way; nothing: it goes on.
  explicit Left(Step step, std::optional<DoubtKind> found = DoubtKind::unknown)
      : found_(found), state_(flow_plan({std::move(step), work("next")})) {
    auto header = std::make_shared<RunHeader>();
    header->run = "r1";
    header->rules = rules_version;
    header->outline = state_.plan().outline();
    state_.apply(RunCreated{header});
    state_.apply(Claimed{"first"});
    settle();
    REQUIRE(started_ == "s");
    started_.clear();
    state_.apply(Claimed{"second"});
    settle();
  }

  /// What is made of the doubt, as it is recorded: "repeat: why", or "done by Ada".
  [[nodiscard]] const std::string& resolved() const { return resolved_; }
  [[nodiscard]] int times_taken_up() const { return times_taken_up_; }

  /// What was started since then.
  [[nodiscard]] const std::string& started() const { return started_; }
  [[nodiscard]] RunState& state() { return state_; }
  void say(const std::string& text, bool yes = true) {
    state_.apply(WaitAnswered{.token = "doubt/s", .yes = yes, .who = "Ada", .value = Value(text)});
    settle();
  }
  void ended(const ActionRef& at, Outcome outcome, std::uint32_t attempt = 1) {
    state_.apply(StepOutcome{.at = at, .attempt = attempt, .outcome = std::move(outcome)});
    settle();
  }

private:
  void settle() {
    for (bool more = true; more;) {
      more = false;
      for (const Command& command : decide(state_)) {
        if (const auto* adrift = std::get_if<TakeUpAction>(&command)) more = take_up(*adrift);
        const auto event = to_event(state_, command);
        if (!event) continue;
        if (const auto* doubt = std::get_if<DoubtResolved>(&*event)) {
          resolved_ = std::string(to_string(doubt->decision)) +
                      (doubt->who.empty() ? ": " + doubt->evidence : " by " + doubt->who);
        }
        if (const auto* start = std::get_if<StartAction>(&command)) {
          started_ += (started_.empty() ? "" : " ") + action_path(*state_.plan().outline(), start->at);
        }
        state_.apply(*event);
        more = true;
      }
    }
  }

  bool take_up(const TakeUpAction& command) {
    ++times_taken_up_;
    if (found_) {
      state_.apply(StepDoubt{command.at, command.attempt, *found_, "it is so"});
    } else {
      state_.apply(StepTakenUp{command.at, command.attempt});
    }
    return true;
  }

  std::optional<DoubtKind> found_;
  RunState state_;
  std::string started_;
  std::string resolved_;
  int times_taken_up_ = 0;
};

Step doubtful(OnDoubt on_doubt, Effect effect = Effect::mutating) {
  Step step = work_with_undo("s");
  step.on_doubt = on_doubt;
  step.actions[0].effect = effect;
  return step;
}

constexpr ActionRef action{.step = 0};
constexpr ActionRef probe{.step = 0, .kind = ActionKind::probe};

Step probed() {
  Step step = doubtful(OnDoubt::probe);
  step.probe.push_back(Action{.handler = "work"});
  return step;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("doubt: a person is asked, and nothing is started before the answer") {
  Left left(doubtful(OnDoubt::ask));
  CHECK(left.started() == "");
  const auto question = left.state().open_question("doubt/s");
  REQUIRE(question.has_value());
  CHECK(question->wants.choices == std::vector<std::string>{"done", "not-done", "failed"});
  SUBCASE("it was done") {
    left.say("done");
    CHECK(left.started() == "next");
    CHECK(left.resolved() == "done by Ada");
  }
  SUBCASE("it was not done") {
    left.say("not-done");
    CHECK(left.started() == "s");
  }
  SUBCASE("it has failed") {
    left.say("failed");
    CHECK(left.started() == "s:undo");
    CHECK(left.state().reason() == "step 's' failed: was in doubt, counts as failed: Ada says so");
  }
  SUBCASE("whoever was asked declines") {
    left.say("", false);
    CHECK(left.started() == "s:undo");
  }
  SUBCASE("what is no answer changes nothing") {
    left.say("perhaps");
    CHECK(left.started() == "");
    CHECK(left.state().open_question("doubt/s").has_value());
  }
  SUBCASE("a cancel leaves it to the undo") {
    left.state().apply(CancelRequested{"Ada"});
    std::vector<Command> commands = decide(left.state());
    CHECK(std::ranges::any_of(commands, [](const Command& c) { return std::holds_alternative<BeginRollback>(c); }));
  }
}

TEST_CASE("doubt: what goes on is waited for, and nothing is started again") {
  Left left(doubtful(OnDoubt::retry), std::nullopt);
  CHECK(left.started() == "");
  CHECK(left.times_taken_up() == 1);
  SUBCASE("its end counts") {
    left.ended(action, {});
    CHECK(left.started() == "next");
    CHECK(left.resolved() == "");
  }
  SUBCASE("a cancel stops it before anything is undone") {
    left.state().apply(CancelRequested{"Ada"});
    std::vector<Command> commands = decide(left.state());
    REQUIRE(commands.size() == 1);
    CHECK(std::holds_alternative<StopAction>(commands[0]));
    left.ended(action, {OutcomeStatus::cancelled, nullptr, {}});
    CHECK(left.started() == "s:undo");
  }
  SUBCASE("its owner ends too: the next one takes it up") {
    left.state().apply(Claimed{"third"});
    left.ended(probe, {}); // which is not under way: nothing but what is adrift is looked at
    CHECK(left.times_taken_up() == 2);
    CHECK(left.started() == "");
  }
  SUBCASE("whoever looked after it is gone: it is in doubt after all") {
    left.state().apply(StepDoubt{action, 1, DoubtKind::unknown, "gone"});
    left.ended(probe, {});
    CHECK(left.started() == "s");
    CHECK(left.resolved() == "repeat: the document says so");
  }
}

TEST_CASE("doubt: what was never started is started, whatever the document says about doubt") {
  Left left(doubtful(OnDoubt::ask), DoubtKind::not_started);
  CHECK(left.started() == "s");
  CHECK(left.resolved() == "");
}

TEST_CASE("doubt: what is adrift when the run is to end is taken up to be stopped before anything is undone") {
  RunState state(flow_plan({work_with_undo("s")}));
  auto header = std::make_shared<RunHeader>();
  header->run = "r1";
  header->rules = rules_version;
  header->outline = state.plan().outline();
  for (const EventData& event : std::vector<EventData>{RunCreated{header}, Claimed{"first"}, StepIntent{action},
                                                       CancelRequested{"Ada"}, Claimed{"second"}}) {
    state.apply(event);
  }
  std::vector<Command> commands = decide(state);
  REQUIRE(commands.size() == 1);
  CHECK(std::holds_alternative<TakeUpAction>(commands[0]));
  state.apply(StepTakenUp{action, 1});
  commands = decide(state);
  REQUIRE(commands.size() == 1);
  CHECK(std::holds_alternative<StopAction>(commands[0]));
}

TEST_CASE("doubt: what the document says is done about it") {
  CHECK(Left(doubtful(OnDoubt::retry)).started() == "s");
  CHECK(Left(doubtful(OnDoubt::assume_done)).started() == "next");
  CHECK(Left(doubtful(OnDoubt::assume_failed)).started() == "s:undo");
}

TEST_CASE("doubt: what changes nothing the second time is done again") {
  CHECK(Left(doubtful(OnDoubt::ask, Effect::pure)).started() == "s");
  CHECK(Left(doubtful(OnDoubt::assume_failed, Effect::idempotent)).started() == "s");
}

TEST_CASE("doubt: a probe decides") {
  Left left(probed());
  CHECK(left.started() == "s:probe");
  SUBCASE("it was done") {
    left.ended(probe, {OutcomeStatus::ok, Value{{"exit_code", 0}}, {}});
    CHECK(left.started() == "s:probe next");
  }
  SUBCASE("it was not done") {
    left.ended(probe, {OutcomeStatus::failed, Value{{"exit_code", 1}}, {}});
    CHECK(left.started() == "s:probe s");
  }
  SUBCASE("it cannot tell: a person is asked") {
    left.ended(probe, {OutcomeStatus::failed, Value{{"exit_code", 2}}, {}});
    CHECK(left.started() == "s:probe");
    CHECK(left.state().open_question("doubt/s").has_value());
  }
  SUBCASE("its owner ends too: it is begun again") {
    left.state().apply(Claimed{"third"});
    CHECK(std::ranges::any_of(decide(left.state()), [](const Command& command) {
      const auto* start = std::get_if<StartAction>(&command);
      return start != nullptr && start->at == probe;
    }));
  }
}

TEST_CASE("doubt: a process is killed while a step runs, and the next owner asks, undoes and ends") {
  const TempFolder folder;
  const std::string file = (folder.path() / "runs.db").string();
  const Parsed parsed = parse_markdown(R"(# T
## Steps
1. First {#first}
   ```sh
   echo first >> log
   ```
   Rollback:
   ```sh
   echo undo-first >> log
   ```
2. Slow {#slow}
   ```sh
   echo slow >> log; exec sleep 2
   ```
   Rollback:
   ```sh
   echo undo-slow >> log
   ```
)");
  REQUIRE(parsed.ok());
  const Plan plan = make_plan(parsed.runbook, builtin_handlers()).value();
  const pid_t child = ::fork();
  if (child == 0) {
    Executor executor(builtin_handlers(), {.store = open_sqlite(file).value(), .supervision = Supervision::none});
    static_cast<void>(executor.start(plan, {.run_id = "r1", .directory = folder.path().string()}).wait());
    ::_exit(0);
  }
  while (content(folder.path() / "log") != "first\nslow\n") std::this_thread::sleep_for(5ms);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);

  Executor executor(builtin_handlers(), {.store = open_sqlite(file).value(), .supervision = Supervision::none});
  const RunHandle run = executor.resume("r1");
  while (!run.answer("doubt/slow", {.yes = true, .who = "Ada", .text = "failed"})) std::this_thread::sleep_for(5ms);
  const RunResult result = run.wait();
  CHECK(result.status == RunStatus::rolled_back);
  CHECK(content(folder.path() / "log") == "first\nslow\nundo-slow\nundo-first\n");
  CHECK_THROWS_AS(static_cast<void>(executor.resume("r1")), Exception);
}
