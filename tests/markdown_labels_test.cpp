// Labels: what a line with a colon says about the block below it.
#include "support/document.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

std::string step_with(std::string_view label, std::string_view language = "sh") {
  return steps("1. Do it\n   ```sh\n   doit\n   ```\n   " + std::string(label) + "\n   ```" + std::string(language) +
               "\n   second\n   ```\n");
}

} // namespace

TEST_CASE("labels: every synonym whether bold or not and whatever its case") {
  for (const char* label : {"Rollback:", "**Undo:**", "**Revert**:", "ROLLBACK:", "_rollback_:"}) {
    const Runbook b = book(step_with(label));
    CHECK_MESSAGE(param(b.steps[0].undo.at(0), "script") == "second", label);
    CHECK(b.steps[0].actions.size() == 1);
  }
  for (const char* label : {"Check:", "Validate:", "**verify:**"}) {
    const Runbook b = book(step_with(label));
    CHECK_MESSAGE(param(b.steps[0].checks.at(0), "script") == "second", label);
    CHECK(b.steps[0].checks[0].effect == Effect::pure);
  }
  for (const char* label : {"Expected:", "Expected output:", "**Output:**"}) {
    for (const char* language : {"", "text", "output", "yaml", "sh"}) {
      const Runbook b = book(step_with(label, language));
      REQUIRE_MESSAGE(b.steps[0].actions[0].expect.has_value(), label << language);
      CHECK(b.steps[0].actions[0].expect->kind == Expectation::Kind::text);
      CHECK(b.steps[0].actions[0].expect->text == "second");
      CHECK(b.steps[0].actions[0].expect->span == SourceSpan{10, 4, 12, 7});
    }
  }
}

TEST_CASE("labels: a label directly below the title is a label") {
  const Runbook b = book(steps("1. By hand\n   Rollback:\n   ```sh\n   undo it\n   ```\n"));
  CHECK(b.steps[0].title == "By hand");
  CHECK(b.steps[0].actions[0].handler == "confirm");
  CHECK(param(b.steps[0].actions[0], "prompt") == "By hand");
  CHECK(param(b.steps[0].undo.at(0), "script") == "undo it");
}

TEST_CASE("labels: a label below prose in one paragraph is a label") {
  const Runbook b =
      book(steps("1. A\n   ```sh\n   a\n   ```\n   If that was wrong\n   **Rollback:**\n   ```sh\n   b\n   ```\n"));
  CHECK(param(b.steps[0].undo.at(0), "script") == "b");
  CHECK(b.steps[0].notes == "If that was wrong");
}

TEST_CASE("labels: expected output belongs to the last block that runs") {
  const Runbook b =
      book(steps("1. A\n   ```sh\n   a\n   ```\n   Expected:\n   ```\n   1\n   ```\n   ```sh\n   b\n   ```\n"
                 "   Expected:\n   ```json\n   {\"n\": {{ n }}, \"t\": \"{{ t }}\"}\n   ```\n"
                 "   Rollback:\n   ```sh\n   c\n   ```\n   Expected:\n   ```\n   gone\n   ```\n"));
  REQUIRE(b.steps[0].actions.size() == 2);
  CHECK(b.steps[0].actions[0].expect->text == "1");
  CHECK(b.steps[0].actions[1].expect->kind == Expectation::Kind::json);
  CHECK(b.steps[0].undo[0].expect->text == "gone");
}

TEST_CASE("labels: expected JSON that is none is an error with its place") {
  CHECK(finds(read(steps("1. A\n   ```sh\n   a\n   ```\n   Expected:\n   ```json\n   {\"a\": 1,\n    b: 2}\n   ```\n")),
              "book.md:12:5: error: step 'a': expected output: this is not JSON"));
}

TEST_CASE("labels: a response is expected of a request only") {
  const Runbook b =
      book(steps("1. A\n   ```http\n   GET http://h/\n   ```\n   Expected:\n   ```http\n   HTTP/1.1 404\n   ```\n"));
  CHECK(b.steps[0].actions[0].expect->kind == Expectation::Kind::http);
  const Runbook plain =
      book(steps("1. A\n   ```http\n   GET http://h/\n   ```\n   Expected:\n   ```\n   HTTP/1.1 404\n   ```\n"));
  CHECK(plain.steps[0].actions[0].expect->kind == Expectation::Kind::http);
  CHECK(finds(read(step_with("Expected:", "http")),
              "error: step 'do-it': a response is expected of a command that sends no request"));
}

TEST_CASE("labels: expected output without a command or twice is an error") {
  CHECK(finds(read(steps("1. A\n   Expected:\n   ```\n   x\n   ```\n")),
              "book.md:7:4: error: step 'a': nothing is run in front"));
  CHECK(finds(
      read(steps("1. A\n   ```sh\n   a\n   ```\n   Output:\n   ```\n   x\n   ```\n   Output:\n   ```\n   y\n   ```\n")),
      "book.md:14:4: error: step 'a': the command has an expected output already"));
  CHECK(finds(read(steps("1. A\n   ```confirm\n   a\n   ```\n   Output:\n   ```\n   x\n   ```\n")),
              "a question to a person prints nothing"));
}

TEST_CASE("labels: a label without its block is an error") {
  CHECK(finds(read(steps("1. A\n   ```sh\n   a\n   ```\n   Rollback:\n")),
              "book.md:9:4: error: step 'a': no block follows 'Rollback:'"));
  CHECK(finds(read(steps("1. A\n   ```sh\n   a\n   ```\n   Rollback:\n\n   Words.\n\n   ```sh\n   b\n   ```\n")),
              "no block follows 'Rollback:'"));
  CHECK(finds(read(steps("1. A\n   Check:\n   Expected:\n   ```\n   x\n   ```\n")),
              "book.md:6:4: error: step 'a-check': text follows on the label"));
}

TEST_CASE("labels: a label that goes on on its line is an error where a block follows") {
  const Parsed p = read(step_with("Rollback: run this"));
  CHECK(finds(p, "book.md:9:4: error: step 'do-it': text stands behind 'Rollback:'"));
  CHECK(finds(read(steps("1. A\n   ```sh\n   a\n   ```\n   Output: all is well\n")),
              "book.md:9:4: warning: step 'a': text stands behind 'Expected:'"));
}

TEST_CASE("labels: a misspelt label is an error that offers the right one") {
  CHECK(finds(read(step_with("Rolback:")), "error: step 'do-it': 'Rolback:' is no label; did you mean 'rollback'?"));
  CHECK(finds(read(step_with("**Expeced:**", "")), "did you mean 'expected'?"));
}

TEST_CASE("labels: words about a rollback in front of a block that runs are pointed out") {
  const Parsed p = read(step_with("To roll back, run:"));
  CHECK(p.ok());
  CHECK(finds(p, "book.md:9:4: warning: step 'do-it': this reads as if the next block took the step back"));
}

TEST_CASE("labels: a command behind a check or a rollback is not guessed at") {
  const Parsed p =
      read(steps("1. A\n   ```sh\n   a\n   ```\n   Rollback:\n   ```sh\n   b\n   ```\n   ```sh\n   c\n   ```\n"));
  CHECK(finds(p, "book.md:13:4: error: step 'a': a command behind the step's Check: or Rollback: block"));
  CHECK(p.runbook.steps[0].actions.size() == 1);
  CHECK(p.runbook.steps[0].undo.size() == 1);
}

TEST_CASE("labels: several blocks are undone or checked in order when each has its label") {
  const Runbook b = book(
      steps("1. A\n   ```sh\n   a\n   ```\n   Check:\n   ```sh\n   c1\n   ```\n   Check:\n   ```sh\n   c2\n   ```\n"
            "   Rollback:\n   ```sh\n   u1\n   ```\n   Rollback:\n   ```confirm\n   u2\n   ```\n"));
  CHECK(b.steps[0].checks.size() == 2);
  REQUIRE(b.steps[0].undo.size() == 2);
  CHECK(b.steps[0].undo[1].handler == "confirm");
  CHECK(param(b.steps[0].undo[1], "prompt") == "u2");
}

TEST_CASE("labels: a label may stand above a list of blocks") {
  const Runbook b = book(steps("1. A\n   ```sh\n   a\n   ```\n   Rollback:\n   - first\n     ```sh\n     u1\n     "
                               "```\n   - Ask **them** to go back\n"));
  REQUIRE(b.steps[0].undo.size() == 2);
  CHECK(param(b.steps[0].undo[0], "script") == "u1");
  CHECK(param(b.steps[0].undo[1], "prompt") == "Ask **them** to go back");
  CHECK(b.steps[0].actions.size() == 1);
}

TEST_CASE("labels: notes are shown and the block below them is not run") {
  const Parsed p = read(steps("1. A\n   ```sh\n   a\n   ```\n   Warning:\n   ```sh\n   rm -rf /\n   ```\n"));
  CHECK(p.ok());
  CHECK(p.runbook.steps[0].actions.size() == 1);
  CHECK(
      finds(p, "book.md:10:4: warning: step 'a': a block of language 'sh' is shown and not run: it belongs to a note"));
  CHECK(p.runbook.steps[0].notes.find("rm -rf /") != std::string::npos);
  const Runbook b = book(steps("1. A\n   **Note**: it takes long\n   ```sh\n   a\n   ```\n"));
  CHECK(b.steps[0].actions.size() == 1);
}

TEST_CASE("labels: the block below a label must have a language that runs") {
  CHECK(finds(read(step_with("Rollback:", "")),
              "book.md:10:4: error: step 'do-it': the block below 'Rollback:' has no language that is run"));
  CHECK(finds(read(step_with("Check:", "yaml")), "the block below 'Check:' has no language that is run"));
}

TEST_CASE("labels: a probe tells whether the step is done and stands in front of the command or behind it") {
  const Runbook b = book(step_with("**Probe:**"));
  REQUIRE(b.steps[0].probe.size() == 1);
  CHECK(param(b.steps[0].probe[0], "script") == "second");
  CHECK(b.steps[0].probe[0].effect == Effect::pure);
  CHECK(b.steps[0].actions.size() == 1);
  const Runbook first = book(steps("1. A\n\n   Probe:\n   ```sh\n   p\n   ```\n   ```sh\n   a\n   ```\n"));
  CHECK(param(first.steps[0].probe.at(0), "script") == "p");
  CHECK(param(first.steps[0].actions.at(0), "script") == "a");
  CHECK(finds(read("# T\n## Steps\n1. A\n## Verification\n- V\n  ```sh\n  v\n  ```\n  Probe:\n  ```sh\n  p\n  ```\n"),
              "error: step 'v': 'Probe:' has no meaning in the section Verification"));
}

TEST_CASE("labels: a word alone above a block needs no colon") {
  for (const char* label : {"**Rollback**", "Undo", "_Revert_", "Rollback (if needed):", "**Undo** (only then):"}) {
    const Runbook b = book(step_with(label));
    CHECK_MESSAGE(b.steps[0].undo.size() == 1, label);
    CHECK(b.steps[0].actions.size() == 1);
  }
  const Runbook b = book(steps("1. A\n   ```sh\n   a\n   ```\n\n   Output\n\n   is written to a file.\n"));
  CHECK_FALSE(b.steps[0].actions[0].expect.has_value());
}

TEST_CASE("labels: items of a list may be labels") {
  const Runbook b =
      book(steps("1. Drain\n   ```sh\n   a\n   ```\n   - **Expected:**\n     ```\n     done\n     ```\n"
                 "   - Rollback:\n     ```sh\n     u\n     ```\n   - Verify:\n     ```sh\n     c\n     ```\n"));
  CHECK(b.steps[0].actions.at(0).expect->text == "done");
  CHECK(param(b.steps[0].undo.at(0), "script") == "u");
  CHECK(param(b.steps[0].checks.at(0), "script") == "c");
  CHECK(b.steps[0].steps.empty());
}

TEST_CASE("labels: a point of a list that is a label is never a step") {
  const std::string undo = "- **Rollback**:\n  ```sh\n  u\n  ```\n";
  const Runbook b = book(steps("1. A\n```sh\na\n```\n" + undo + "2. B\n"));
  REQUIRE(b.steps.size() == 2);
  CHECK(param(b.steps[0].undo.at(0), "script") == "u");
  const Runbook points = book(steps("- A\n  ```sh\n  a\n  ```\n" + undo + "- B\n"));
  REQUIRE(points.steps.size() == 2);
  CHECK(param(points.steps[0].undo.at(0), "script") == "u");
  CHECK(finds(read(steps(undo)), "book.md:6:3: error: this block is not run"));
  CHECK(finds(read(steps("1. Rollback:\n   ```sh\n   u\n   ```\n")),
              "book.md:5:4: warning: step 'rollback': the step is called like a rollback and is run as a step"));
}

TEST_CASE("labels: an example of output is neither run nor compared") {
  for (const char* label : {"Expected output (shortened):", "Example output:", "**Sample output**:",
                            "You should see something like this:", "The output looks\n   similar to this:"}) {
    const Parsed p = read(step_with(label, "bash"));
    CHECK_MESSAGE(p.ok(), findings(p));
    CHECK_MESSAGE(p.runbook.steps[0].actions.size() == 1, label);
    CHECK_FALSE(p.runbook.steps[0].actions[0].expect.has_value());
    CHECK(count(p, "unlabelled-output") == 1);
  }
  CHECK(count(read(step_with("You should see this:", "bash")), "unclear-label") == 1);
  const Runbook b =
      book(steps("1. A\n\n   You should see the version:\n   ```sh\n   $ web --version\n   2.1\n   ```\n"));
  CHECK(param(b.steps[0].actions.at(0), "script") == "web --version");
}

TEST_CASE("labels: below a heading Probe the blocks probe the step") {
  const Runbook b = book(steps("### 1. A\n\n```sh\na\n```\n\n#### Probe\n\n```sh\np\n```\n"));
  CHECK(b.steps[0].probe.size() == 1);
}

TEST_CASE("labels: only steps are rolled back") {
  const Parsed p =
      read("# T\n## Steps\n1. A\n## Verification\n- V\n  ```sh\n  v\n  ```\n  Rollback:\n  ```sh\n  u\n  ```\n");
  CHECK(finds(p, "book.md:10:3: error: step 'v': 'Rollback:' has no meaning in the section Verification"));
}

TEST_CASE("labels: below a step's heading a deeper heading is a label") {
  const Runbook b = book(steps("### 1. Drain\n\n```sh\ndrain\n```\n\n#### Rollback\n\nPut it "
                               "back:\n\n```sh\nuncordon\n```\n\n```sh\nmore\n```\n\n"
                               "#### Verification\n\n```sh\nshow\n```\n\n### 2. Next\n\n```sh\nnext\n```\n"));
  REQUIRE(b.steps.size() == 2);
  CHECK(b.steps[0].undo.size() == 2);
  CHECK(b.steps[0].checks.size() == 1);
  CHECK(b.rollback.empty());
  CHECK(b.verification.empty());
}

TEST_CASE("labels: a heading that is a label needs a block") {
  CHECK(finds(read(steps("### 1. Drain\n\n```sh\ndrain\n```\n\n#### Rollback\n\nBy hand.\n")),
              "book.md:11:1: error: step 'drain': no block stands below this heading"));
}
