// Choosing what of a plan is done.
#include "support/flow_books.hpp"
#include "support/simulated_run.hpp"

#include <doctest/doctest.h>

using namespace runbook;
using namespace runbook::testing;

namespace {

Plan whole() {
  Runbook book("whole");
  book.prerequisites = {work("ready")};
  book.steps = {work_with_undo("a"), group("g", {work("b"), work("c")}),
                for_each("[1, 2]", group("h", {work("d"), work("e")})), work("f")};
  book.verification = {work("good")};
  book.rollback = {work("back")};
  auto plan = make_plan(book, flow_handlers());
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  return std::move(*plan);
}

std::string story(const Plan& plan) {
  SimulatedRun run(plan, {});
  REQUIRE(run.run());
  CHECK(run.state().status() == RunStatus::succeeded);
  return run.story();
}

std::string refusal(const Plan& plan, const Selection& selection) {
  const auto chosen = choose(plan, selection);
  REQUIRE(!chosen.has_value());
  CHECK(chosen.error().code == errc::invalid_argument);
  return chosen.error().message;
}

Step capturing(std::string id, std::string name) {
  Step step = work(std::move(id));
  step.actions[0].capture = std::move(name);
  return step;
}

Step using_value(std::string id, const std::string& name) {
  Step step;
  step.id = std::move(id);
  step.use("work", {{"text", "{{ " + name + " }}"}});
  return step;
}

} // namespace

TEST_CASE("choose: from a step on, with prerequisites and verification") {
  const Plan plan = whole();
  CHECK(story(choose(plan, {.from = "c"}).value()) == "ready -a -b c d[1] e[1] d[2] e[2] f good");
  CHECK(story(choose(plan, {.from = "g"}).value()) == "ready -a b c d[1] e[1] d[2] e[2] f good");
  CHECK(story(choose(plan, {.from = "f"}).value()) == "ready -a -b -c -d -e f good");
}

TEST_CASE("choose: only some steps, or all but some") {
  const Plan plan = whole();
  CHECK(story(choose(plan, {.only = {"g", "d"}}).value()) == "ready -a b c d[1] -e[1] d[2] -e[2] -f -good");
  CHECK(story(choose(plan, {.skip = {"ready", "h", "good"}}).value()) == "-ready a b c -d -e f -good");
  CHECK(story(choose(plan, {.from = "b", .skip = {"c"}}).value()) == "ready -a b -c d[1] e[1] d[2] e[2] f good");
}

TEST_CASE("choose: what is chosen has a digest of its own and is shown") {
  const Plan plan = whole();
  const Plan chosen = choose(plan, {.skip = {"a"}}).value();
  CHECK(chosen.digest() != plan.digest());
  CHECK(chosen.document_digest() == plan.document_digest());
  CHECK(choose(plan, {}).value().digest() == plan.digest());
  CHECK(to_text(chosen).find("a  (a)  [left out]") != std::string::npos);
}

TEST_CASE("choose: steps that are not there, and choices that exclude each other, are refused") {
  const Plan plan = whole();
  CHECK(refusal(plan, {.from = "aa"}) == "there is no step 'aa'");
  CHECK(refusal(plan, {.skip = {"redy"}}) == "there is no step 'redy'; did you mean 'ready'?");
  CHECK(refusal(plan, {.from = "good"}) == "'good' is none of the steps");
  CHECK(refusal(plan, {.from = "e"}) == "'e' stands in a loop: begin at its first step, 'd'");
  CHECK(refusal(plan, {.from = "a", .only = {"b"}}) == "'from' and 'only' exclude each other");
}

TEST_CASE("choose: a step that needs what is left out is refused") {
  const Plan captures = flow_plan({capturing("a", "x"), using_value("b", "x"), work("c")});
  CHECK(refusal(captures, {.from = "b"}) == "step 'b' needs 'x' from step 'a', which is left out");
  CHECK(story(choose(captures, {.from = "c"}).value()) == "-a -b c");
  const Plan conditions =
      flow_plan({work("a"), when("steps.a.exit_code == 0", work("b")), for_each("steps.a.stdout", work("c")),
                 until("steps.a.stdout == 'x' || true", 1, work("d")), when("steps.a.status == 'skipped'", work("e"))});
  CHECK(refusal(conditions, {.from = "b"}) == "step 'b' needs the result of step 'a', which is left out");
  CHECK(refusal(conditions, {.from = "c"}) == "step 'c' needs the result of step 'a', which is left out");
  CHECK(refusal(conditions, {.from = "d"}) == "step 'd' needs the result of step 'a', which is left out");
  CHECK(story(choose(conditions, {.from = "e"}).value()) == "-a -b -c -d e");
}

TEST_CASE("choose: an undo that needs what is left out is refused too") {
  Step b = work("b");
  b.rollback("work", {{"text", "{{ x }}"}});
  const Plan plan = flow_plan({capturing("a", "x"), b});
  CHECK(refusal(plan, {.from = "b"}) == "step 'b' needs 'x' from step 'a', which is left out");
}

namespace {

std::vector<Event> journal_of(const SimulatedRun& run) {
  std::vector<Event> journal;
  for (const EventData& data : run.events()) journal.push_back(Event{.seq = journal.size() + 1, .data = data});
  return journal;
}

World failing_once(const Plan& plan, std::string id) {
  World world;
  world.rollback = RollbackMode::never;
  world.outcome = [&plan, id = std::move(id)](const ActionRef& at, std::uint32_t) {
    return plan.steps()[at.step].id == id ? Outcome{OutcomeStatus::failed, nullptr, "no"} : Outcome{};
  };
  world.printed = [](const ActionRef& at, std::uint32_t) { return "from " + std::to_string(at.step); };
  return world;
}

std::string not_continued(const Plan& plan, const std::vector<Event>& journal) {
  const auto rest = continue_from(plan, journal);
  REQUIRE(!rest.has_value());
  CHECK(rest.error().code == errc::invalid_argument);
  return rest.error().message;
}

} // namespace

TEST_CASE("continue: a run goes on where another has failed, with what that one captured") {
  Runbook book("rest");
  book.prerequisites = {work("ready")};
  book.steps = {capturing("a", "x"), for_each("[1, 2]", work("b")), work_with_undo("c"), using_value("d", "x"),
                when("steps.a.stdout == 'from 1'", work("e"))};
  book.verification = {work("good")};
  const Plan plan = make_plan(book, flow_handlers()).value();
  SimulatedRun failed(plan, failing_once(plan, "d"));
  REQUIRE(failed.run());
  CHECK(failed.state().status() == RunStatus::failed);
  const Plan rest = continue_from(plan, journal_of(failed)).value();
  CHECK(rest.digest() != plan.digest());
  REQUIRE(rest.continued() != nullptr);
  CHECK(rest.continued()->run == "r1");
  SimulatedRun again(rest, {});
  REQUIRE(again.run());
  CHECK(again.story() == "ready -a -b -c d e good");
  CHECK(again.state().values().at("x") == Value("from 1"));
  CHECK(again.state().status() == RunStatus::succeeded);
}

TEST_CASE("continue: what nothing can be gone on from is refused with the reason") {
  const Plan plan = flow_plan({work_with_undo("a"), work("b")});
  World undone = failing_once(plan, "b");
  undone.rollback = RollbackMode::automatic;
  SimulatedRun rolled_back(plan, undone);
  REQUIRE(rolled_back.run());
  CHECK(not_continued(plan, journal_of(rolled_back)).starts_with("run r1 was rolled back"));
  SimulatedRun good(plan, {});
  REQUIRE(good.run());
  CHECK(not_continued(plan, journal_of(good)) == "run r1 has succeeded: nothing is left to do");
  auto unfinished = journal_of(good);
  unfinished.pop_back();
  CHECK(not_continued(plan, unfinished) == "run r1 has not ended");
  CHECK(not_continued(flow_plan({work("a")}), journal_of(good)).starts_with("run r1 was of another plan"));
  CHECK(not_continued(plan, {}) == "this is no journal of a run");
}

TEST_CASE("continue: a loop that was done in part is refused") {
  const Plan plan = flow_plan({work("a"), for_each("[1, 2, 3]", work("b"))});
  World world = failing_once(plan, "b");
  const auto outcome = world.outcome;
  world.outcome = [outcome](const ActionRef& at, std::uint32_t attempt) {
    return at.iteration == 2 ? outcome(at, attempt) : Outcome{};
  };
  SimulatedRun failed(plan, world);
  REQUIRE(failed.run());
  CHECK(not_continued(plan, journal_of(failed)) ==
        "run r1 has done step 'b' for 1 of 3 elements: nobody can tell which are to be done again");
}
