// Steps inside of steps: lists and headings with blocks below an item.
#include "support/document.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

/// "outer(first second(x))": ids, and what stands inside in parentheses.
std::string tree(const std::vector<Step>& steps) {
  std::string out;
  for (const Step& step : steps) {
    out += (out.empty() ? "" : " ") + step.id;
    if (!step.steps.empty()) out += '(' + tree(step.steps) + ')';
  }
  return out;
}

std::string fence(std::string_view script, std::size_t indent) {
  const std::string blanks(indent, ' ');
  return blanks + "```sh\n" + blanks + std::string(script) + '\n' + blanks + "```\n";
}

std::string script(const Step& step, std::size_t index = 0) {
  return param(step.actions.at(index), "script");
}

} // namespace

TEST_CASE("nested: a list below a step without a block of its own makes it a group") {
  const Runbook b = book(steps("1. Outer\n   1. Inner\n" + fence("a", 6) + "   2. By hand\n2. Next\n" + fence("n", 3)));
  CHECK(tree(b.steps) == "outer(inner by-hand) next");
  CHECK(b.steps[0].actions.empty());
  CHECK(script(b.steps[0].steps[0]) == "a");
  CHECK(b.steps[0].steps[1].actions.at(0).handler == "confirm");
  CHECK(b.steps[0].steps[0].span == SourceSpan{6, 4, 9, 10});
}

TEST_CASE("nested: a list of numbers or tasks in words below a step without a block makes it a group") {
  const Runbook b =
      book(steps("1. Outer\n   1. Inner\n   2. More\n2. Tasks\n   - [ ] One\n   - [x] Two\n3. Words\n   - x\n"));
  CHECK(tree(b.steps) == "outer(inner more) tasks(one two) words");
  CHECK(param(b.steps[0].steps[1].actions.at(0), "prompt") == "More");
  CHECK(param(b.steps[2].actions.at(0), "prompt") == "Words\n\n- x");
}

TEST_CASE("nested: a heading is the step that holds the items of the list below it") {
  const Runbook b = book(steps("### Outer\n\n1. Inner\n" + fence("a", 3) + "2. By hand\n\n### Bullets\n\n- One\n" +
                               fence("b", 2) + "\n### Words\n\n1. Call them\n"));
  CHECK(tree(b.steps) == "outer(inner by-hand) bullets(one) call-them");
}

TEST_CASE("nested: a line in bold with a number is a heading below all others") {
  const Runbook b = book(steps("**Step 1: Stop**\n\n" + fence("a", 0) +
                               "\nWords.\n\n**2. Call them**\n\nThe number is on the door.\n\n"
                               "**Step 3:** Start\n\n" +
                               fence("c", 0) + "\n**Important**\n\n**4 eyes see more**\n"));
  CHECK(tree(b.steps) == "stop call-them start");
  CHECK(b.steps[0].notes == "Words.");
  CHECK(param(b.steps[1].actions.at(0), "prompt") == "Call them\n\nThe number is on the door.");
  CHECK(b.steps[2].notes == "**Important**\n\n**4 eyes see more**");
  const Runbook inner = book(
      steps("### 1. Outer\n\n**Step 1: One**\n\nWords.\n\n**Step 2: Two**\n\n" + fence("a", 0) + "\n### 2. Next\n"));
  CHECK(tree(inner.steps) == "outer(one two) next");
}

TEST_CASE("nested: the inner steps follow the step's own blocks") {
  const Runbook b = book(steps("1. Outer\n" + fence("own", 3) + "   1. Inner\n" + fence("a", 6)));
  CHECK(tree(b.steps) == "outer(inner)");
  CHECK(script(b.steps[0]) == "own");
}

TEST_CASE("nested: a block behind inner steps is done after them") {
  const Runbook b =
      book(steps("1. Outer\n   1. Inner\n" + fence("a", 6) + "\n   Then finish:\n\n" + fence("b", 3) +
                 "   Expected:\n   ```\n   ok\n   ```\n   Check:\n" + fence("c", 3) + "   1. Last\n" + fence("d", 6)));
  CHECK(tree(b.steps) == "outer(inner then-finish last)");
  CHECK(script(b.steps[0].steps[1]) == "b");
  CHECK(b.steps[0].steps[1].actions[0].expect->text == "ok");
  CHECK(param(b.steps[0].steps[1].checks.at(0), "script") == "c");
}

TEST_CASE("nested: a check behind inner steps is made after them") {
  const Runbook b = book(steps("1. Outer\n   1. Inner\n" + fence("a", 6) + "\n   Verify:\n\n" + fence("c", 3)));
  CHECK(tree(b.steps) == "outer(inner verify)");
  CHECK(script(b.steps[0].steps[1]) == "c");
  CHECK(b.steps[0].steps[1].actions[0].effect == Effect::pure);
  const Runbook h =
      book(steps("### 1. Outer\n\n#### Inner\n\n" + fence("a", 0) + "\n#### Verification\n\n" + fence("c", 0)));
  CHECK(tree(h.steps) == "outer(inner verification)");
  CHECK(h.steps[0].steps[1].actions.at(0).effect == Effect::pure);
}

TEST_CASE("nested: a list of checks behind inner steps is made after them") {
  const Runbook b = book(
      steps("1. Outer\n   1. Inner\n" + fence("a", 6) + "\n   Check:\n\n   - Look\n   - Look again\n" + fence("c", 5)));
  CHECK(tree(b.steps) == "outer(inner check(look look-again))");
  CHECK(b.steps[0].checks.empty());
  CHECK(b.steps[0].steps[1].steps[1].actions.at(0).effect == Effect::pure);
}

TEST_CASE("nested: a list without numbers that holds blocks is done in order") {
  const Runbook b = book(steps("1. Outer\n   - Inner\n" + fence("a", 5) + "   - More\n" + fence("b", 5)));
  CHECK(tree(b.steps) == "outer(inner more)");
}

TEST_CASE("nested: labels inside of an inner step belong to it") {
  const Runbook b = book(steps("1. Outer\n   1. Inner\n" + fence("a", 6) + "      Rollback:\n" + fence("u", 6) +
                               "      Probe:\n" + fence("p", 6)));
  CHECK(b.steps[0].undo.empty());
  CHECK(param(b.steps[0].steps[0].undo.at(0), "script") == "u");
  CHECK(param(b.steps[0].steps[0].probe.at(0), "script") == "p");
}

TEST_CASE("nested: headings below a step that hold blocks are steps inside of it") {
  const Runbook b = book(steps("### 1. Outer\n\nWords.\n\n" + fence("own", 0) + "\n#### Drain\n\n" + fence("a", 0) +
                               "\n##### Deeper\n\n" + fence("b", 0) +
                               "\n#### Background\n\nOnly words.\n\n#### 1.2 By hand\n\n"
                               "Call them.\n\n### 2. Next\n\n" +
                               fence("n", 0)));
  CHECK(tree(b.steps) == "outer(drain(deeper) by-hand) next");
  CHECK(script(b.steps[0]) == "own");
  CHECK(b.steps[0].notes == "Words.\n\n#### Background\n\nOnly words.");
  CHECK(param(b.steps[0].steps[1].actions.at(0), "prompt") == "By hand\n\nCall them.");
}

TEST_CASE("nested: a heading Instructions inside of a step is no step of its own") {
  const Runbook b =
      book(steps("### 1. Outer\n\n#### Instructions\n\n" + fence("a", 0) + "\n#### Rollback\n\n" + fence("u", 0)));
  CHECK(tree(b.steps) == "outer");
  CHECK(script(b.steps[0]) == "a");
  CHECK(b.steps[0].undo.size() == 1);
}

TEST_CASE("nested: a rollback of a step that only holds others is an error") {
  const Parsed p = read(steps("1. Outer\n   1. Inner\n" + fence("a", 6) + "\n   Rollback:\n\n" + fence("u", 3)));
  CHECK(finds(p, "book.md:13:4: error: step 'outer': the step does nothing itself: it only holds other steps"));
  const Parsed two = read(steps("1. Outer\n   1. Inner\n" + fence("a", 6) + "\n   Rollback:\n\n" + fence("u", 3) +
                                "   Undo:\n" + fence("v", 3)));
  CHECK(count(two, "group") == 2); // none is lost without a word
}

TEST_CASE("nested: items of other sections nest as well") {
  const Runbook b = book("# T\n## Steps\n1. S\n## Verification\n- Outer\n  - Inner\n" + fence("a", 4));
  CHECK(tree(b.verification) == "outer(inner)");
  CHECK(b.verification[0].steps[0].actions.at(0).effect == Effect::pure);
}

TEST_CASE("nested: equal titles at different depths get different ids in the document's order") {
  const Runbook b = book(steps("1. A\n   1. A\n" + fence("a", 6) + "2. A\n"));
  CHECK(tree(b.steps) == "a(a-2) a-3");
}

TEST_CASE("nested: blocks that do not run are explained and those in quotes are") {
  const Parsed p =
      read(steps("1. Outer\n   1. Inner\n" + fence("a", 6) +
                 "   2. More\n      ```yaml\n      a: 1\n      ```\n      > ```sh\n      > b\n      > ```\n"));
  CHECK(p.ok());
  CHECK(finds(p, "book.md:11:7: warning: step 'more': a block of language 'yaml'"));
  CHECK(
      finds(p, "book.md:14:9: warning: step 'more': a block of language 'sh' is shown and not run: it is in a quote"));
}

TEST_CASE("nested: lists as deep as documents may be are read without deep recursion and deeper ones refused") {
  std::string text = "# T\n## Steps\n";
  for (std::size_t i = 0; i < 62; ++i) text += std::string(3 * i, ' ') + "1. A\n\n";
  const Runbook b = book(text + fence("x", 3 * 62));
  const Step* step = &b.steps.at(0);
  std::size_t depth = 1;
  for (; !step->steps.empty(); step = &step->steps[0]) ++depth;
  CHECK(depth == 62);
  CHECK(script(*step) == "x");
}

TEST_CASE("nested: steps inside of steps count towards the limit") {
  std::string text = steps("1. A\n");
  for (std::size_t i = 0; i < max_steps; ++i) text += "   1. B\n";
  const Parsed p = read(text + fence("x", 6));
  CHECK(count(p, "limit") == 1);
}
