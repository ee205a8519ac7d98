// The rules of a run, each told as a story: see SimulatedRun::story.
#include "support/plan_builder.hpp"
#include "support/simulated_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace runbook;
using namespace runbook::testing;

namespace {

// Fails the forward actions of the steps named in `failing`, and the undos of those in `undo_failing`.
World failing(const Plan& plan, const std::string& failing, const std::string& undo_failing = {}) {
  World world;
  world.outcome = [plan, failing, undo_failing](const ActionRef& at, std::uint32_t) {
    const std::string& id = plan.steps()[at.step].id;
    const std::string& bad = at.kind == ActionKind::undo ? undo_failing : failing;
    if ((" " + bad + " ").find(" " + id + " ") == std::string::npos) return Outcome{};
    return Outcome{OutcomeStatus::failed, nullptr, "exit code 1"};
  };
  return world;
}

Plan three_steps_with_undo() {
  PlanBuilder book;
  for (const char* id : {"a", "b", "c"}) book.step_with_undo(id);
  return book.build();
}

// A cancel that comes while the n-th thing is under way, and again as often as `times` says.
std::function<bool()> cancel_at(int n, int times = 1) {
  return [n, times, seen = 0, sent = 0]() mutable {
    ++seen;
    if (seen <= n || sent == times) return false;
    ++sent;
    return true;
  };
}

} // namespace

TEST_CASE("decider: prerequisites come first then steps then verification") {
  PlanBuilder book;
  book.add(Section::prerequisites, "ready");
  PlannedStep& step = book.step("a");
  step.forward.push_back(PlanBuilder::action());
  step.checks.push_back(PlanBuilder::action());
  book.step("b");
  book.add(Section::verification, "works");
  book.add(Section::rollback, "never");
  SimulatedRun run(book.build(), {});
  REQUIRE(run.run());
  CHECK(run.story() == "ready a a a? b works");
  CHECK(run.state().status() == RunStatus::succeeded);
  CHECK(run.state().residue().empty());
}

TEST_CASE("decider: a failed step undoes what started with itself first and newest first") {
  const Plan plan = three_steps_with_undo();
  SimulatedRun run(plan, failing(plan, "b"));
  REQUIRE(run.run());
  CHECK(run.story() == "a b! ~b ~a");
  CHECK(run.state().status() == RunStatus::rolled_back);
  CHECK(run.state().reason() == "step 'b' failed: exit code 1");
}

TEST_CASE("decider: a failed verification rolls everything back") {
  PlanBuilder book;
  book.step_with_undo("a");
  book.step_with_undo("b");
  book.add(Section::verification, "works").effect = Effect::pure;
  const Plan plan = book.build();
  SimulatedRun run(plan, failing(plan, "works"));
  REQUIRE(run.run());
  CHECK(run.story() == "a b works! ~b ~a");
  CHECK(run.state().status() == RunStatus::rolled_back);
}

TEST_CASE("decider: a failed prerequisite ends the run and nothing is undone") {
  PlanBuilder book;
  book.add(Section::prerequisites, "ready").effect = Effect::pure;
  book.step_with_undo("a");
  book.add(Section::rollback, "general");
  const Plan plan = book.build();
  SimulatedRun run(plan, failing(plan, "ready"));
  REQUIRE(run.run());
  CHECK(run.story() == "ready!");
  CHECK(run.state().status() == RunStatus::failed);
  CHECK(run.state().residue().empty());
}

TEST_CASE("decider: an undo that fails is residue and the others still run") {
  const Plan plan = three_steps_with_undo();
  SimulatedRun run(plan, failing(plan, "c", "b"));
  REQUIRE(run.run());
  CHECK(run.story() == "a b c! ~c ~b! ~a");
  CHECK(run.state().status() == RunStatus::partially_rolled_back);
  CHECK(run.residue() == "b:undo_failed");
}

TEST_CASE("decider: after a failed undo the rollback stops if the run says so") {
  const Plan plan = three_steps_with_undo();
  World world = failing(plan, "c", "b");
  world.on_rollback_failure = OnRollbackFailure::stop;
  SimulatedRun run(plan, world);
  REQUIRE(run.run());
  CHECK(run.story() == "a b c! ~c ~b!");
  CHECK(run.residue() == "a:undo_abandoned b:undo_failed");
}

TEST_CASE("decider: after a failed undo a person decides if the run says so") {
  const Plan plan = three_steps_with_undo();
  World world = failing(plan, "c", "c b");
  world.on_rollback_failure = OnRollbackFailure::ask;
  int asked = 0;
  world.answer = [&asked](QuestionKind kind) {
    CHECK(kind == QuestionKind::continue_rollback);
    return std::optional<bool>(++asked == 1);
  };
  SimulatedRun run(plan, world);
  REQUIRE(run.run());
  CHECK(run.story() == "a b c! ~c! ~b!");
  CHECK(asked == 2);
  CHECK(run.residue() == "a:undo_abandoned b:undo_failed c:undo_failed");
}

TEST_CASE("decider: steps without an undo are residue unless they are pure") {
  PlanBuilder book;
  book.step("changes");
  book.step("looks").effect = Effect::pure;
  book.step_with_undo("a");
  book.step("fails").effect = Effect::pure;
  const Plan plan = book.build();
  SimulatedRun run(plan, failing(plan, "fails"));
  REQUIRE(run.run());
  CHECK(run.story() == "changes looks a fails! ~a");
  CHECK(run.state().status() == RunStatus::partially_rolled_back);
  CHECK(run.residue() == "changes:no_undo");
}

TEST_CASE("decider: with nothing to undo the run has failed and names the residue") {
  PlanBuilder book;
  book.step("changes");
  book.step("fails");
  const Plan plan = book.build();
  SimulatedRun run(plan, failing(plan, "fails"));
  REQUIRE(run.run());
  CHECK(run.state().status() == RunStatus::failed);
  CHECK(run.residue() == "changes:no_undo fails:no_undo");
}

TEST_CASE("decider: an irreversible step is residue and the others are undone") {
  PlanBuilder book;
  book.step_with_undo("a");
  book.step("mail").irreversible = true;
  book.step_with_undo("c");
  const Plan plan = book.build();
  SimulatedRun run(plan, failing(plan, "c"));
  REQUIRE(run.run());
  CHECK(run.story() == "a mail c! ~c ~a");
  CHECK(run.residue() == "mail:irreversible");
}

TEST_CASE("decider: the general rollback runs in document order after the stack") {
  PlanBuilder book;
  book.step_with_undo("a");
  book.step("b");
  book.add(Section::rollback, "g1");
  book.add(Section::rollback, "g2");
  const Plan plan = book.build();
  SimulatedRun run(plan, failing(plan, "b"));
  REQUIRE(run.run());
  CHECK(run.story() == "a b! ~a g1 g2");
  CHECK(run.state().status() == RunStatus::rolled_back);
}

TEST_CASE("decider: a general rollback that fails covers nothing") {
  PlanBuilder book;
  book.step("b");
  book.add(Section::rollback, "g1");
  book.add(Section::rollback, "g2");
  const Plan plan = book.build();
  SimulatedRun run(plan, failing(plan, "b g1"));
  REQUIRE(run.run());
  CHECK(run.story() == "b! g1! g2");
  CHECK(run.state().status() == RunStatus::partially_rolled_back);
  CHECK(run.residue() == "b:no_undo g1:undo_failed");
}

TEST_CASE("decider: a rollback that is declined names what was not undone") {
  const Plan plan = three_steps_with_undo();
  World world = failing(plan, "b");
  SUBCASE("by the run's mode") {
    world.rollback = RollbackMode::never;
  }
  SUBCASE("by a person") {
    world.rollback = RollbackMode::ask;
    world.answer = [](QuestionKind) { return std::optional<bool>(false); };
  }
  SimulatedRun run(plan, world);
  REQUIRE(run.run());
  CHECK(run.story() == "a b!");
  CHECK(run.state().status() == RunStatus::failed);
  CHECK(run.residue() == "a:undo_declined b:undo_declined");
}

TEST_CASE("decider: a rollback that is asked for runs after the yes") {
  const Plan plan = three_steps_with_undo();
  World world = failing(plan, "b");
  world.rollback = RollbackMode::ask;
  SimulatedRun run(plan, world);
  REQUIRE(run.run());
  CHECK(run.story() == "a b! ~b ~a");
}

TEST_CASE("decider: a failed action is tried again as its policy says and the same holds for undos") {
  PlanBuilder book;
  PlannedStep& step = book.step("a");
  step.forward[0].action.retry.retries = 2;
  step.undo.push_back(PlanBuilder::action(1));
  const Plan plan = book.build();
  SUBCASE("until it works") {
    World world;
    world.outcome = [](const ActionRef&, std::uint32_t attempt) {
      return Outcome{attempt < 3 ? OutcomeStatus::failed : OutcomeStatus::ok, nullptr, {}};
    };
    SimulatedRun run(plan, world);
    REQUIRE(run.run());
    CHECK(run.story() == "a! a! a");
    CHECK(run.state().status() == RunStatus::succeeded);
  }
  SUBCASE("until the attempts are used up") {
    SimulatedRun run(plan, failing(plan, "a", "a"));
    REQUIRE(run.run());
    CHECK(run.story() == "a! a! a! ~a! ~a!");
    CHECK(run.residue() == "a:undo_failed");
  }
}

TEST_CASE("decider: the pauses between attempts double up to their limit") {
  PlanBuilder book;
  PlannedStep& step = book.step("a");
  step.forward[0].action.retry = {
      .retries = 5, .delay = std::chrono::milliseconds{100}, .max_delay = std::chrono::milliseconds{500}};
  const Plan plan = book.build();
  SimulatedRun run(plan, failing(plan, "a"));
  REQUIRE(run.run());
  std::vector<std::int64_t> delays;
  for (const EventData& event : run.events()) {
    if (const auto* timer = std::get_if<TimerSet>(&event)) delays.push_back(timer->delay.count());
  }
  CHECK(delays == std::vector<std::int64_t>{100, 200, 400, 500, 500});
}

TEST_CASE("decider: a failed step goes on or stops as it says") {
  PlanBuilder book;
  book.step_with_undo("a");
  PlannedStep& b = book.step_with_undo("b");
  SUBCASE("continue") {
    b.on_failure = OnFailure::proceed;
  }
  SUBCASE("stop") {
    b.on_failure = OnFailure::stop;
  }
  const OnFailure on_failure = b.on_failure;
  book.step_with_undo("c");
  const Plan plan = book.build();
  SimulatedRun run(plan, failing(plan, "b"));
  REQUIRE(run.run());
  if (on_failure == OnFailure::proceed) {
    CHECK(run.story() == "a b! c");
    CHECK(run.state().status() == RunStatus::succeeded);
  } else {
    CHECK(run.story() == "a b!");
    CHECK(run.state().status() == RunStatus::failed);
    CHECK(run.residue() == "a:undo_declined b:undo_declined");
  }
}

TEST_CASE("decider: a question is a step of its own and no means failure") {
  PlanBuilder book;
  book.step_with_undo("a");
  book.step("tell").forward[0] = PlanBuilder::question();
  const Plan plan = book.build();
  World world;
  SUBCASE("yes") {
    SimulatedRun run(plan, world);
    REQUIRE(run.run());
    CHECK(run.story() == "a tell");
    CHECK(run.state().status() == RunStatus::succeeded);
  }
  SUBCASE("no") {
    world.answer = [](QuestionKind) { return std::optional<bool>(false); };
    SimulatedRun run(plan, world);
    REQUIRE(run.run());
    CHECK(run.story() == "a tell! ~a");
    CHECK(run.residue() == "tell:no_undo");
  }
  SUBCASE("nobody is there") {
    world.answer = [](QuestionKind) { return std::optional<bool>(); };
    SimulatedRun run(plan, world);
    REQUIRE(run.run());
    CHECK(run.story() == "a");
    CHECK(run.state().status() == RunStatus::parked);
    CHECK(decide(run.state()).empty());
  }
}

TEST_CASE("decider: no answer is never yes") {
  PlanBuilder book;
  book.step("tell").forward[0] = PlanBuilder::question();
  RunState state(book.build());
  auto header = std::make_shared<RunHeader>();
  state.apply(RunCreated{header});
  for (int turn = 0; turn < 3; ++turn) {
    for (const Command& command : decide(state)) {
      if (auto event = to_event(state, command)) state.apply(*event);
    }
  }
  CHECK(state.open_question("tell").has_value());
  CHECK(decide(state).empty());
  state.apply(WaitAnswered{"another", true, "x", {}});
  CHECK(decide(state).empty());
  state.apply(WaitAnswered{"tell", false, "x", {}});
  state.apply(WaitAnswered{"tell", true, "y", {}}); // too late: the first answer counts
  const auto commands = decide(state);
  REQUIRE(commands.size() == 1);
  CHECK(std::get<SettleAction>(commands[0]).outcome.message == "answered no by x");
}

TEST_CASE("decider: cancel stops what runs and rolls back with nothing new started") {
  const Plan plan = three_steps_with_undo();
  World world = failing(plan, "b"); // the step that is stopped does not end well
  world.cancel = cancel_at(1);
  SimulatedRun run(plan, world);
  REQUIRE(run.run());
  CHECK(run.story() == "a b/ ~b ~a");
  CHECK(run.state().status() == RunStatus::rolled_back);
  CHECK(run.state().reason() == "cancelled by somebody");
}

TEST_CASE("decider: a cancel with nothing to undo ends as cancelled") {
  PlanBuilder book;
  book.step("a");
  book.step("b");
  World world;
  world.cancel = cancel_at(0);
  SimulatedRun run(book.build(), world);
  REQUIRE(run.run());
  CHECK(run.story() == "a");
  CHECK(run.state().status() == RunStatus::cancelled);
  CHECK(run.residue() == "a:no_undo");
}

TEST_CASE("decider: a cancel while a question is open settles it") {
  PlanBuilder book;
  book.step_with_undo("a");
  book.step("tell").forward[0] = PlanBuilder::question();
  World world;
  world.cancel = cancel_at(1);
  SimulatedRun run(book.build(), world);
  REQUIRE(run.run());
  CHECK(run.story() == "a tell/ ~a");
}

TEST_CASE("decider: a second cancel asks and the rollback goes on meanwhile") {
  const Plan plan = three_steps_with_undo();
  World world = failing(plan, "c");
  world.cancel = cancel_at(2, 2);
  SUBCASE("keep on") {
    world.answer = [](QuestionKind kind) {
      CHECK(kind == QuestionKind::stop_rollback);
      return std::optional<bool>(false);
    };
    SimulatedRun run(plan, world);
    REQUIRE(run.run());
    CHECK(run.story() == "a b c/ ~c ~b ~a");
    CHECK(run.state().status() == RunStatus::rolled_back);
  }
  SUBCASE("nobody is there to answer") {
    world.answer = [](QuestionKind) { return std::optional<bool>(); };
    SimulatedRun run(plan, world);
    REQUIRE(run.run());
    CHECK(run.story() == "a b c/ ~c ~b ~a");
    CHECK(run.state().status() == RunStatus::rolled_back);
  }
  SUBCASE("give up") {
    SimulatedRun run(plan, world);
    REQUIRE(run.run());
    CHECK(run.state().status() == RunStatus::partially_rolled_back);
    CHECK(run.residue().find("a:undo_abandoned") != std::string::npos);
  }
}

TEST_CASE("decider: cancels that come before the rollback do not give it up") {
  const Plan plan = three_steps_with_undo();
  World world = failing(plan, "c");
  world.answer = [](QuestionKind) { return std::optional<bool>(); };
  world.cancel = cancel_at(2, 5);
  SimulatedRun run(plan, world);
  REQUIRE(run.run());
  CHECK(run.story() == "a b c/ ~c ~b ~a");
  CHECK(run.state().status() == RunStatus::rolled_back);
}

TEST_CASE("decider: a cancel during the rollback asks and one more gives it up and names every residue") {
  const Plan plan = three_steps_with_undo();
  World world = failing(plan, "c", "c");
  std::vector<QuestionKind> asked;
  world.answer = [&](QuestionKind kind) {
    asked.push_back(kind);
    return std::optional<bool>();
  };
  // While c runs; while its undo runs, which asks; and while it still runs.
  world.cancel = [seen = 0]() mutable {
    ++seen;
    return seen == 3 || seen == 5 || seen == 7;
  };
  SimulatedRun run(plan, world);
  REQUIRE(run.run());
  CHECK(asked == std::vector{QuestionKind::stop_rollback});
  CHECK(run.story() == "a b c/ ~c/");
  CHECK(run.state().status() == RunStatus::partially_rolled_back);
  CHECK(run.residue() == "a:undo_abandoned b:undo_abandoned c:undo_failed");
}

TEST_CASE("decider: a prerequisite that fails ends the run whatever it says") {
  PlanBuilder book;
  PlannedStep& ready = book.step("ready");
  ready.section = Section::prerequisites;
  ready.effect = Effect::pure;
  ready.on_failure = OnFailure::proceed;
  book.step_with_undo("a");
  const Plan plan = book.build();
  SimulatedRun run(plan, failing(plan, "ready"));
  REQUIRE(run.run());
  CHECK(run.story() == "ready!");
  CHECK(run.state().status() == RunStatus::failed);
}

TEST_CASE("decider: a step that is pure leaves nothing behind even if its undo never ran") {
  PlanBuilder book;
  book.step_with_undo("look").effect = Effect::pure;
  book.step_with_undo("a");
  const Plan plan = book.build();
  World world = failing(plan, "a");
  world.rollback = RollbackMode::never;
  SimulatedRun run(plan, world);
  REQUIRE(run.run());
  CHECK(run.residue() == "a:undo_declined");
}

TEST_CASE("decider: no two questions of a run have the same token") {
  PlanBuilder book;
  for (const char* id : {"rollback", "stop-rollback", "continue-rollback"}) {
    book.step_with_undo(id).forward[0] = PlanBuilder::question();
  }
  const Plan plan = book.build();
  World world = failing(plan, "", "rollback stop-rollback continue-rollback");
  world.rollback = RollbackMode::ask;
  world.on_rollback_failure = OnRollbackFailure::ask;
  world.answer = [n = 0](QuestionKind) mutable { return std::optional<bool>(++n != 3); };
  SimulatedRun run(plan, world);
  REQUIRE(run.run());
  std::vector<std::string> tokens;
  for (const EventData& event : run.events()) {
    if (const auto* opened = std::get_if<WaitOpened>(&event)) tokens.push_back(opened->token);
  }
  CHECK(tokens.size() == 6);
  std::ranges::sort(tokens);
  CHECK(std::ranges::adjacent_find(tokens) == tokens.end());
}

TEST_CASE("decider: what a step captures is seen by those after it") {
  PlanBuilder book;
  book.step("a").forward[0].action.capture = "previous";
  RunState state(book.build());
  state.apply(RunCreated{std::make_shared<RunHeader>()});
  state.apply(StepIntent{});
  state.apply(StepOutcome{{}, 1, {}, Value("v1")});
  CHECK(state.values().at("previous") == Value("v1"));
}
