// When, how often and after what a step is done: what such conditions name must be there.
#include "support/document.hpp"
#include "support/planning.hpp"

#include <string>
#include <string_view>

namespace rb = runbook;
using runbook_test::only;

namespace {

const std::string head =
    "# T\n## Inputs\n- `env` (string, default `x`): E\n- `hosts` (string, default `y`): H\n## Steps\n";

/// What planning says about steps that are headings.
rb::Error planning(std::string_view steps) {
  return runbook_test::refused(rb::testing::book(head + std::string(steps)));
}

/// The same for three steps, the second of which has the attributes.
rb::Error second(std::string_view attributes) {
  return planning("### First\n```sh capture=seen\ntrue\n```\n### Second\n```sh {" + std::string(attributes) +
                  "}\ntrue\n```\n### Third\n```sh\ntrue\n```\n");
}

/// The document with these attributes can be run.
void accepted(std::string_view attributes) {
  runbook_test::planned(rb::testing::book(head + "### First\n```sh capture=seen\ntrue\n```\n### Second\n```sh {" +
                                          std::string(attributes) + "}\ntrue\n```\n### Third\n```sh\ntrue\n```\n"));
}

bool says(const rb::Error& error, std::string_view part) {
  return std::ranges::any_of(error.diagnostics, [&](const rb::Diagnostic& diagnostic) {
    return to_string(diagnostic).find(part) != std::string::npos;
  });
}

} // namespace

TEST_CASE("conditions: what is wrong in one is shown where it stands in the document") {
  CHECK(says(second("when=\"inputs.env = 'prod'\""),
             "book.md:11:25: error: step 'second': 'inputs.env = 'prod'' is no condition: "));
  CHECK(says(second("needs=first when='1 +'"), "error: step 'second': '1 +' is no condition"));
}

TEST_CASE("conditions: what is repeated says for how long") {
  rb::Runbook book{"Endless"};
  book.step("a").use("shell", {{"script", "true"}}).actions[0].until.emplace().text = "steps.a.exit_code == 0";
  CHECK(says(runbook_test::refused(book), "'until' does not say for how long"));
  for (const char* limit : {"retries=2", "timeout=5s"}) {
    accepted(std::string("until=\"steps['second'].exit_code == 0\" ") + limit);
  }
}

TEST_CASE("conditions: a step of a loop has no one result outside of it") {
  const std::string loop =
      "### First\n```sh foreach=\"['a']\"\ntrue\n```\n### Second\n```sh when=\"steps.first.exit_code == "
      "0\"\ntrue\n```\n";
  CHECK(only(planning(loop)).code == "no-one-result");
  rb::Runbook book{"Group"};
  book.step("outer").steps.push_back(runbook_test::item("inner", runbook_test::script("true")));
  rb::Step& last = book.step("last").use("shell", {{"script", "true"}});
  last.flow = rb::Flow{.when = {"steps.outer.exit_code == 0", {}}};
  CHECK(says(runbook_test::refused(book), "'outer' only holds other steps and has no result; name one of these"));
  book.steps[1].flow->when.text = "steps.inner.exit_code == 0";
  runbook_test::planned(book);
}

TEST_CASE("conditions: loops do not stand inside of each other nor in the rollback, and hold no needs") {
  rb::Runbook book{"Nested"};
  rb::Step& outer = book.step("outer");
  outer.flow = rb::Flow{.loop = rb::Loop{.over = {"['a']", {}}, .as = "x"}};
  outer.steps.push_back(runbook_test::item("one", runbook_test::script("true")));
  outer.steps.push_back(runbook_test::item("two", runbook_test::script("true")));
  runbook_test::planned(book);
  outer.steps[1].flow = rb::Flow{.loop = rb::Loop{.over = {"['b']", {}}, .as = "y"}};
  CHECK(says(runbook_test::refused(book), "step 'two': a loop inside of a loop is not possible"));
  outer.steps[1].flow = rb::Flow{.needs = {"one"}};
  CHECK(says(runbook_test::refused(book), "step 'two': 'needs' inside of a loop is not possible"));
  outer.steps[1].flow = {};
  book.rollback.push_back(runbook_test::item("back", runbook_test::script("true")));
  book.rollback[0].flow = rb::Flow{.loop = rb::Loop{.over = {"['b']", {}}, .as = "y"}};
  CHECK(says(runbook_test::refused(book), "step 'back': a loop in the general rollback is not possible"));
}

TEST_CASE("conditions: inputs that they name are declared") {
  CHECK(says(second("when=\"inputs.enw == 'x'\""),
             "book.md:11:14: error: step 'second': there is no input 'enw'; did you mean 'env'? [unknown-name]"));
  CHECK(says(second("when=\"has(inputs.region)\""), "there is no input 'region'; declare it in the section Inputs"));
  CHECK(says(second("foreach=inputs.host"), "there is no input 'host'; did you mean 'hosts'?"));
}

TEST_CASE("conditions: steps that they name stand in front") {
  accepted("when=\"steps.first.exit_code == 0\"");
  CHECK(says(second("when=\"steps.frist.exit_code == 0\""), "there is no step 'frist'; did you mean 'first'?"));
  CHECK(says(second("when=\"steps['third'].exit_code == 0\""), "step 'third' is not done yet when this is asked"));
  CHECK(says(second("when=\"steps.second.exit_code == 0\""), "step 'second' is not done yet when this is asked"));
  accepted("until=\"steps.second.exit_code == 0\" retries=1");
  CHECK(says(second("until=\"steps.third.exit_code == 0\" retries=1"), "not-known-yet"));
  CHECK(says(second("when=\"steps.first.exitcode == 0\""), "a step has no 'exitcode'; did you mean 'exit_code'?"));
  CHECK(says(second("when=\"steps.first.stderr == ''\""), "a step has no 'stderr'"));
}

TEST_CASE("conditions: other names are refused with what was meant") {
  CHECK(says(second("when=\"env == 'x'\""), "'env' is nothing that a condition can name; write inputs.env"));
  CHECK(says(second("when=\"seen == 'x'\""), "write steps['first'].stdout"));
  CHECK(says(second("when=\"first.ok\""), "write steps['first']"));
  CHECK(says(second("when=\"input.env == 'x'\""), "did you mean 'inputs'?"));
  accepted("when=\"run.actor == 'me' && size(targets) == 0\"");
}

TEST_CASE("conditions: a loop's value is known in its step and hides nothing") {
  accepted("foreach=inputs.hosts as=host when=\"host == 'a'\"");
  CHECK(says(second("foreach=host as=host"), "'host' is nothing that a condition can name"));
  CHECK(says(second("foreach=inputs.hosts as=env"), "the loop's value 'env' would hide another value"));
  CHECK(says(second("foreach=inputs.hosts as=seen"), "the loop's value 'seen' would hide another value"));
  CHECK(says(second("foreach=inputs.hosts as=steps"), "would hide another value"));
}

TEST_CASE("conditions: needed steps stand in front") {
  CHECK(says(second("needs=frist"), "there is no step 'frist' that could be needed; did you mean 'first'?"));
  CHECK(says(second("needs=third"), "step 'third' is needed and does not stand in front of this one"));
  CHECK(says(second("needs=second"), "step 'second' is needed and does not stand in front of this one"));
}

TEST_CASE("conditions: what a step uses it waits for") {
  const auto steps = [](std::string_view needs, std::string_view script) {
    return "### A {#a}\n```sh capture=x\ntrue\n```\n### B {#b needs=a}\n```sh\ntrue\n```\n### C {#c needs=\"" +
           std::string(needs) + "\"}\n```sh\n" + std::string(script) + "\n```\n";
  };
  const std::string head_of_three = head + "### Z {#z}\n```sh\ntrue\n```\n";
  const auto book = [&](std::string_view needs, std::string_view script) {
    return rb::testing::book(head_of_three + steps(needs, script));
  };
  CHECK(
      says(runbook_test::refused(book("z", "echo \"$x\"")),
           "step 'c': 'x' of step 'a' may not be there yet: this step does not wait for it; add needs=a [not-needed]"));
  runbook_test::planned(book("a", "echo \"$x\""));
  runbook_test::planned(book("b", "echo \"$x\"")); // through the other
  runbook_test::planned(book("z", "echo"));
  CHECK(only(planning("### A {#a}\n```sh\ntrue\n```\n### B {#b}\n```sh\ntrue\n```\n### C {#c needs=a "
                      "when=\"steps.b.exit_code == 0\"}\n```sh\ntrue\n```\n"))
            .code == "not-needed");
}

TEST_CASE("conditions: a long chain of steps that need each other may use what its first one gives") {
  std::string chain;
  for (int i = 0; i < 2000; ++i) {
    chain += i == 0 ? "### S0 {#s0}\n```sh capture=x\n"
                    : "### S" + std::to_string(i) + " {#s" + std::to_string(i) + " needs=s" + std::to_string(i - 1) +
                          "}\n```sh\n";
    chain += i == 0 ? "true\n```\n" : "echo \"$x\"\n```\n";
  }
  runbook_test::planned(rb::testing::book(head + chain));
}

TEST_CASE("conditions: a loop around steps is known inside of them and a step is not done inside of itself") {
  rb::Runbook book{"Nested"};
  rb::Step& outer = book.step("outer");
  outer.flow = rb::Flow{.loop = rb::Loop{.over = {"['a']", {}}, .as = "x"}};
  rb::Step inner = runbook_test::item("inner", runbook_test::script("true"));
  inner.flow = rb::Flow{.when = {"x == 'a' && steps.outer.exit_code == 0", {}}};
  outer.steps.push_back(inner);
  const rb::Error error = runbook_test::refused(book);
  CHECK_FALSE(runbook_test::has_code(error, "unknown-name"));
  CHECK(says(error, "step 'outer' is not done yet when this is asked"));
}

TEST_CASE("conditions: a step that only holds others has no doubt and no terminal of its own") {
  rb::Runbook book{"Group"};
  book.step("outer").steps.push_back(runbook_test::item("inner", runbook_test::script("true")));
  runbook_test::planned(book);
  book.steps[0].isolated = true;
  CHECK(only(runbook_test::refused(book)).code == "group");
  book.steps[0].isolated = false;
  book.steps[0].on_doubt = rb::OnDoubt::retry;
  CHECK(only(runbook_test::refused(book)).code == "group");
}

TEST_CASE("conditions: an undo may ask about any step") {
  runbook_test::planned(
      rb::testing::book(head + "### First\n```sh\ntrue\n```\nRollback:\n```sh {until=\"steps.second.exit_code == 0\" "
                               "retries=1}\ntrue\n```\n### Second\n```sh\ntrue\n```\n"));
}

TEST_CASE("conditions: doubt can only be left to a probe that there is") {
  CHECK(says(second("on_doubt=probe"), "the step is in doubt left to a probe that it does not have"));
}

TEST_CASE("conditions: many steps that need what is not there cost no more than they are") {
  rb::Runbook book{"Many"};
  for (int i = 0; i < 20'000; ++i) {
    rb::Step& step = book.steps.emplace_back(runbook_test::item("s" + std::to_string(i), runbook_test::script("true")));
    step.flow = rb::Flow{.needs = {"step-that-is-not-" + std::to_string(i)}};
  }
  CHECK(runbook_test::has_code(runbook_test::refused(book), "unknown-name"));
}
