// Runs that were left go on in another executor as if nothing had happened, or are refused.
#include "support/left_runs.hpp"
#include "support/self.hpp"

#include <runbook/parse.hpp>
#include <runbook/testing.hpp>

#include <doctest/doctest.h>

#include <thread>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

Runbook asks_between() {
  Runbook book("asks between");
  book.step("a").use("work", saying("a")).rollback("work", saying("undo-a"));
  book.step("b").use("work", saying("b")).rollback("work", saying("undo-b"));
  book.steps.push_back(ask("sure"));
  book.step("c").use("work", saying("c"));
  return book;
}

/// The plan of the run is made again as it was.
void check_plan_again(Left& left, const Plan& plan) {
  const RunResult parked = left.park(plan);
  const auto again = plan_of_run(*left.store, parked.run, left.handlers);
  REQUIRE_MESSAGE(again.has_value(), to_string(again.error()));
  CHECK(again->digest() == plan.digest());
  const RunResult result = left.take_up(parked.run);
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
}

Plan shell_plan(const Left& left, const std::string& steps) {
  const Parsed parsed = parse_markdown("# T\n## Steps\n" + steps);
  REQUIRE_MESSAGE(parsed.ok(), (parsed.diagnostics.empty() ? "" : to_string(parsed.diagnostics.front())));
  return left.plan(parsed.runbook);
}

} // namespace

TEST_CASE("resume: a run that was parked goes on behind what is done") {
  Left left;
  const RunResult parked = left.park(left.plan(asks_between()), {.actor = "bob"});
  CHECK(left.log() == "a b ");
  const RunResult result = left.take_up(parked.run);
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
  CHECK(left.log() == "a b c ");
  const auto answered = all_of<WaitAnswered>(result.events);
  REQUIRE(answered.size() == 1);
  CHECK(answered[0].who == "ada");
  CHECK(answered[0].message == 0);
  for (std::size_t i = 0; i < result.events.size(); ++i) CHECK(result.events[i].seq == i + 1);
  CHECK(result.events.back().fence == 2);
  CHECK(all_of<Claimed>(result.events).size() == 2);
}

TEST_CASE("resume: a failure afterwards undoes what the first owner did too and newest first") {
  Left left;
  Runbook book = asks_between();
  book.step("d").use("fail", saying("d")).rollback("work", saying("undo-d"));
  const RunResult parked = left.park(left.plan(book));
  CHECK(left.take_up(parked.run).status == RunStatus::partially_rolled_back); // `sure` and `c` have no undo
  CHECK(left.log() == "a b c d! undo-d undo-b undo-a ");
}

TEST_CASE("resume: captures and exports and the directory are as they were") {
  Left left;
  const Plan plan = shell_plan(left, R"(1. Before {#before}
   ```sh capture=token
   mkdir sub; cd sub; export mine=kept; unset HOME; echo t-1
   ```
   Rollback:
   ```sh
   echo "$mine $token" > undone
   ```
2. Ask {#ask}
3. After {#after}
   ```sh pure capture=seen
   echo "$mine $token ${PWD##*/} ${HOME-none}"
   ```
)");
  const RunResult parked = left.park(plan, {.directory = left.folder.path().string()});
  const RunResult result = left.take_up(parked.run);
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
  CHECK(all_of<StepOutcome>(result.events).back().captured == Value("kept t-1 sub none"));
}

TEST_CASE("resume: where a run started is on record, also if nothing was said about it") {
  Left left;
  const std::string here = std::filesystem::current_path().string();
  const Plan plan = left.plan(asks_between());
  const auto directory_of = [](const RunResult& result) {
    return std::get<RunCreated>(result.events.front().data).header->directory;
  };
  CHECK(directory_of(left.park(plan)) == here);
}

TEST_CASE("resume: a run that has ended is not taken up and nothing changes") {
  Left left;
  const RunResult parked = left.park(left.plan(asks_between()));
  const RunResult done = left.take_up(parked.run);
  for (int i = 0; i < 2; ++i) {
    const auto refused = left.refusal(parked.run, {.take_over = true});
    REQUIRE(refused);
    CHECK(refused->code == errc::invalid_argument);
    CHECK(refused->message == "the run has ended: succeeded");
  }
  CHECK(left.store->load(parked.run)->size() == done.events.size());
  CHECK(left.log() == "a b c ");
}

TEST_CASE("resume: a run that is parked again can be taken up again") {
  Left left;
  Runbook book = asks_between();
  book.steps.push_back(ask("again"));
  const std::string run = left.park(left.plan(book)).run;
  for (std::size_t owners = 2; owners < 4; ++owners) {
    Executor executor(left.handlers, left.nobody());
    const RunResult result = executor.resume(run).wait();
    CHECK(result.status == RunStatus::parked);
    CHECK(result.events.back().fence == owners);
  }
  const RunResult result = left.take_up(run);
  CHECK(result.status == RunStatus::succeeded);
  CHECK(result.events.back().fence == 4);
  CHECK(left.log() == "a b c ");
}

TEST_CASE("resume: a rollback that waits for a person goes on where it was") {
  Left left;
  Runbook book("asks in the rollback");
  book.step("a").use("work", saying("a")).rollback("work", saying("undo-a"));
  Step& b = book.step("b").use("work", saying("b")).rollback("confirm", {{"prompt", "Put back?"}});
  b.rollback("work", saying("undo-b"));
  book.step("c").use("work", saying("c")).rollback("fail", saying("undo-c"));
  book.step("d").use("fail", saying("d")).rollback("work", saying("undo-d"));
  const Plan plan = left.plan(book);
  const RunResult parked = left.park(plan, {.on_rollback_failure = OnRollbackFailure::ask});
  CHECK(left.log() == "a b c d! undo-d undo-c! ");
  {
    Executor executor(left.handlers, {.store = left.store});
    Signal asked; // whether the others are still undone
    const RunHandle run = executor.resume(parked.run, {.observer = make_observer([&](const RunHeader&, const Event& e) {
                                                         const auto* opened = std::get_if<WaitOpened>(&e.data);
                                                         if (opened && e.fence == 2) asked.set();
                                                       })});
    REQUIRE(asked.wait());
    CHECK(run.answer("run:continue-rollback/b", {.yes = true, .who = "ada"}).has_value());
  } // which parks it at the question of an undo
  CHECK(left.log() == "a b c d! undo-d undo-c! ");
  const RunResult result = left.take_up(parked.run);
  CHECK(result.status == RunStatus::partially_rolled_back);
  CHECK(left.log() == "a b c d! undo-d undo-c! undo-b undo-a ");
  REQUIRE(result.residue.size() == 1);
  CHECK(result.residue[0] == Residue{2, ResidueCause::undo_failed});
}

TEST_CASE("resume: with a loop or a choice or built in code the plan is the same again") {
  Left left;
  Runbook book("in code");
  book.step("each").use("work", saying("{{ item }}"));
  book.steps[0].flow.emplace().loop = Loop{.over = {.text = "[\"1\", \"2\"]"}};
  book.steps.push_back(ask("sure"));
  book.step("c").use("work", saying("c"));
  book.step("d").use("work", saying("d"));
  check_plan_again(left, left.plan(book));
  CHECK(left.log() == "1 2 c d ");
  check_plan_again(left, choose(choose(left.plan(book), {.skip = {"c"}}).value(), {.from = "sure"}).value());
  CHECK(left.log() == "1 2 c d d ");
}

TEST_CASE("resume: in the middle of a loop the other elements follow") {
  Left left;
  Runbook book("asks for each");
  Step each;
  each.id = "each";
  each.flow.emplace().loop = Loop{.over = {.text = "[\"1\", \"2\"]"}};
  each.steps.push_back(Step{.id = "do"});
  each.steps[0].use("work", saying("{{ item }}")).rollback("work", saying("undo-{{ item }}"));
  each.steps[0].actions[0].capture = "got";
  each.steps.push_back(ask("sure"));
  book.steps.push_back(each);
  book.step("after").use("fail", saying("after")).rollback("work", saying("undo {{ got }}"));
  const RunResult parked = left.park(left.plan(book));
  CHECK(left.log() == "1 ");
  left.take_up(parked.run);
  CHECK(left.log() == "1 2 after! undo [\"1\",\"2\"] undo-2 undo-1 ");
}

TEST_CASE("resume: with a document and runbooks inside the plan is the same again") {
  Left left;
  left.folder.write("inner.md", "# Inner\n## Inputs\n| Name | Type |\n|---|---|\n| word | string |\n\n## Steps\n"
                                "1. Ask {#inner-ask}\n2. Do {#do}\n   ```sh\n   echo \"$word\" >> log\n   ```\n"
                                "   Rollback:\n   ```sh\n   echo undo >> log\n   ```\n");
  left.folder.write("outer.md", "# Outer\n## Steps\n1. [Inner](inner.md) {#inner}\n\n   - `word`: `hello`\n"
                                "2. Fail {#last}\n   ```sh pure\n   false\n   ```\n");
  const Runbook book = load(left.folder / "outer.md").value();
  const Plan plan = left.plan(book);
  const RunResult parked = left.park(plan, {.directory = left.folder.path().string()});
  std::filesystem::remove(left.folder / "inner.md"); // what the store has counts
  std::filesystem::remove(left.folder / "outer.md");
  const auto again = plan_of_run(*left.store, parked.run, left.handlers);
  REQUIRE_MESSAGE(again.has_value(), to_string(again.error()));
  CHECK(again->digest() == plan.digest());
  const RunResult result = left.take_up(parked.run);
  CHECK_MESSAGE(result.residue.size() == 1, result.reason); // the question
  CHECK(left.log() == "hello\nundo\n");
}

TEST_CASE("resume: a run that continues an earlier one leaves out again what that has done") {
  Left left;
  Runbook book("continues");
  book.step("a").use("work", saying("a"));
  book.steps[0].actions[0].capture = "got";
  book.steps.push_back(ask("sure"));
  book.step("b").use("work", saying("{{ got }}"));
  const Plan plan = left.plan(book);
  RunResult first;
  {
    Executor executor(left.handlers, {.store = left.store});
    const RunHandle run = executor.start(plan, {.rollback = RollbackMode::never});
    while (!run.answer("sure", {.yes = false}).has_value()) std::this_thread::sleep_for(1ms);
    first = run.wait();
  }
  check_plan_again(left, continue_from(plan, first.events).value());
  CHECK(left.log() == "a a ");
}

TEST_CASE("resume: a run that is not there and other handlers than it began with are refused") {
  Left left;
  CHECK(left.refusal("nobody").value().code == errc::not_found);
  const RunResult parked = left.park(left.plan(asks_between()));
  left.handlers = builtin_handlers();
  for (const char* name : {"work", "fail", "hang"}) {
    left.handlers.add({.name = name, .effect = Effect::pure}, [](StepContext&) -> Result<Value> { return Value(); });
  }
  const auto refused = left.refusal(parked.run);
  REQUIRE(refused);
  CHECK(refused->code == errc::invalid_document);
  CHECK(refused->message.find("cannot be made again as it was") != std::string::npos);
  left.handlers = builtin_handlers();
  CHECK(left.refusal(parked.run).has_value());
  CHECK(left.store->load(parked.run)->size() == parked.events.size());
}

TEST_CASE("resume: a run whose owner is an executor of this process is refused") {
  Left left;
  Executor owner(left.handlers, {.store = left.store});
  const RunHandle run = owner.start(left.plan(asks_between()));
  for (const bool take_over : {false, true}) {
    const auto refused = left.refusal(run.id(), {.take_over = take_over});
    REQUIRE(refused);
    CHECK(refused->code == errc::invalid_argument);
    CHECK(refused->message.find("its owner") != std::string::npos);
    CHECK(refused->message.find("lives") != std::string::npos);
  }
  while (!run.answer("sure", {.yes = true}).has_value()) std::this_thread::sleep_for(1ms);
  CHECK(run.wait().status == RunStatus::succeeded);
}

TEST_CASE("resume: a run that could not be recorded any more is taken up by another executor of this process") {
  Left left;
  const auto faulty = std::make_shared<FaultyStore>(left.store);
  Executor owner(left.handlers, {.store = faulty});
  Runbook book("two steps");
  for (const std::string id : {"a", "b"}) book.step(id).use("work", saying(id)).rollback("work", saying("undo-" + id));
  faulty->fail_at(2);
  const RunResult halted = owner.run(left.plan(book), {.run_id = "r"});
  REQUIRE(halted.error.has_value());
  CHECK(left.log() == "a ");
  const auto still = left.refusal("another");
  CHECK(still->code == errc::not_found);
  Executor next(left.handlers, {.store = left.store});
  const RunHandle run = next.resume("r");
  while (!run.answer("doubt/a", {.yes = true, .text = "done"})) std::this_thread::sleep_for(1ms);
  CHECK(run.wait().status == RunStatus::succeeded);
  CHECK(left.log() == "a b ");
  CHECK(left.refusal("r")->message.find("the run has ended") == 0);
}

TEST_CASE("resume: that nothing is known of an action is recorded once, however often it is asked") {
  Left left;
  {
    const auto faulty = std::make_shared<FaultyStore>(left.store);
    Executor owner(left.handlers, {.store = faulty});
    Runbook book("one step");
    book.step("a").use("work", saying("a"));
    faulty->fail_at(2);
    REQUIRE(owner.run(left.plan(book), {.timeout = 1h, .run_id = "r"}).error.has_value());
  }
  Executor next(left.handlers, left.nobody());
  CHECK(all_of<StepDoubt>(next.resume("r").wait().events).size() == 1);
}

TEST_CASE("resume: a run that was told a secret is refused") {
  Left left;
  Runbook book("a secret");
  book.step("token").use("confirm", {{"prompt", "Token?"}, {"answer", "secret"}});
  book.steps[0].actions[0].capture = "token";
  book.steps.push_back(ask("sure"));
  book.step("use").use("shell", {{"script", "test -n \"$token\""}});
  std::string run;
  {
    Executor executor(left.handlers, {.store = left.store});
    const RunHandle handle = executor.start(left.plan(book));
    run = handle.id();
    while (!handle.answer("token", {.yes = true, .text = "hunter2-and-more"}).has_value()) {
      std::this_thread::sleep_for(1ms);
    }
  }
  const auto refused = left.refusal(run);
  REQUIRE(refused);
  CHECK(refused->code == errc::secret_unavailable);
}

TEST_CASE("resume: secrets of inputs are got anew") {
  Left left;
  Runbook book("a secret");
  book.inputs.push_back({.name = "token", .type = InputType::secret, .required = true});
  book.steps.push_back(ask("sure"));
  book.step("use").use("shell", {{"script", "test \"$token\" = hunter2-and-more"}});
  StartOptions options;
  options.secrets.emplace("token", Secret("hunter2-and-more"));
  const RunResult parked = left.park(left.plan(book), std::move(options));
  const auto refused = left.refusal(parked.run);
  REQUIRE(refused);
  CHECK(refused->code == errc::secret_unavailable);
  CHECK(left.store->load(parked.run)->size() == parked.events.size());
  ResumeOptions with;
  with.secrets.emplace("token", Secret("hunter2-and-more"));
  CHECK(left.take_up(parked.run, std::move(with)).status == RunStatus::succeeded);
}

TEST_CASE("resume: an observer sees the whole run once and in order") {
  Left left;
  const RunResult parked = left.park(left.plan(asks_between()));
  std::vector<std::uint64_t> seen;
  const auto observer = make_observer([&](const RunHeader& header, const Event& event) {
    CHECK(header.run == parked.run);
    seen.push_back(event.seq);
  });
  const RunResult result = left.take_up(parked.run, {.observer = observer});
  REQUIRE(seen.size() == result.events.size());
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == i + 1);
}
