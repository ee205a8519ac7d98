// Mechanical repairs: what they write, that they change no script, and that a second time there is nothing to do.
#include "support/document.hpp"
#include "support/linting.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

std::string fixed(std::string_view text) {
  return apply_fixes(text, linted(text).fixes);
}

/// The fix is as expected, and once is enough.
void check_fix(const std::string& text, const std::string& wanted) {
  const std::string once = fixed(text);
  CHECK(once == wanted);
  CHECK(fixed(once) == once);
}

const std::string head = "# T\n\n## Steps\n\n";

/// Every script of the document, in order.
std::vector<std::string> scripts(const Runbook& book) {
  std::vector<std::string> all;
  for (const Step& step : book.steps) {
    for (const auto* actions : {&step.actions, &step.checks, &step.undo}) {
      for (const Action& action : *actions) all.push_back(param(action, "script"));
    }
  }
  return all;
}

} // namespace

TEST_CASE("lint fix: expected output gets its label") {
  const std::string before = head + "1. A\n   ```sh\n   echo 1\n   ```\n\n   ```\n   1\n   ```\n";
  const std::string after = head + "1. A\n   ```sh\n   echo 1\n   ```\n\n   Expected:\n   ```\n   1\n   ```\n";
  check_fix(before, after);
  CHECK(book(after).steps[0].actions[0].expect->text == "1");
  CHECK(scripts(book(before)) == scripts(book(after)));
}

TEST_CASE("lint fix: a label is not put where the command has an expected output already") {
  const std::string text = head + "1. A\n   ```console\n   $ echo 1\n   1\n   ```\n   ```\n   2\n   ```\n";
  CHECK(fixed(text) == text);
}

TEST_CASE("lint fix: a session of one command gets its prompt") {
  check_fix(head + "1. A\n   ```console\n   kubectl get pods\n   ```\n",
            head + "1. A\n   ```console\n   $ kubectl get pods\n   ```\n");
  const std::string two = head + "1. A\n   ```console\n   kubectl get pods\n   NAME\n   ```\n";
  CHECK(fixed(two) == two);
  const std::string early = head + "1. A\n   ```console\n   hello\n   $ ls\n   ```\n";
  CHECK(fixed(early) == early);
}

TEST_CASE("lint fix: labels get their colon and their spelling") {
  check_fix(step_that_runs("make a", "\n   **Rollback**\n\n   ```sh\n   make b\n   ```\n"),
            step_that_runs("make a", "\n   **Rollback**:\n\n   ```sh\n   make b\n   ```\n"));
  check_fix(step_that_runs("make a", "   Rolback:\n   ```sh\n   make b\n   ```\n"),
            step_that_runs("make a", "   Rollback:\n   ```sh\n   make b\n   ```\n"));
  check_fix(step_that_runs("make a", "   **Expeced outptu:**\n   ```\n   b\n   ```\n"),
            step_that_runs("make a", "   **Expected output:**\n   ```\n   b\n   ```\n"));
}

TEST_CASE("lint fix: a step that something refers to gets the id that it has") {
  const std::string undo = "\n## Rollback\n1. Undo step 1\n   ```sh\n   b\n   ```\n";
  const std::string block = "   ```sh\n   a\n   ```\n";
  check_fix(head + "1. Link it\n" + block + undo, head + "1. Link it {#link-it}\n" + block + undo);
  check_fix(head + "1. Link\n   it:  \n\n" + block + undo, head + "1. Link\n   it: {#link-it}  \n\n" + block + undo);
  check_fix(head + "1. Link it\n   Check:\n" + block + undo,
            head + "1. Link it {#link-it}\n   Check:\n" + block + undo);
  const std::string below = "\n```sh\na\n```\n";
  check_fix(head + "### 1. Link it ###\n" + below + undo, head + "### 1. Link it {#link-it} ###\n" + below + undo);
  const Runbook before = book(head + "1. Link it\n" + block + undo);
  const Runbook after = book(fixed(head + "1. Link it\n" + block + undo));
  CHECK(before.steps[0].id == after.steps[0].id);
  CHECK(before.steps[0].title == after.steps[0].title);
  CHECK(scripts(before) == scripts(after));
}

TEST_CASE("lint fix: line ends, a byte order mark and what is not ASCII stay as they are") {
  const std::string before =
      "\xEF\xBB\xBF# Ü\r\n\r\n## Steps\r\n1. Ä {#a}\r\n   ```sh\r\n   echo 1\r\n   ```\r\n   ```\r\n   1\r\n   ```\r\n";
  const std::string after = "\xEF\xBB\xBF# Ü\r\n\r\n## Steps\r\n1. Ä {#a}\r\n   ```sh\r\n   echo 1\r\n   ```\r\n   "
                            "Expected:\r\n   ```\r\n   1\r\n   ```\r\n";
  check_fix(before, after);
}

TEST_CASE("lint fix: several are made at once, and what is suppressed is left") {
  const std::string block = "   ```sh\n   echo 1\n   ```\n\n   ```\n   1\n   ```\n";
  const LintReport report = linted(head + "1. A\n" + block + "2. B\n" + block);
  CHECK(report.fixes.size() == 2);
  const std::string comment = "<!-- runbook-lint-ignore-file unlabelled-output: it differs each time -->\n\n";
  const LintReport quiet = linted(comment + head + "1. A\n" + block);
  CHECK(quiet.fixes.empty());
  CHECK(quiet.suppressed.size() == 1);
}

TEST_CASE("lint fix: of fixes that touch each other the first is made") {
  const auto fix = [](std::size_t begin, std::size_t end, std::string text) {
    Fix out;
    out.begin = begin;
    out.end = end;
    out.replacement = std::move(text);
    return out;
  };
  CHECK(apply_fixes("abcdef", {fix(4, 5, "E"), fix(1, 3, "X"), fix(2, 4, "Y")}) == "aXdEf");
  CHECK(apply_fixes("ab", {fix(1, 1, "1"), fix(1, 1, "2")}) == "a1b");
  CHECK(apply_fixes("ab", {fix(2, 2, "!"), fix(5, 9, "?")}) == "ab!");
  CHECK(apply_fixes("ab", {}) == "ab");
}

TEST_CASE("lint fix: repairs never lead to new errors nor change a script, whatever is put together") {
  const std::vector<std::string> pieces{"   ```sh\n   a\n   ```\n",
                                        "   ```\n   out\n   ```\n",
                                        "   ```console\n   $ b\n   x\n   ```\n",
                                        "   ```console\n   c\n   ```\n",
                                        "   Rolback:\n",
                                        "   **Check**\n\n",
                                        "   Expected:\n",
                                        "   ```confirm\n   ok?\n   ```\n",
                                        "   Words.\n\n"};
  const std::size_t n = pieces.size();
  std::size_t changed = 0;
  for (std::size_t i = 0; i < n * n * n * n; ++i) {
    const std::string text =
        head + "1. A\n" + pieces[i % n] + pieces[i / n % n] + pieces[i / n / n % n] + pieces[i / n / n / n];
    const LintReport before = linted(text);
    if (before.fixes.empty()) continue;
    ++changed;
    const std::string better = apply_fixes(text, before.fixes);
    const LintReport after = linted(better);
    const auto errors = [](const LintReport& r) {
      return std::ranges::count(r.diagnostics, Severity::error, &Diagnostic::severity);
    };
    CHECK_MESSAGE(errors(after) <= errors(before), text << all_found(before) << better << all_found(after));
  }
  CHECK(changed > 100);
}
