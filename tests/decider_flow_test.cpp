// Conditions, loops, graphs and repetition, in a simulated world.
#include "support/flow_books.hpp"
#include "support/simulated_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// Attempts at the action with this id fail.
World failing(const Plan& plan, std::string id, std::uint32_t iteration = 0) {
  World world;
  world.outcome = [&plan, id = std::move(id), iteration](const ActionRef& at, std::uint32_t) {
    const bool fails = plan.steps()[at.step].id == id && at.iteration == iteration && at.kind == ActionKind::forward;
    return fails ? Outcome{OutcomeStatus::failed, nullptr, "no"} : Outcome{};
  };
  return world;
}

SimulatedRun run(const Plan& plan, World world = {}) {
  SimulatedRun run(plan, std::move(world));
  REQUIRE(run.run());
  return run;
}

/// Actions end when nothing else is to be done, questions stay open and no time is over. Returns the commands' events,
/// sorted.
std::string settle(RunState& state) {
  std::vector<std::string> names;
  std::vector<StepOutcome> due;
  bool recorded = true;
  while (recorded) {
    recorded = false;
    for (const Command& command : decide(state)) {
      const auto event = to_event(state, command);
      if (!event) continue;
      recorded = true;
      state.apply(*event);
      names.emplace_back(type_name({0, 0, {}, *event}));
      const auto* start = std::get_if<StartAction>(&command);
      if (start == nullptr || state.plan().action(start->at).asks) continue;
      due.push_back({start->at, start->attempt, Outcome{}, {}, {}, {}});
    }
    if (recorded) continue;
    recorded = !due.empty();
    for (StepOutcome& outcome : due) state.apply(state.judged(std::move(outcome)));
    due.clear();
  }
  std::ranges::sort(names);
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

} // namespace

TEST_CASE("flow: a step whose condition is false is skipped, with what is inside of it") {
  const Plan plan = flow_plan({work("a"), when("1 > 2", group("g", {work("b"), work("c")})), when("2 > 1", work("d")),
                               when("false", work_with_undo("e"))});
  const SimulatedRun done = run(plan);
  CHECK(done.story() == "a -b -c d -e");
  CHECK(done.state().status() == RunStatus::succeeded);
}

TEST_CASE("flow: a condition without a value fails its step") {
  const Plan plan = flow_plan({work_with_undo("a"), when("1 / (1 - 1) == 1", work_with_undo("b")), work("c")});
  const SimulatedRun done = run(plan);
  CHECK(done.story() == "a b! ~a");
  CHECK(done.state().reason().starts_with("step 'b' failed: the condition 1 / (1 - 1) == 1 has no value"));
  CHECK(done.state().status() == RunStatus::rolled_back);
}

TEST_CASE("flow: conditions ask how steps went") {
  Step b = work("b");
  b.on_failure = OnFailure::proceed;
  const Plan plan = flow_plan({work("a"), b, when("steps.a.stdout == 'old' && steps.b.exit_code == 3", work("c")),
                               when("steps.b.status == 'ok'", work("d")), when("steps.a.json.n == 1", work("e")),
                               when("steps.d.status == 'skipped'", work("f"))});
  World world;
  world.outcome = [&](const ActionRef& at, std::uint32_t) {
    if (plan.steps()[at.step].id != "b") return Outcome{};
    return Outcome{OutcomeStatus::failed, Value{{"exit_code", 3}}, "exit code 3"};
  };
  world.printed = [](const ActionRef&, std::uint32_t) { return "old"; };
  CHECK(run(plan, world).story() == "a b! c -d -e f");
  world.printed = [](const ActionRef&, std::uint32_t) { return R"({"n": 1})"; };
  CHECK(run(plan, world).story() == "a b! -c -d e f");
}

TEST_CASE("flow: a loop is done for each element, in order, and undone in reverse") {
  const Plan plan = flow_plan({work_with_undo("a"), for_each("['x', 'y', 'z']", work_with_undo("b")), work("c")});
  CHECK(run(plan).story() == "a b[1] b[2] b[3] c");
  const SimulatedRun failed = run(plan, failing(plan, "b", 2));
  CHECK(failed.story() == "a b[1] b[2]! ~b[2] ~b[1] ~a");
  CHECK(failed.state().reason() == "step 'b[2]' failed: no");
  CHECK(run(plan, failing(plan, "c")).story() == "a b[1] b[2] b[3] c! ~b[3] ~b[2] ~b[1] ~a");
}

TEST_CASE("flow: what was done for an element and cannot be undone is residue") {
  const Plan plan = flow_plan({for_each("[1, 2, 3]", work("a")), work_with_undo("b")});
  const SimulatedRun done = run(plan, failing(plan, "b"));
  CHECK(done.residue() == "a[1]:no_undo a[2]:no_undo a[3]:no_undo");
}

TEST_CASE("flow: a loop over several steps goes through them for each element") {
  const Plan plan =
      flow_plan({for_each("[1, 2]", group("g", {work_with_undo("a"), when("item == 2", work_with_undo("b"))}))});
  CHECK(run(plan).story() == "a[1] -b[1] a[2] b[2]");
  CHECK(run(plan, failing(plan, "b", 2)).story() == "a[1] -b[1] a[2] b[2]! ~b[2] ~a[2] ~a[1]");
}

TEST_CASE("flow: elements see themselves, and what a loop captures is a list behind it") {
  Step b = for_each("['x', 'y']", work("b"));
  b.actions[0].capture = "seen";
  const Plan plan = flow_plan({b, work("c")});
  World world;
  world.printed = [](const ActionRef& at, std::uint32_t) { return "out" + std::to_string(at.iteration); };
  SimulatedRun started(plan, world);
  CHECK(!started.run(1));
  CHECK(started.state().values_of({.step = 0, .iteration = 2}) == Values{{"item", "y"}});
  const SimulatedRun done = run(plan, world);
  CHECK(done.state().values() == Values{{"seen", {"out1", "out2"}}});
}

TEST_CASE("flow: a list that is empty is done at once, and what is no list fails the step") {
  const Plan empty = flow_plan({for_each("[]", work("a")), work("b")});
  CHECK(run(empty).story() == "b");
  const Plan wrong = flow_plan({work_with_undo("a"), for_each("7", group("g", {work("b"), work("c")})), work("d")});
  const SimulatedRun done = run(wrong);
  CHECK(done.story() == "a b! ~a");
  CHECK(done.state().reason() == "step 'b' failed: 'foreach' (7) is no list but an int");
  const Plan unasked = flow_plan({when("false", group("g", {for_each("[1]", work("a"))})), work("b")});
  CHECK(run(unasked).story() == "-a b");
}

TEST_CASE("flow: text is a list of its lines, and JSON of a list that list") {
  const Plan plan = flow_plan({work("a"), for_each("steps.a.stdout", when("item != 'y'", work("b")))});
  World world;
  world.printed = [](const ActionRef& at, std::uint32_t) { return at.step == 0 ? "x\n\ny\r\nz z" : ""; };
  CHECK(run(plan, world).story() == "a b[1] -b[2] b[3]");
  world.printed = [](const ActionRef& at, std::uint32_t) { return at.step == 0 ? R"([1, {"n": 2}])" : ""; };
  CHECK(run(plan, world).story() == "a b[1] b[2]");
}

TEST_CASE("flow: so many elements at once as the loop says") {
  const Plan plan = flow_plan({for_each("[1, 2, 3, 4, 5, 6, 7]", work_with_undo("a"), 3), work("b")});
  World world;
  world.pick = [](std::size_t count) { return count - 1; };
  const SimulatedRun done = run(plan, world);
  CHECK(done.most_at_once() == 3);
  CHECK(done.story() == "a[3] a[4] a[5] a[6] a[7] a[2] a[1] b");
}

TEST_CASE("flow: what runs beside a failure is let end, nothing begins, and the undos go by the order of start") {
  const Plan plan = flow_plan({for_each("[1, 2, 3, 4]", work_with_undo("a"), 3)});
  World world = failing(plan, "a", 2);
  world.pick = [](std::size_t count) { return count == 3 ? 1 : count - 1; };
  CHECK(run(plan, world).story() == "a[2]! a[3] a[1] ~a[3] ~a[2] ~a[1]");
}

TEST_CASE("flow: steps that do not need each other run at once, up to the limit") {
  const Plan plan = flow_plan({work("a"), needs({"a"}, work("b")), needs({"a"}, work("c")), needs({"a"}, work("d")),
                               needs({"b", "d"}, work("e")), work("f")});
  World world;
  world.parallel = 8;
  world.pick = [](std::size_t count) { return count - 1; };
  const SimulatedRun wide = run(plan, world);
  CHECK(wide.most_at_once() == 3);
  CHECK(wide.story() == "a d c b e f");
  world.parallel = 2;
  const SimulatedRun narrow = run(plan, world);
  CHECK(narrow.most_at_once() == 2);
  CHECK(narrow.story() == "a c d b e f");
  CHECK(run(plan).story() == "a b c d e f");
}

TEST_CASE("flow: a step that needs nothing of its section still waits for the sections in front of it") {
  Runbook book("flow");
  book.prerequisites = {work("ready")};
  book.steps = {work("a"), work("b"), needs({"a"}, work("c"))};
  book.verification = {work("good")};
  const Plan plan = make_plan(book, flow_handlers()).value();
  World world;
  world.parallel = 8;
  CHECK(run(plan, world).story() == "ready a b c good");
  CHECK(plan.units()[3].after == std::vector<PlannedUnit::Range>{{0, 2}});
  CHECK(plan.units()[4].after == std::vector<PlannedUnit::Range>{{0, 4}});
  CHECK(plan.units()[1].apart);
  CHECK(!plan.units()[4].apart);
}

TEST_CASE("flow: an action is repeated until its condition is true") {
  const Plan plan = flow_plan({until("steps.a.stdout == 'up'", 5, work("a")), work("b")});
  World world;
  world.printed = [](const ActionRef&, std::uint32_t attempt) { return attempt == 3 ? "up" : "down"; };
  const SimulatedRun done = run(plan, world);
  CHECK(done.story() == "a! a! a b");
  world.printed = [](const ActionRef&, std::uint32_t) { return "down"; };
  const SimulatedRun never = run(plan, world);
  CHECK(never.story() == "a! a! a! a! a! a!");
  CHECK(never.state().reason() == "step 'a' failed: not yet: steps.a.stdout == 'up'");
}

TEST_CASE("flow: the condition of a repetition decides, whatever the handler says of the attempt") {
  const Plan plan = flow_plan({until("steps.a.exit_code == 3", 5, work("a")), work("b")});
  World world;
  world.outcome = [](const ActionRef& at, std::uint32_t attempt) {
    if (at.step > 0) return Outcome{};
    const OutcomeStatus status = attempt == 1 ? OutcomeStatus::ok : OutcomeStatus::failed;
    return Outcome{status, Value{{"exit_code", attempt}}, "x"};
  };
  CHECK(run(plan, world).story() == "a! a! a b");
}

TEST_CASE("flow: a question beside work waits, and the run parks when nothing else goes on") {
  const Plan plan = flow_plan(
      {work("a"), needs({"a"}, question("ask")), needs({"a"}, work("b")), needs({"b"}, work("c")), work("d")});
  World world;
  world.parallel = 4;
  world.answer = [](QuestionKind) { return std::optional<bool>(); };
  const SimulatedRun parked = run(plan, world);
  CHECK(parked.story() == "a b c");
  CHECK(parked.state().status() == RunStatus::parked);
  RunState state(plan);
  for (const EventData& event : parked.events()) state.apply(event);
  state.apply(Claimed{"another"});
  const auto commands = decide(state);
  REQUIRE(commands.size() == 1);
  CHECK(std::holds_alternative<Ask>(commands[0]));
}

TEST_CASE("flow: a new owner asks again what is open and begins pauses and time limits anew") {
  Step waits = until("steps.b.stdout == 'up'", 3, work("b"));
  waits.actions[0].retry.delay = waits.actions[0].retry.max_delay = std::chrono::seconds{1};
  waits.actions[0].timeout = std::chrono::seconds{5};
  const Plan plan = flow_plan({work("a"), needs({"a"}, question("ask")), needs({"a"}, waits)});
  RunState state(plan);
  const auto header = std::make_shared<RunHeader>();
  header->rules = rules_version;
  header->parallel = 4;
  header->timeout = std::chrono::minutes{1};
  header->outline = plan.outline();
  state.apply(RunCreated{header});
  settle(state);
  CHECK(state.open_question("ask").has_value());
  CHECK(settle(state).empty());
  state.apply(Claimed{"another"});
  CHECK(settle(state) == "timer_set timer_set wait_opened"); // of the run, and of the pause
  state.apply(TimerFired{{.step = 2}, 2, TimerKind::retry});
  CHECK(settle(state) == "step_intent timer_set timer_set"); // of the action, and of the next pause
  CHECK(state.open_question("ask").has_value());
  CHECK(settle(state).empty());
}

TEST_CASE("flow: a question beside a failure is withdrawn") {
  const Plan plan = flow_plan({work("a"), needs({"a"}, question("ask")), needs({"a"}, work_with_undo("b"))});
  World world = failing(plan, "b");
  world.parallel = 4;
  world.answer = [](QuestionKind) { return std::optional<bool>(); };
  world.cancel = [] { return false; };
  SimulatedRun done(plan, world);
  REQUIRE(done.run());
  CHECK(done.story() == "a b! ask/ ~b");
}

TEST_CASE("flow: the run's own time limit stops it as a cancel does") {
  const Plan plan = flow_plan({work_with_undo("a"), work("b")});
  World world;
  world.timeout = std::chrono::milliseconds{50};
  SimulatedRun started(plan, world);
  CHECK(!started.run(1));
  RunState state(plan);
  for (const EventData& event : started.events()) state.apply(event);
  state.apply(TimerFired{{}, 1, TimerKind::run});
  auto commands = decide(state);
  REQUIRE(commands.size() == 1);
  CHECK(std::holds_alternative<BeginRollback>(commands[0])); // `a` is done, `b` has not begun
  CHECK(state.reason() == "not done after 50 ms");
}

TEST_CASE("flow: what is repeated with a time limit ends when that is over, in a pause or not") {
  Step step = until("steps.a.stdout == 'up'", 0, work_with_undo("a"));
  step.actions[0].timeout = std::chrono::seconds{5};
  step.actions[0].retry.delay = step.actions[0].retry.max_delay = std::chrono::seconds{1};
  const Plan plan = flow_plan({step});
  SimulatedRun begun(plan, {});
  CHECK(!begun.run(1)); // one attempt, then a pause
  RunState pausing(plan);
  bool has_deadline = false;
  for (const EventData& event : begun.events()) {
    pausing.apply(event);
    const auto* timer = std::get_if<TimerSet>(&event);
    if (timer != nullptr && timer->kind == TimerKind::deadline) has_deadline = timer->delay == std::chrono::seconds{5};
  }
  CHECK(has_deadline);
  const ActionRef at{};
  pausing.apply(TimerFired{at, 1, TimerKind::deadline});
  const auto commands = decide(pausing);
  REQUIRE(commands.size() == 1);
  const auto outcome = std::get<StepOutcome>(*to_event(pausing, commands[0]));
  CHECK(outcome.outcome.status == OutcomeStatus::timed_out);
  pausing.apply(outcome);
  CHECK(pausing.reason() == "step 'a' timed out: not true after 5000 ms: steps.a.stdout == 'up'");
  REQUIRE(!decide(pausing).empty());
  CHECK(std::holds_alternative<BeginRollback>(decide(pausing)[0]));
}

TEST_CASE("flow: an attempt that its time limit has stopped has timed out") {
  Step step = until("steps.a.stdout == 'up'", 0, work("a"));
  step.actions[0].timeout = std::chrono::seconds{5};
  const Plan plan = flow_plan({step});
  RunState state(plan);
  auto header = std::make_shared<RunHeader>();
  header->rules = rules_version;
  state.apply(RunCreated{header});
  const ActionRef at{};
  state.apply(StepIntent{at, 1, {}});
  state.apply(TimerSet{at, 1, std::chrono::seconds{5}, TimerKind::deadline});
  CHECK(decide(state).empty());
  state.apply(TimerFired{at, 1, TimerKind::deadline});
  REQUIRE(decide(state).size() == 1);
  CHECK(std::holds_alternative<StopAction>(decide(state)[0]));
  const StepOutcome judged = state.judged({.at = at, .attempt = 1, .outcome = {OutcomeStatus::cancelled, nullptr, {}}});
  CHECK(judged.outcome.status == OutcomeStatus::timed_out);
  state.apply(judged);
  CHECK(state.reason() == "step 'a' timed out: not true after 5000 ms: steps.a.stdout == 'up'");
}

TEST_CASE("flow: a question that nobody has answered in its time counts as answered with no") {
  Step ask = question("ask");
  ask.actions[0].timeout = std::chrono::minutes{5};
  ask.rollback("work");
  const Plan plan = flow_plan({ask});
  RunState state(plan);
  auto header = std::make_shared<RunHeader>();
  header->rules = rules_version;
  header->outline = plan.outline();
  state.apply(RunCreated{header});
  std::vector<std::string> done;
  for (int i = 0; i < 3; ++i) {
    for (const Command& command : decide(state)) {
      if (auto event = to_event(state, command)) {
        done.emplace_back(type_name(Event{.data = *event}));
        state.apply(*event);
      }
    }
  }
  CHECK(done == std::vector<std::string>{"step_intent", "timer_set", "wait_opened"});
  state.apply(TimerFired{{}, 1, TimerKind::deadline});
  const auto commands = decide(state);
  REQUIRE(commands.size() == 2);
  CHECK(std::holds_alternative<Withdraw>(commands[0]));
  state.apply(*to_event(state, commands[1]));
  CHECK(state.reason() == "step 'ask' timed out: no answer after 300000 ms");
  CHECK(std::holds_alternative<BeginRollback>(decide(state).at(0)));
}

TEST_CASE("flow: pauses are shorter by chance, within the jitter, and the same whenever they are asked for") {
  Step step = for_each("[1, 2, 3, 4, 5, 6, 7, 8]", work("a"), 8);
  step.actions[0].retry = {
      .retries = 1, .delay = std::chrono::seconds{10}, .max_delay = std::chrono::seconds{10}, .jitter = 20};
  const Plan plan = flow_plan({step});
  World world;
  world.outcome = [](const ActionRef&, std::uint32_t attempt) {
    return Outcome{attempt == 1 ? OutcomeStatus::failed : OutcomeStatus::ok, nullptr, {}};
  };
  const auto pauses = [&] {
    std::vector<std::int64_t> found;
    const SimulatedRun done = run(plan, world);
    for (const EventData& event : done.events()) {
      const auto* timer = std::get_if<TimerSet>(&event);
      if (timer != nullptr) found.push_back(timer->delay.count());
    }
    return found;
  };
  const auto first = pauses();
  REQUIRE(first.size() == 8);
  CHECK(first == pauses());
  CHECK(std::ranges::all_of(first, [](std::int64_t delay) { return delay >= 8000 && delay <= 10'000; }));
  CHECK(std::set<std::int64_t>(first.begin(), first.end()).size() > 4);
}

TEST_CASE("flow: what somebody keeps of the values is not changed by what is captured later") {
  Step a = work("a");
  a.actions[0].capture = "x";
  const Plan plan = flow_plan({a, work("b")});
  RunState state(plan);
  auto header = std::make_shared<RunHeader>();
  header->rules = rules_version;
  state.apply(RunCreated{header});
  state.apply(StepIntent{{}, 1, {}});
  const auto kept = state.shared_values_of({});
  const RunState copy = state;
  state.apply(StepOutcome{.at = {}, .attempt = 1, .captured = "new"});
  CHECK(state.values() == Values{{"x", "new"}});
  CHECK(kept->empty());
  CHECK(copy.values().empty());
}

TEST_CASE("flow: the state tells whether there is more to come of a step, or of its undo") {
  Step a = work_with_undo("a");
  a.use("work").check("work");
  a.actions[1].retry = {.retries = 1, .delay = std::chrono::seconds{1}, .max_delay = std::chrono::seconds{1}};
  const Plan plan = flow_plan({a, work("b")});
  RunState state(plan);
  auto header = std::make_shared<RunHeader>();
  header->rules = rules_version;
  header->outline = plan.outline();
  const ActionRef first{};
  const ActionRef second{.part = 1};
  const ActionRef check{.kind = ActionKind::check};
  const auto after = [&](const EventData& event) {
    state.apply(event);
    return state.is_under_way(first);
  };
  CHECK(!after(RunCreated{header}));
  CHECK(after(StepIntent{first, 1, {}}));
  CHECK(after(StepOutcome{.at = first, .attempt = 1}));
  CHECK(after(StepIntent{second, 1, {}}));
  CHECK(after(StepOutcome{.at = second, .attempt = 1, .outcome = {OutcomeStatus::failed, nullptr, {}}}));
  CHECK(after(TimerSet{second, 2, std::chrono::seconds{1}}));
  CHECK(after(TimerFired{second, 2}));
  CHECK(after(StepIntent{second, 2, {}}));
  CHECK(after(StepOutcome{.at = second, .attempt = 2}));
  CHECK(after(StepIntent{check, 1, {}}));
  CHECK(!state.is_under_way({.kind = ActionKind::undo}));
  CHECK(!after(StepOutcome{.at = check, .attempt = 1, .outcome = {OutcomeStatus::failed, nullptr, {}}}));
  CHECK(!after(RollbackBegun{"why"}));
  state.apply(StepIntent{{.kind = ActionKind::undo}, 1, {}});
  CHECK(state.is_under_way({.kind = ActionKind::undo}));
}

TEST_CASE("flow: a step that needs thousands of others begins when the last of them is done") {
  std::vector<Step> steps;
  std::vector<std::string> needed;
  for (int i = 0; i < 4000; ++i) {
    steps.push_back(i == 0 ? work("s0") : needs({"s0"}, work("s" + std::to_string(i))));
    if (i % 2 == 1) needed.push_back("s" + std::to_string(i));
  }
  steps.push_back(needs(needed, work("last")));
  const Plan plan = flow_plan(std::move(steps));
  World world;
  world.parallel = 64;
  world.pick = [](std::size_t count) { return count - 1; };
  SimulatedRun done(plan, world);
  REQUIRE(done.run(100'000));
  CHECK(done.state().status() == RunStatus::succeeded);
  CHECK(done.most_at_once() == 64);
}

TEST_CASE("flow: parts of the general rollback have conditions too") {
  Runbook book("flow");
  book.steps = {work_with_undo("a"), work("b")};
  book.rollback = {when("steps.a.status == 'failed'", work("first")), when("run.rolls_back", work("second"))};
  const Plan plan = make_plan(book, flow_handlers()).value();
  const SimulatedRun done = run(plan, failing(plan, "b"));
  CHECK(done.story() == "a b! ~a -first second");
  CHECK(done.state().status() == RunStatus::rolled_back);
  book.rollback[0].flow->when.text = "1 / (1 - 1) == 1";
  const Plan broken = make_plan(book, flow_handlers()).value();
  const SimulatedRun partly = run(broken, failing(broken, "b"));
  CHECK(partly.story() == "a b! ~a first! second");
  CHECK(partly.residue() == "b:no_undo first:undo_failed");
}

TEST_CASE("flow: a step of a loop that may fail does not end its element nor the others") {
  Step may_fail = work("b");
  may_fail.on_failure = OnFailure::proceed;
  const Plan plan = flow_plan({for_each("[1, 2]", group("g", {work("a"), may_fail, work("c")})), work("d")});
  CHECK(run(plan, failing(plan, "b", 1)).story() == "a[1] b[1]! c[1] a[2] b[2] c[2] d");
}
