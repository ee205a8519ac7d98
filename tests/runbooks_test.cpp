// Runbooks that run other runbooks: planned as one, undone as one, and each knows only what it was given.
#include "support/flow_books.hpp"
#include "support/simulated_run.hpp"

#include <runbook/format.hpp>
#include <runbook/parse.hpp>
#include <runbook/report.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>

using namespace runbook;
using namespace runbook::testing;

namespace {

Step run_book(std::string id, const std::string& file, Values inputs = {}) {
  Step step;
  step.id = step.title = std::move(id);
  step.use("runbook", {{"file", file}});
  if (!inputs.empty()) step.actions[0].params["inputs"] = std::move(inputs);
  return step;
}

Runbook book(const std::string& path, std::vector<Step> steps) {
  Runbook book(path);
  book.path = path;
  book.steps = std::move(steps);
  return book;
}

Input input(std::string name, InputType type = InputType::string, bool required = true) {
  Input input;
  input.name = std::move(name);
  input.type = type;
  input.required = required;
  return input;
}

/// Two steps with undos, one without, and a general rollback.
Runbook drain() {
  Runbook drain = book("drain.md", {work_with_undo("cordon"), work("evict")});
  drain.prerequisites = {work("ready")};
  drain.verification = {work("empty")};
  drain.rollback = {work("rebalance"), work("tell")};
  return drain;
}

Plan planned(const Runbook& book, const Values& inputs = {}) {
  auto plan = make_plan(book, flow_handlers(), inputs);
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  return std::move(*plan);
}

std::string refusal(const Runbook& book) {
  const auto plan = make_plan(book, flow_handlers());
  REQUIRE(!plan.has_value());
  REQUIRE(!plan.error().diagnostics.empty());
  return to_string(plan.error().diagnostics.front());
}

/// The action with this id fails.
SimulatedRun run(const Plan& plan, const std::string& failing = {}, std::uint32_t iteration = 0,
                 std::uint32_t parallel = 1) {
  World world;
  world.parallel = parallel;
  world.outcome = [&plan, failing, iteration](const ActionRef& at, std::uint32_t) {
    const PlannedStep& step = plan.steps()[at.step];
    if (at.kind == ActionKind::forward && step.id == failing && at.iteration == iteration) {
      return Outcome{OutcomeStatus::failed, nullptr, "no"};
    }
    if (step.opens != 0) return Outcome{OutcomeStatus::ok, Value{{"inputs", Values()}}, {}};
    return Outcome{};
  };
  SimulatedRun run(plan, std::move(world));
  REQUIRE(run.run());
  return run;
}

std::string file_name(int number) {
  return "n" + std::to_string(number) + ".md";
}

} // namespace

TEST_CASE("runbooks: the steps of another runbook stand in the plan of the one that runs it") {
  Runbook deploy = book("deploy.md", {work("first"), run_book("drain", "drain.md"), work("last")});
  deploy.rollback = {work("page")};
  deploy.runbooks = {drain()};
  const Plan plan = planned(deploy);
  std::vector<std::string> ids;
  for (const PlannedStep& step : plan.steps()) ids.push_back(step.id);
  CHECK(ids == std::vector<std::string>{"first", "drain", "drain/ready", "drain/cordon", "drain/evict", "drain/empty",
                                        "last", "drain/rebalance", "drain/tell", "page"});
  CHECK(run(plan).story() == "first drain drain/ready drain/cordon drain/evict drain/empty last");
  REQUIRE(plan.scopes().size() == 2);
  CHECK(plan.scopes()[1].opener == 1);
  CHECK(plan.steps()[3].group == "drain");

  deploy.runbooks[0].steps[1].title = "Evict all of them";
  CHECK(planned(deploy).digest() != plan.digest()); // an approval of this plan would not hold for that one
}

TEST_CASE("runbooks: everything that was started is undone in the reverse order, inner procedures in one piece") {
  Runbook deploy = book("deploy.md", {work_with_undo("first"), run_book("drain", "drain.md"), work_with_undo("last")});
  deploy.rollback = {work("page")};
  deploy.runbooks = {drain()};
  const Plan plan = planned(deploy);

  SUBCASE("a failure behind it") {
    const SimulatedRun failed = run(plan, "last");
    CHECK(failed.story() == "first drain drain/ready drain/cordon drain/evict drain/empty last! ~last ~drain/cordon "
                            "drain/rebalance drain/tell ~first page");
    CHECK(failed.state().status() == RunStatus::rolled_back); // what has no undo is the general rollbacks'
  }
  SUBCASE("a failure in it") {
    const SimulatedRun failed = run(plan, "drain/evict");
    CHECK(failed.story() == "first drain drain/ready drain/cordon drain/evict! ~drain/cordon drain/rebalance "
                            "drain/tell ~first page");
    CHECK(failed.state().reason() == "step 'drain/evict' failed: no");
  }
  SUBCASE("a failure before it has changed anything") {
    CHECK(run(plan, "drain/ready").story() == "first drain drain/ready! ~first page");
  }
  SUBCASE("a part of its general rollback fails: the others go on, and its steps are residue") {
    World world;
    world.outcome = [&](const ActionRef& at, std::uint32_t) {
      const std::string& id = plan.steps()[at.step].id;
      const bool fails = id == "last" || id == "drain/rebalance";
      return fails ? Outcome{OutcomeStatus::failed, nullptr, "no"}
                   : Outcome{OutcomeStatus::ok, Value{{"inputs", Values()}}, {}};
    };
    SimulatedRun failed(plan, std::move(world));
    REQUIRE(failed.run());
    CHECK(failed.story().ends_with("~last! ~drain/cordon drain/rebalance! drain/tell ~first page"));
    CHECK(failed.state().status() == RunStatus::partially_rolled_back);
  }
}

TEST_CASE("runbooks: what the outer general rollback covers is what inner steps did too") {
  Runbook inner = book("inner.md", {work("a")});
  Runbook outer = book("outer.md", {run_book("inner", "inner.md"), work("last")});
  outer.runbooks = {inner};
  SUBCASE("without one") {
    const SimulatedRun failed = run(planned(outer), "last");
    CHECK(failed.state().status() == RunStatus::failed);
    CHECK(failed.state().residue().size() == 2);
  }
  SUBCASE("with one") {
    outer.rollback = {work("back")};
    const SimulatedRun failed = run(planned(outer), "last");
    CHECK(failed.story() == "inner inner/a last! back");
    CHECK(failed.state().status() == RunStatus::rolled_back);
  }
}

TEST_CASE("runbooks: a plan says which general rollback speaks of which steps") {
  Runbook deploy = book("deploy.md", {work("first"), run_book("drain", "drain.md")});
  deploy.runbooks = {drain()};
  const std::string alone = to_text(planned(deploy));
  CHECK(alone.find("Nothing undoes these if the run fails\n  step 1 'first': first\n\n") != std::string::npos);
  CHECK(alone.find("left to the general rollback\n  step 5 'drain/evict'") != std::string::npos);
  CHECK(alone.find("General rollback of 'drain', when what it has started is undone\n  1. rebalance") !=
        std::string::npos);
  CHECK(alone.find("after the steps' own undos") == std::string::npos);
  deploy.rollback = {work("page")};
  const std::string both = to_text(planned(deploy));
  CHECK(both.find("Nothing undoes these") == std::string::npos);
  CHECK(both.find("General rollback, after the steps' own undos\n  3. page") != std::string::npos);
}

TEST_CASE("runbooks: where the step is skipped, so is all of the other runbook, and nothing of it is armed") {
  Runbook outer = book("outer.md", {work("first"), when("1 > 2", run_book("drain", "drain.md")), work("last")});
  outer.runbooks = {drain()};
  const Plan plan = planned(outer);
  CHECK(run(plan).story() == "first -drain -drain/ready -drain/cordon -drain/evict -drain/empty last");
  CHECK(run(plan, "last").story() == "first -drain -drain/ready -drain/cordon -drain/evict -drain/empty last!");
}

TEST_CASE("runbooks: one in a loop is run for each element, and each is undone as a whole") {
  Runbook outer = book("outer.md", {for_each("['x', 'y']", run_book("drain", "drain.md"), 1), work("last")});
  outer.runbooks = {drain()};
  const Plan plan = planned(outer);
  CHECK(run(plan, "last").story() ==
        "drain[1] drain/ready[1] drain/cordon[1] drain/evict[1] drain/empty[1] "
        "drain[2] drain/ready[2] drain/cordon[2] drain/evict[2] drain/empty[2] last! "
        "~drain/cordon[2] drain/rebalance[2] drain/tell[2] ~drain/cordon[1] drain/rebalance[1] drain/tell[1]");
  const SimulatedRun failed = run(plan, "last");
  std::vector<Event> journal;
  for (const EventData& data : failed.events()) journal.push_back({.seq = journal.size() + 1, .data = data});
  const Report report = make_report(journal);
  REQUIRE(report.steps.size() == 15);
  CHECK(report.steps[11].outline.id == "drain/rebalance[1]");
  CHECK(report.steps[14].outline.id == "drain/tell[2]");
  CHECK(report.steps[14].element == Value("y"));
  CHECK(report.steps[14].attempts.size() == 1);
  CHECK(plan.units()[plan.steps().back().unit].loop); // whose elements its general rollback is done for
  CHECK(run(plan, "drain/evict", 1).story() == "drain[1] drain/ready[1] drain/cordon[1] drain/evict[1]! "
                                               "~drain/cordon[1] drain/rebalance[1] drain/tell[1]");
}

TEST_CASE("runbooks: runbooks run beside each other if they do not need each other") {
  Runbook left = book("left.md", {work_with_undo("a"), work_with_undo("b")});
  Runbook right = left;
  right.path = "right.md";
  Runbook outer = book("outer.md", {run_book("left", "left.md"), needs({"left"}, work("end"))});
  outer.steps.insert(outer.steps.begin() + 1, run_book("right", "right.md"));
  outer.steps.insert(outer.steps.begin(), work("begin"));
  outer.steps[1].flow.emplace().needs = {"begin"};
  outer.steps[2].flow.emplace().needs = {"begin"};
  outer.runbooks = {left, right};
  const Plan plan = planned(outer);
  CHECK(run(plan, {}, 0, 2).story() == "begin left right left/a right/a left/b right/b end");
  CHECK(run(plan, "end", 0, 2).story() ==
        "begin left right left/a right/a left/b right/b end! ~right/b ~left/b ~right/a ~left/a");
}

TEST_CASE("runbooks: of one that has needs of its own, only the parts wait that say so") {
  Runbook inner = book("inner.md", {work("a"), needs({"a"}, work("b")), needs({"a"}, work("c"))});
  Runbook outer = book("outer.md", {work("first"), run_book("inner", "inner.md"), work("last")});
  outer.runbooks = {inner};
  CHECK(run(planned(outer), {}, 0, 3).story() == "first inner inner/a inner/b inner/c last");
  outer.steps[1] = for_each("[1]", outer.steps[1]);
  CHECK(refusal(outer).find("a loop runs a runbook that has a loop or 'needs' of its own") != std::string::npos);
}

TEST_CASE("runbooks: a runbook in a runbook in a runbook") {
  Runbook inner = book("parts/inner.md", {work_with_undo("a")});
  inner.rollback = {work("r3")};
  Runbook middle = book("middle.md", {run_book("m", "parts/inner.md"), work_with_undo("b")});
  middle.rollback = {work("r2")};
  middle.runbooks = {inner};
  Runbook outer = book("outer.md", {run_book("o", "middle.md"), run_book("again", "middle.md"), work("last")});
  outer.rollback = {work("r1")};
  outer.runbooks = {middle};
  const Plan plan = planned(outer);
  CHECK(plan.scopes().size() == 5);
  CHECK(run(plan, "last").story() ==
        "o o/m o/m/a o/b again again/m again/m/a again/b last! ~again/b ~again/m/a again/m/r3 again/r2 ~o/b ~o/m/a "
        "o/m/r3 o/r2 r1");
}

TEST_CASE("runbooks: names mean something in their own runbook alone") {
  Runbook inner =
      book("inner.md", {work("work-a"), when("inputs.n == 1 && steps['work-a'].status == 'ok'", work("b"))});
  inner.inputs = {input("n", InputType::integer)};
  inner.steps[0].actions[0].capture = "token";
  Runbook outer = book("outer.md", {work("work-a"), run_book("inner", "inner.md", {{"n", "{{ count }}"}})});
  outer.inputs = {input("count", InputType::integer)};
  outer.steps[0].actions[0].capture = "token"; // the same name, and another value
  outer.runbooks = {inner};
  static_cast<void>(planned(outer, {{"count", 1}}));

  inner.steps.push_back(work("c"));
  inner.steps.back().actions[0].params["text"] = "{{ count }}";
  outer.runbooks = {inner};
  outer.inputs[0].default_value = 1;
  outer.inputs[0].required = false;
  CHECK(refusal(outer).find("inner.md: error: step 'c': '{{ count }}' names no input and no capture") == 0);
}

TEST_CASE("runbooks: what a runbook captures is not known in the one that runs it") {
  Runbook inner = book("inner.md", {work("a"), work("b")});
  inner.inputs = {input("given")};
  inner.steps[0].actions[0].capture = "token";
  Runbook outer = book("outer.md", {work("a"), run_book("inner", "inner.md", {{"given", "x"}}), work("last")});
  outer.steps[0].actions[0].capture = "token";
  outer.runbooks = {inner};
  const Plan plan = planned(outer);
  World world;
  world.outcome = [&](const ActionRef& at, std::uint32_t) {
    const bool binds = plan.steps()[at.step].opens != 0;
    return Outcome{OutcomeStatus::ok, binds ? Value{{"inputs", {{"given", "x"}}}} : Value(), {}};
  };
  world.printed = [&](const ActionRef& at, std::uint32_t) { return plan.steps()[at.step].id; };
  SimulatedRun run(plan, std::move(world));
  REQUIRE(run.run());
  REQUIRE(plan.steps()[3].id == "inner/b");
  CHECK(run.state().values_of({.step = 3}) == Values{{"given", "x"}, {"token", "inner/a"}});
  CHECK(run.state().values() == Values{{"token", "a"}});
}

TEST_CASE("runbooks: what does not fit is found before the run") {
  Runbook inner = book("inner.md", {work("a")});
  inner.inputs = {input("n", InputType::integer)};
  Runbook outer = book("outer.md", {run_book("inner", "inner.md")});
  outer.runbooks = {inner};
  CHECK(refusal(outer) ==
        "outer.md: error: step 'inner': inner.md: input 'n' is required and not given [runbook-inputs]");
  outer.steps = {run_book("inner", "inner.md", {{"n", "many"}})};
  CHECK(refusal(outer) == "outer.md: error: step 'inner': inner.md: input 'n' expects an integer between "
                          "-9223372036854775808 and 9223372036854775807, got 'many' [runbook-inputs]");
  outer.steps = {run_book("inner", "inner.md", {{"n", 1}, {"m", 2}})};
  CHECK(refusal(outer).find("there is no input 'm'") != std::string::npos);
  outer.steps = {run_book("inner", "other.md", {{"n", 1}})};
  CHECK(refusal(outer).find("'other.md' that the step runs has not been read") != std::string::npos);
  outer.inputs = {input("token", InputType::secret)};
  outer.steps = {run_book("inner", "other.md", {{"n", "{{ token }}"}})};
  CHECK(make_plan(outer, flow_handlers()).error().diagnostics.size() == 1); // it may well be a secret there
  outer.runbooks[0].inputs.push_back(input("key", InputType::secret));
  outer.steps = {run_book("inner", "inner.md", {{"n", "many"}, {"key", "{{ token }}"}})};
  CHECK(make_plan(outer, flow_handlers()).error().diagnostics.size() == 1); // n alone is wrong
  outer.runbooks = {inner};
  outer.inputs.clear();
  outer.steps = {run_book("inner", "inner.md", {{"n", "{{ nothing }}"}})};
  CHECK(refusal(outer).find("'{{ nothing }}' names no input and no capture") != std::string::npos);
  for (const auto& change : std::vector<std::function<void(Step&)>>{
           [](Step& s) { s.rollback("work"); }, [](Step& s) { s.check("work"); }, [](Step& s) { s.use("work"); },
           [](Step& s) { s.on_failure = OnFailure::proceed; }, [](Step& s) { s.irreversible = true; },
           [](Step& s) { s.actions[0].retry.retries = 1; }, [](Step& s) { s.actions[0].capture = "x"; }}) {
    outer.steps = {run_book("inner", "inner.md", {{"n", 1}})};
    change(outer.steps[0]);
    CHECK(refusal(outer).find("[runbook-step]") != std::string::npos);
  }
  outer.steps = {work("a")};
  outer.verification = {run_book("inner", "inner.md", {{"n", 1}})};
  CHECK(refusal(outer).find("only one of the steps can run another runbook") != std::string::npos);
}

TEST_CASE("runbooks: choosing names inner steps, and keeps the step that hands over their inputs") {
  Runbook outer = book("outer.md", {work("first"), run_book("drain", "drain.md"), work("last")});
  outer.runbooks = {drain()};
  const Plan plan = planned(outer);
  CHECK(run(choose(plan, {.from = "drain/evict"}).value()).story() ==
        "-first drain -drain/ready -drain/cordon drain/evict drain/empty last");
  CHECK(run(choose(plan, {.skip = {"drain"}}).value()).story() ==
        "first -drain -drain/ready -drain/cordon -drain/evict -drain/empty last");
  CHECK(run(choose(plan, {.only = {"drain/evict"}}).value()).story() ==
        "-first drain -drain/ready -drain/cordon drain/evict -drain/empty -last");

  SimulatedRun failed(plan, {.outcome =
                                 [&](const ActionRef& at, std::uint32_t) {
                                   return plan.steps()[at.step].id == "drain/evict"
                                              ? Outcome{OutcomeStatus::failed, nullptr, "no"}
                                              : Outcome{OutcomeStatus::ok, Value{{"inputs", Values()}}, {}};
                                 },
                             .rollback = RollbackMode::never});
  REQUIRE(failed.run());
  std::vector<Event> journal;
  for (const EventData& data : failed.events()) journal.push_back({.seq = journal.size() + 1, .data = data});
  CHECK(run(continue_from(plan, journal).value()).story() ==
        "-first drain -drain/ready -drain/cordon drain/evict drain/empty last");
}

TEST_CASE("runbooks: reading finds those that steps run, and refuses what would never end") {
  std::map<std::string, std::string> files{
      {"ops/a.md", "# A\n## Steps\n1. [B](../parts/b.md)\n2. [B again](../parts/./b.md)\n"},
      {"parts/b.md", "# B\n## Steps\n1. [C](c.md)\n"},
      {"parts/c.md", "# C\n## Steps\n1. Do\n   ```sh\n   true\n   ```\n"}};
  const DocumentReader read = [&](const std::string& path) -> Result<Parsed> {
    const auto found = files.find(path);
    if (found == files.end()) return Error{errc::io_error, path + " is not there", {}};
    return parse(found->second, {.path = path});
  };
  const auto load = [&] {
    Runbook a = read("ops/a.md").value().runbook;
    const auto loaded = load_runbooks(a, read);
    return std::pair{a, loaded ? std::string() : to_string(loaded.error().diagnostics.front())};
  };
  const auto [a, problem] = load();
  REQUIRE(problem == "");
  REQUIRE(a.runbooks.size() == 1);
  CHECK(a.runbooks[0].path == "parts/b.md");
  CHECK(a.runbooks[0].runbooks[0].path == "parts/c.md");
  CHECK(planned(a).steps().back().id == "b-again/c/do");

  files["parts/c.md"] = "# C\n## Steps\n1. [A](../ops/a.md)\n";
  CHECK(load().second == "parts/c.md:3:1: error: step 'a': the runbook would run itself: ops/a.md → parts/b.md → "
                         "parts/c.md → ops/a.md; a run must have an end: do it with until or foreach [recursion]");
  files["parts/c.md"] = "# C\n## Steps\n1. Do\n   ```sh {nonsense}\n   true\n   ```\n";
  CHECK(load().second.starts_with("parts/c.md:4:"));
  files.erase("parts/c.md");
  CHECK(load().second.find("parts/b.md:3:1: error: step 'c': the runbook that the step runs cannot be read") == 0);
  for (int i = 0; i < 20; ++i) {
    files[file_name(i)] = "# N\n## Steps\n1. [Next](" + file_name(i + 1) + ")\n";
  }
  files["ops/a.md"] = "# A\n## Steps\n1. [B](../" + file_name(0) + ")\n";
  CHECK(load().second.find("more than 16 deep") != std::string::npos);
}

TEST_CASE("runbooks: what would take for ever to plan is refused at once") {
  Runbook books = book("n15.md", {work("a")});
  for (int i = 14; i >= 0; --i) {
    Runbook around = book(file_name(i), {});
    for (int step = 0; step < 20; ++step) around.steps.push_back(run_book("s" + std::to_string(step), books.path));
    around.runbooks = {std::move(books)};
    books = std::move(around);
  }
  const auto plan = make_plan(books, flow_handlers()); // would be 20^15 steps
  REQUIRE(!plan.has_value());
  REQUIRE(plan.error().diagnostics.size() == 1);
  CHECK(plan.error().diagnostics[0].code == "limit");
  CHECK(plan.error().diagnostics[0].path == "n0.md"); // so that the linter says it of this one

  Runbook outer = book("outer.md", {});
  for (int i = 0; i < 20; ++i) outer.steps.push_back(run_book("s" + std::to_string(i), "inner.md"));
  outer.runbooks = {book("inner.md", {work("a")})};
  static_cast<void>(planned(outer));
  outer.runbooks[0].source = std::string(4 * 1024 * 1024, ' ');
  CHECK(refusal(outer).find("64 MiB") != std::string::npos);

  for (int i = 0; i < 20; ++i) outer.steps[static_cast<std::size_t>(i)].actions[0].params["file"] = file_name(i);
  int read = 0;
  const auto loaded = load_runbooks(outer, [&](const std::string& path) -> Result<Parsed> {
    ++read;
    Parsed parsed{.runbook = book(path, {work("a")}), .diagnostics = {}};
    parsed.runbook.source = std::string(10 * 1024 * 1024, ' ');
    return parsed;
  });
  REQUIRE(!loaded.has_value());
  CHECK(loaded.error().diagnostics.at(0).message.find("64 MiB") != std::string::npos);
  CHECK(loaded.error().diagnostics.size() == 1);
  CHECK(read == 7);
}

TEST_CASE("runbooks: in Markdown, a link with what is given below it") {
  const std::string text = "# A\n\n## Steps\n\n1. [Drain it](parts/drain%20all.md) {#drain when=\"true\"}\n\n"
                           "   - `node`: `{{ host }}`\n   - `count`: `3`\n";
  const Parsed parsed = parse_markdown(text, {.path = "a.md"});
  REQUIRE(parsed.ok());
  const Step& step = parsed.runbook.steps.at(0);
  CHECK(step.title == "Drain it");
  CHECK(step.notes == "");
  REQUIRE(step.actions.size() == 1);
  CHECK(step.actions[0].handler == "runbook");
  CHECK(step.actions[0].params ==
        Values{{"file", "parts/drain all.md"}, {"inputs", {{"node", "{{ host }}"}, {"count", "3"}}}});
  CHECK(to_markdown(parsed.runbook).value().find("   - `node`: `{{ host }}`\n   - `count`: `3`\n") !=
        std::string::npos);

  const Parsed twice = parse_markdown("# A\n## Steps\n1. [B](b.md)\n   - `a`: 1\n   - `a`: 2\n   - other\n");
  CHECK(std::ranges::count(twice.diagnostics, "runbook-inputs", &Diagnostic::code) == 2);
  const Parsed prose = parse_markdown("# A\n## Steps\n1. [B](b.md)\n   - see there\n");
  CHECK(prose.runbook.steps.at(0).actions.at(0).handler == "confirm"); // more than a link: a person reads it
}
