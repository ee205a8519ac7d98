// Random flows in a random world: whatever happens, a run keeps its promises.
#include "support/flow_books.hpp"
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
using Element = std::pair<std::uint32_t, std::uint32_t>; // step and iteration

bool chance(Random& random, int percent) {
  return std::uniform_int_distribution<int>(1, 100)(random) <= percent;
}

std::size_t up_to(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

/// Grows a list of steps, in which each may name those in front of it.
class FlowGenerator {
public:
  explicit FlowGenerator(Random& random) : random_(random) {}

  std::vector<Step> steps() {
    std::vector<Step> steps;
    for (std::size_t i = up_to(random_, 6) + 1; i > 0; --i) steps.push_back(top_step());
    return steps;
  }

private:
  Step top_step() {
    std::vector<std::string> needed;
    for (std::size_t i = needs_ ? up_to(random_, 2) : 0; i > 0 && !ids_.empty(); --i) {
      needed.push_back(ids_[up_to(random_, ids_.size() - 1)]);
    }
    const bool loops = chance(random_, 30);
    Step step = chance(random_, 25) ? group_of(loops) : leaf(loops);
    if (!needed.empty()) step = needs(std::move(needed), std::move(step));
    if (loops) step = for_each(list(), std::move(step), static_cast<std::uint32_t>(up_to(random_, 3)) + 1);
    ids_.push_back(step.id);
    return step;
  }

  Step group_of(bool in_loop) {
    Step step = group("g" + std::to_string(++count_), {});
    if (chance(random_, 30)) step = when(condition(), std::move(step));
    for (std::size_t i = up_to(random_, 2) + 1; i > 0; --i) step.steps.push_back(leaf(in_loop));
    return step;
  }

  Step leaf(bool in_loop) {
    const std::string id = "s" + std::to_string(++count_);
    Step step = chance(random_, 10) ? question(id) : chance(random_, 60) ? work_with_undo(id) : work(id);
    if (step.actions[0].handler == "work" && chance(random_, 20)) {
      step =
          until("steps." + id + ".exit_code == 0", static_cast<std::uint32_t>(up_to(random_, 3)) + 1, std::move(step));
    }
    if (chance(random_, 25)) step = when(condition(), std::move(step));
    if (chance(random_, 15)) step.on_failure = chance(random_, 50) ? OnFailure::proceed : OnFailure::stop;
    if (chance(random_, 20)) step.isolated = true;
    if (!in_loop) asked_about_.push_back(id);
    return step;
  }

  std::string condition() {
    if (chance(random_, 5)) return "1 / (1 - 1) == 1";
    if (chance(random_, 40) && !asked_about_.empty() && !needs_) { // else it had to be needed
      return "steps." + asked_about_[up_to(random_, asked_about_.size() - 1)] + ".status == 'ok'";
    }
    return chance(random_, 60) ? "true" : "false";
  }

  std::string list() {
    if (chance(random_, 5)) return "7";
    std::string list = "[";
    for (std::size_t i = up_to(random_, 4); i > 0; --i) list += "'" + std::to_string(i) + "',";
    if (list.ends_with(',')) list.pop_back();
    return list + "]";
  }

  Random& random_;
  bool needs_ = chance(random_, 60);
  int count_ = 0;
  std::vector<std::string> ids_;
  std::vector<std::string> asked_about_;
};

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
  std::vector<Element> started; // with an undo, in order of start
  std::vector<Element> undone;
  std::set<Element> touched;
  std::set<Element> undone_well;
  std::size_t rollback = SIZE_MAX;
};

class Observer {
public:
  explicit Observer(const Plan& plan) : plan_(plan) {}

  Observed observe(const std::vector<EventData>& events) {
    for (number_ = 0; number_ < events.size(); ++number_) std::visit(*this, events[number_]);
    return std::move(seen_);
  }

  void operator()(const StepIntent& event) {
    const Element element{event.at.step, event.at.iteration};
    if (event.at.kind == ActionKind::undo) {
      if (event.attempt == 1 && event.at.part == 0) seen_.undone.push_back(element);
      return;
    }
    note(event.at.step);
    CHECK(number_ < seen_.rollback);
    if (seen_.touched.insert(element).second && !plan_.steps()[event.at.step].undo.empty()) {
      seen_.started.push_back(element);
    }
  }
  void operator()(const StepOutcome& event) {
    if (event.at.kind != ActionKind::undo) return note(event.at.step);
    if (event.outcome.ok()) seen_.undone_well.insert({event.at.step, event.at.iteration});
  }
  void operator()(const StepSettled& event) { note(event.step); }
  void operator()(const LoopBegun& event) { note(event.step); }
  void operator()(const RollbackBegun&) { seen_.rollback = number_; }
  void operator()(const auto&) {}

private:
  void note(std::uint32_t step) {
    const std::uint32_t unit = plan_.steps()[step].unit;
    seen_.first_of_unit.emplace(unit, number_);
    seen_.last_of_unit[unit] = number_;
  }

  const Plan& plan_;
  Observed seen_;
  std::size_t number_ = 0;
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

void check_nothing_hidden(const Plan& plan, const RunState& state, const Observed& seen) {
  if (state.status() == RunStatus::succeeded || state.status() == RunStatus::parked) return;
  for (const Element& element : seen.touched) {
    if (plan.steps()[element.first].effect == Effect::pure) continue;
    const bool named = std::ranges::any_of(state.residue(), [&](const Residue& residue) {
      return residue.step == element.first && residue.iteration == element.second;
    });
    CHECK(named != seen.undone_well.contains(element));
  }
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
  for (std::uint32_t seed = 1; seed <= 4'000; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Plan plan = flow_plan(FlowGenerator(random).steps());
    SimulatedRun run(plan, random_world(random, plan));
    REQUIRE_MESSAGE(run.run(), run.story());
    ++ends[run.state().status()];
    const Observed seen = Observer(plan).observe(run.events());
    check_order(plan, seen);
    std::vector<Element> expected(seen.started.rbegin(), seen.started.rend());
    REQUIRE(seen.undone.size() <= expected.size());
    CHECK(std::equal(seen.undone.begin(), seen.undone.end(), expected.begin()));
    check_nothing_hidden(plan, run.state(), seen);
    if (seed % 20 == 0) check_replay(plan, run.events());
  }
  CHECK(ends[RunStatus::succeeded] > 200);
  CHECK(ends[RunStatus::rolled_back] > 200);
  CHECK(ends[RunStatus::partially_rolled_back] > 200);
  CHECK(ends[RunStatus::parked] > 20);
}
