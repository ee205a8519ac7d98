// Random flows in a random world: whatever happens, a run keeps its promises.
#include "support/flow_books.hpp"
#include "support/flow_promises.hpp"
#include "support/random_flow.hpp"
#include "support/simulated_run.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace runbook;
using namespace runbook::testing;

namespace {

using Random = std::mt19937;

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
    Broken broken = broken_promises(plan, run.state(), run.events());
    CHECK_MESSAGE(broken.promises.empty(), broken.words());
    const Observed seen = RunObserver(plan, broken).observe(run.events());
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
