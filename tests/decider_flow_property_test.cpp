// Random flows in a random world: whatever happens, a run keeps its promises.
#include "support/flow_books.hpp"
#include "support/random_flow.hpp"
#include "support/simulated_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <ranges>
#include <set>

using namespace runbook;
using namespace runbook::testing;

namespace {

using Random = std::mt19937;
using Element = std::pair<std::uint32_t, std::uint32_t>; // step and iteration, or scope and iteration

World random_world(Random& random, const Plan& plan) {
  World world;
  const int trouble = static_cast<int>(up_to(random, 30));
  const int impatience = chance(random, 60) ? 0 : 10;
  world.parallel = static_cast<std::uint32_t>(up_to(random, 4)) + 1;
  world.pick = [&random](std::size_t count) { return up_to(random, count - 1); };
  world.outcome = [&random, &plan, trouble](const ActionRef& at, std::uint32_t) {
    const bool repeated = plan.action(at).until.has_value();
    const int code = chance(random, repeated ? 40 : trouble) ? 1 : 0;
    return Outcome{code == 0 ? OutcomeStatus::ok : OutcomeStatus::failed, Value{{"exit_code", code}}, {}};
  };
  world.answer = [&random, trouble](QuestionKind) -> std::optional<bool> {
    if (chance(random, trouble / 4)) return std::nullopt;
    return !chance(random, trouble);
  };
  world.cancel = [&random, impatience] { return chance(random, impatience); };
  return world;
}

/// What the journal says of the order of things, by the numbers of its events.
struct Observed {
  std::map<std::uint32_t, std::size_t> first_of_unit;
  std::map<std::uint32_t, std::size_t> last_of_unit;
  std::vector<Element> armed;  // in order: steps with an undo that started, first items of general rollbacks
  std::vector<Element> undone; // in order: steps, items of general rollbacks
  std::set<Element> touched;
  std::set<Element> undone_well;
  std::set<Element> failed_items; // of general rollbacks
  std::set<Element> opened;       // scopes
  std::set<Element> changed;      // scopes
  std::size_t rollback = SIZE_MAX;
  int cancels = 0; // beyond one that ended the run: whoever is asked because of them may give the rollback up
};

class Observer {
public:
  explicit Observer(const Plan& plan) : plan_(plan) {}

  Observed observe(const std::vector<EventData>& events) {
    open(0, 0);
    for (number_ = 0; number_ < events.size(); ++number_) std::visit(*this, events[number_]);
    return std::move(seen_);
  }

  void operator()(const StepIntent& event) {
    const Element element{event.at.step, event.at.iteration};
    const PlannedStep& step = plan_.steps()[event.at.step];
    CHECK(seen_.opened.contains(scope_of(step.scope, event.at.iteration)));
    const bool is_first = event.attempt == 1 && event.at.part == 0;
    if (event.at.kind == ActionKind::undo || step.section == Section::rollback) {
      CHECK(number_ > seen_.rollback);
      if (is_first) seen_.undone.push_back(element);
      return;
    }
    note(event.at.step);
    CHECK(number_ < seen_.rollback);
    if (!seen_.touched.insert(element).second) return;
    if (step.effect != Effect::pure) has_changed(step.scope, event.at.iteration);
    if (!step.undo.empty()) seen_.armed.push_back(element);
  }
  void operator()(const StepOutcome& event) {
    const Element element{event.at.step, event.at.iteration};
    const PlannedStep& step = plan_.steps()[event.at.step];
    if (step.section == Section::rollback) return ended_item(element, event.outcome.ok());
    if (event.at.kind == ActionKind::undo) {
      if (event.outcome.ok()) seen_.undone_well.insert(element);
      return;
    }
    note(event.at.step);
    if (event.outcome.ok() && step.opens != 0) open(step.opens, event.at.iteration);
  }
  void operator()(const StepSettled& event) {
    const Element element{event.step, event.iteration};
    if (plan_.steps()[event.step].section != Section::rollback) return note(event.step);
    seen_.undone.push_back(element);
    ended_item(element, event.outcome.status == OutcomeStatus::skipped);
  }
  void operator()(const LoopBegun& event) { note(event.step); }
  void operator()(const RollbackBegun&) { seen_.rollback = number_; }
  void operator()(const CancelRequested&) {
    if (is_cancelled_ || seen_.rollback < number_) ++seen_.cancels;
    is_cancelled_ = true;
  }
  void operator()(const auto&) {}

private:
  void note(std::uint32_t step) {
    const std::uint32_t unit = plan_.steps()[step].unit;
    seen_.first_of_unit.emplace(unit, number_);
    seen_.last_of_unit[unit] = number_;
  }

  [[nodiscard]] Element scope_of(std::uint32_t scope, std::uint32_t iteration) const {
    return {scope, plan_.scopes()[scope].in_loop ? iteration : 0};
  }

  void open(std::uint32_t scope, std::uint32_t iteration) {
    const PlannedScope& planned = plan_.scopes()[scope];
    const Element opened = scope_of(scope, iteration);
    CHECK(seen_.opened.insert(opened).second);
    if (planned.rollback_begin < planned.rollback_end) seen_.armed.emplace_back(planned.rollback_begin, opened.second);
  }

  void has_changed(std::uint32_t scope, std::uint32_t iteration) {
    for (; scope != 0; scope = plan_.scopes()[scope].parent) seen_.changed.insert(scope_of(scope, iteration));
    seen_.changed.emplace(0, 0);
  }

  void ended_item(const Element& item, bool well) {
    if (well) {
      seen_.undone_well.insert(item);
      seen_.failed_items.erase(item);
    } else {
      seen_.failed_items.insert(item);
    }
  }

  const Plan& plan_;
  Observed seen_;
  std::size_t number_ = 0;
  bool is_cancelled_ = false;
};

void check_order(const Plan& plan, const Observed& seen) {
  for (const auto& [unit, first] : seen.first_of_unit) {
    for (const PlannedUnit::Range& range : plan.units()[unit].after) {
      for (std::uint32_t other = range.begin; other < range.end; ++other) {
        REQUIRE(seen.last_of_unit.contains(other));
        CHECK(seen.last_of_unit.at(other) < first);
      }
    }
  }
}

/// Newest first, each once, a general rollback where its runbook began; all of it if nobody has cut it short.
void check_undos(const Plan& plan, const RunState& state, const Observed& seen) {
  std::vector<Element> expected;
  for (const auto& [step, iteration] : std::ranges::reverse_view(seen.armed)) {
    const PlannedStep& planned = plan.steps()[step];
    if (planned.section != Section::rollback) {
      expected.emplace_back(step, iteration);
    } else if (seen.changed.contains({planned.scope, iteration})) {
      for (std::uint32_t item = step; item < plan.scopes()[planned.scope].rollback_end; ++item)
        expected.emplace_back(item, iteration);
    }
  }
  REQUIRE(seen.undone.size() <= expected.size());
  CHECK(std::equal(seen.undone.begin(), seen.undone.end(), expected.begin()));
  const bool is_over = state.status() == RunStatus::rolled_back || state.status() == RunStatus::partially_rolled_back;
  if (is_over && seen.cancels == 0) CHECK(seen.undone.size() == expected.size());
}

/// Whether all of a general rollback went well that speaks of the step.
bool rolled_back(const Plan& plan, const Observed& seen, std::uint32_t scope, std::uint32_t iteration) {
  while (true) {
    const PlannedScope& planned = plan.scopes()[scope];
    bool well = planned.rollback_begin < planned.rollback_end;
    for (std::uint32_t item = planned.rollback_begin; item < planned.rollback_end; ++item) {
      well = well && seen.undone_well.contains({item, planned.in_loop ? iteration : 0});
    }
    if (well || scope == 0) return well;
    scope = planned.parent;
  }
}

void check_nothing_hidden(const Plan& plan, const RunState& state, const Observed& seen) {
  if (state.status() == RunStatus::succeeded || state.status() == RunStatus::parked) return;
  std::set<Element> left = seen.failed_items;
  for (const Element& element : seen.touched) {
    const PlannedStep& step = plan.steps()[element.first];
    if (step.effect == Effect::pure || seen.undone_well.contains(element)) continue;
    if (!step.undo.empty() || !rolled_back(plan, seen, step.scope, element.second)) left.insert(element);
  }
  std::set<Element> named;
  for (const Residue& residue : state.residue()) named.emplace(residue.step, residue.iteration);
  CHECK(named == left);
}

/// Of an item of a general rollback, how many runbooks stand around its own; of anything else 0.
std::uint32_t depth_of_item(const Plan& plan, std::uint32_t step) {
  if (plan.steps()[step].section != Section::rollback) return 0;
  std::uint32_t depth = 0;
  for (std::uint32_t scope = plan.steps()[step].scope; scope != 0; scope = plan.scopes()[scope].parent) ++depth;
  return depth;
}

void check_replay(const Plan& plan, const std::vector<EventData>& events) {
  RunState once(plan);
  for (const EventData& event : events) {
    once.apply(event);
    const RunState copy = once; // a copy is a state of its own
    const auto commands = decide(copy);
    REQUIRE(commands.size() == decide(once).size());
  }
  RunState again(plan);
  for (const EventData& event : events) again.apply(event);
  REQUIRE(again.status() == once.status());
  REQUIRE(again.values() == once.values());
}

} // namespace

TEST_CASE("flow: random flows never break a promise") {
  std::map<RunStatus, int> ends;
  std::map<std::uint32_t, int> general_rollbacks; // of runbooks, by how many stand around them
  for (std::uint32_t seed = 1; seed <= 4'000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const auto planned = make_plan(FlowGenerator(random).book("flow"), flow_handlers());
    REQUIRE_MESSAGE(planned.has_value(), to_string(planned.error()));
    const Plan& plan = *planned;
    World world = random_world(random, plan);
    if (seed % 2 == 0) world.ends_here = [&random] { return chance(random, 5); }; // somebody takes the run up
    world.doubt = [&random] {
      return std::string(chance(random, 50) ? "done" : chance(random, 50) ? "not-done" : "failed");
    };
    SimulatedRun run(plan, std::move(world));
    REQUIRE_MESSAGE(run.run(), run.story());
    ++ends[run.state().status()];
    const Observed seen = Observer(plan).observe(run.events());
    check_order(plan, seen);
    check_undos(plan, run.state(), seen);
    check_nothing_hidden(plan, run.state(), seen);
    for (const Element& element : seen.undone) ++general_rollbacks[depth_of_item(plan, element.first)];
    if (seed % 20 == 0) check_replay(plan, run.events());
  }
  CHECK(ends[RunStatus::succeeded] > 200);
  CHECK(ends[RunStatus::rolled_back] > 200);
  CHECK(ends[RunStatus::partially_rolled_back] > 200);
  CHECK(ends[RunStatus::parked] > 20);
  CHECK(general_rollbacks[1] > 200);
  CHECK(general_rollbacks[2] > 20);
}
