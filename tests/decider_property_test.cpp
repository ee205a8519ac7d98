// Random runbooks in a random world: whatever happens, a run keeps its promises.
#include "support/random_plan.hpp"
#include "support/simulated_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace runbook;
using namespace runbook::testing;

namespace {

using Random = std::mt19937;

World random_world(Random& random) {
  World world;
  const int trouble = std::uniform_int_distribution<int>(0, 40)(random);
  const int impatience = chance(random, 50) ? 0 : 10;
  world.outcome = [&random, trouble](const ActionRef&, std::uint32_t) {
    Outcome outcome;
    if (chance(random, trouble)) outcome.status = chance(random, 20) ? OutcomeStatus::timed_out : OutcomeStatus::failed;
    return outcome;
  };
  world.answer = [&random, trouble](QuestionKind) -> std::optional<bool> {
    if (chance(random, trouble / 4)) return std::nullopt;
    return !chance(random, trouble);
  };
  world.cancel = [&random, impatience] { return chance(random, impatience); };
  world.rollback = static_cast<RollbackMode>(std::uniform_int_distribution<int>(0, 2)(random));
  world.on_rollback_failure = static_cast<OnRollbackFailure>(std::uniform_int_distribution<int>(0, 2)(random));
  return world;
}

struct Observed {
  std::vector<std::uint32_t> started; // steps with an undo, in order of start
  std::vector<std::uint32_t> undone;  // in order of the undos' start
  std::set<std::uint32_t> touched;
  std::set<std::uint32_t> undone_well; // all actions of the undo succeeded
  bool general_succeeded = false;      // there is a general rollback and all of it succeeded
  std::size_t prerequisites = 0;       // that were started
  bool prerequisite_failed = false;
  bool rollback_begun = false;
  bool forward_after_rollback = false;
  bool overlapping = false;
};

// Whether this is the last action of the general rollback's step.
bool is_last_of_general(const PlannedStep& step, const ActionRef& at) {
  if (step.section != Section::rollback) return false;
  if (step.checks.empty()) return at.kind == ActionKind::forward && at.part + 1U == step.forward.size();
  return at.kind == ActionKind::check && at.part + 1U == step.checks.size();
}

// The steps that did all they were to do: steps whose undo worked, and parts of the general rollback that did.
void note_success(const Plan& plan, const std::vector<EventData>& events, Observed& seen) {
  std::ptrdiff_t general_done = 0;
  for (const EventData& event : events) {
    const auto* outcome = std::get_if<StepOutcome>(&event);
    if (outcome == nullptr || !outcome->outcome.ok()) continue;
    const ActionRef& at = outcome->at;
    const PlannedStep& step = plan.steps()[at.step];
    if (at.kind == ActionKind::undo && at.part + 1U == step.undo.size()) seen.undone_well.insert(at.step);
    if (is_last_of_general(step, at)) ++general_done;
  }
  const auto general =
      std::ranges::count_if(plan.steps(), [](const auto& step) { return step.section == Section::rollback; });
  seen.general_succeeded = general > 0 && general_done == general;
}

Observed observe(const Plan& plan, const std::vector<EventData>& events) {
  Observed seen;
  note_success(plan, events, seen);
  bool open = false;
  for (const EventData& event : events) {
    if (std::holds_alternative<RollbackBegun>(event)) seen.rollback_begun = true;
    if (std::holds_alternative<StepOutcome>(event) || std::holds_alternative<Claimed>(event)) open = false;
    const auto* closed = std::get_if<RunClosed>(&event);
    if (closed != nullptr && closed->reason.starts_with("prerequisite")) seen.prerequisite_failed = true;
    const auto* intent = std::get_if<StepIntent>(&event);
    if (intent == nullptr) continue;
    seen.overlapping = seen.overlapping || open;
    open = true;
    const PlannedStep& step = plan.steps()[intent->at.step];
    const bool first = intent->attempt == 1 && intent->at.part == 0;
    if (intent->at.kind == ActionKind::undo) {
      if (first) seen.undone.push_back(intent->at.step);
    } else if (step.section != Section::rollback) {
      if (seen.rollback_begun) seen.forward_after_rollback = true;
      if (!seen.touched.insert(intent->at.step).second) continue;
      if (!step.undo.empty()) seen.started.push_back(intent->at.step);
      if (step.section == Section::prerequisites) ++seen.prerequisites;
    }
  }
  return seen;
}

bool is_residue(const RunState& state, std::uint32_t step) {
  return std::ranges::any_of(state.residue(), [&](const Residue& residue) { return residue.step == step; });
}

// Every step that was started and is not pure is undone, covered by a general rollback that succeeded, or named.
void check_nothing_hidden(const Plan& plan, const RunState& state, const Observed& seen) {
  if (state.status() == RunStatus::succeeded || state.status() == RunStatus::parked) return;
  for (const std::uint32_t index : seen.touched) {
    const PlannedStep& step = plan.steps()[index];
    if (step.effect == Effect::pure) continue;
    const bool covered = step.undo.empty() && !step.irreversible && seen.general_succeeded;
    CHECK((seen.undone_well.contains(index) || covered || is_residue(state, index)));
  }
  if (state.status() == RunStatus::rolled_back) CHECK(state.residue().empty());
  if (state.status() == RunStatus::partially_rolled_back) CHECK(!state.residue().empty());
}

// The same events give the same commands, at every point of the journal.
void check_replay(const Plan& plan, const std::vector<EventData>& events) {
  RunState once(plan);
  for (std::size_t n = 0; n < events.size(); ++n) {
    once.apply(events[n]);
    RunState again(plan);
    for (std::size_t i = 0; i <= n; ++i) again.apply(events[i]);
    const auto expected = decide(once);
    const auto got = decide(again);
    REQUIRE(expected.size() == got.size());
    for (std::size_t i = 0; i < got.size(); ++i) REQUIRE(expected[i].index() == got[i].index());
    REQUIRE(once.status() == again.status());
    REQUIRE(once.reason() == again.reason());
  }
}

void check_promises(const Plan& plan, const SimulatedRun& run) {
  const Observed seen = observe(plan, run.events());
  CHECK(!seen.forward_after_rollback);
  CHECK(!seen.overlapping);
  // Undone in reverse order of start, each once, without a gap.
  const std::vector<std::uint32_t> expected(seen.started.rbegin(), seen.started.rend());
  REQUIRE(seen.undone.size() <= expected.size());
  CHECK(std::equal(seen.undone.begin(), seen.undone.end(), expected.begin()));
  check_nothing_hidden(plan, run.state(), seen);
  const auto closed =
      std::ranges::count_if(run.events(), [](const EventData& e) { return std::holds_alternative<RunClosed>(e); });
  CHECK(closed == (run.state().status() == RunStatus::parked ? 0 : 1));
  CHECK((!seen.prerequisite_failed || seen.touched.size() == seen.prerequisites));
}

} // namespace

TEST_CASE("decider: random worlds never break a promise") {
  for (std::uint32_t seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Plan plan = random_plan(random);
    SimulatedRun run(plan, random_world(random));
    REQUIRE(run.run());
    check_promises(plan, run);
    if (seed % 50 == 0) check_replay(plan, run.events());
  }
}

// What has no outcome is started again only if it may be, or if somebody says that it was not done.
void check_nothing_is_repeated(const Plan& plan, const std::vector<EventData>& events) {
  std::map<std::string, bool> under_way; // by path: whether it may be started again
  for (const EventData& event : events) {
    if (const auto* intent = std::get_if<StepIntent>(&event)) {
      const auto [at, is_new] = under_way.emplace(action_path(*plan.outline(), intent->at), false);
      CHECK((is_new || at->second));
      const PlannedAction& action = plan.action(intent->at);
      at->second = action.asks || action.effect != Effect::mutating || intent->at.kind == ActionKind::probe ||
                   plan.steps()[intent->at.step].on_doubt == OnDoubt::retry;
    } else if (const auto* outcome = std::get_if<StepOutcome>(&event)) {
      under_way.erase(action_path(*plan.outline(), outcome->at));
    } else if (const auto* answer = std::get_if<WaitAnswered>(&event)) {
      if (!answer->token.starts_with("doubt/") || !answer->yes || answer->value != Value("not-done")) continue;
      under_way[answer->token.substr(6)] = true;
    }
  }
}

TEST_CASE("decider: an owner that ends at any moment leaves a run that keeps its promises") {
  std::size_t taken_up = 0;
  for (std::uint32_t seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    auto content = std::make_shared<Plan::Content>(random_plan(random).content());
    for (PlannedStep& step : content->steps) {
      step.on_doubt = static_cast<OnDoubt>(std::uniform_int_distribution<int>(0, 4)(random));
      if (step.on_doubt == OnDoubt::probe) step.probe.push_back(PlanBuilder::action());
      for (PlannedAction& action : step.forward) {
        if (chance(random, 20)) action.effect = Effect::idempotent;
      }
    }
    const Plan plan(content);
    World world = random_world(random);
    world.ends_here = [&] { return chance(random, 15); };
    world.doubt = [&] { return std::string(chance(random, 33) ? "done" : chance(random, 50) ? "not-done" : "failed"); };
    SimulatedRun run(plan, std::move(world));
    REQUIRE(run.run());
    check_promises(plan, run);
    check_nothing_is_repeated(plan, run.events());
    if (seed % 50 == 0) check_replay(plan, run.events());
    taken_up += static_cast<std::size_t>(
        std::ranges::count_if(run.events(), [](const EventData& e) { return std::holds_alternative<Claimed>(e); }));
  }
  CHECK(taken_up > 10'000);
}

TEST_CASE("decider: a parked run goes on where it was when it is claimed again") {
  int parked = 0;
  for (std::uint32_t seed = 1; seed <= 5'000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Plan plan = random_plan(random);
    World world = random_world(random);
    world.answer = [](QuestionKind) { return std::optional<bool>(); };
    SimulatedRun run(plan, world);
    REQUIRE(run.run());
    if (run.state().status() != RunStatus::parked) continue;
    ++parked;
    RunState state(plan);
    for (const EventData& event : run.events()) state.apply(event);
    CHECK(decide(state).empty());
    state.apply(Claimed{"another"});
    const auto commands = decide(state);
    CHECK(std::ranges::any_of(commands, [](const Command& c) { return std::holds_alternative<Ask>(c); }));
  }
  CHECK(parked > 100);
}
