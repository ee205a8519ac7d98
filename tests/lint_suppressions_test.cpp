// Comments that leave findings out, and what is wrong with them.
#include "support/linting.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

const std::string steps = "# T\n\n## Steps\n\n";
const std::string remove_a = "1. Remove a\n   ```sh\n   rm -r a\n   ```\n";
const std::string remove_b = "2. Remove b\n   ```sh\n   rm -r b\n   ```\n";

std::string ignore(std::string_view codes, std::string_view reason = "it fills itself again") {
  return "<!-- runbook-lint-ignore " + std::string(codes) + ": " + std::string(reason) + " -->\n";
}

std::size_t destructive(const LintReport& report) {
  return count(report, "destructive-without-undo");
}

std::string complaints(const LintReport& report) {
  return found(report, "suppression") + found(report, "unused-suppression");
}

} // namespace

TEST_CASE("lint suppression: a comment in front of a step leaves its findings out, with the reason") {
  const LintReport report = linted(steps + ignore("destructive-without-undo") + remove_a + remove_b);
  CHECK(destructive(report) == 1);
  REQUIRE(report.suppressed.size() == 1);
  CHECK(report.suppressed[0].diagnostic.span.line == 8);
  CHECK(report.suppressed[0].reason == "it fills itself again");
  CHECK(complaints(report) == "");
}

TEST_CASE("lint suppression: a comment inside of a step speaks of the block below it") {
  const std::string comment = "   <!-- runbook-lint-ignore destructive-without-undo: it is empty -->\n";
  const LintReport report =
      linted(steps + "1. Remove\n" + comment + "   ```sh\n   rm -r a\n   ```\n   ```sh\n   rm -r b\n   ```\n");
  CHECK(destructive(report) == 1);
  CHECK(report.suppressed.size() == 1);
  CHECK(complaints(report) == "");
}

TEST_CASE("lint suppression: between two items a comment speaks of the second") {
  const LintReport report = linted(steps + remove_a + "\n" + ignore("destructive-without-undo") + remove_b);
  CHECK(has(found(report, "destructive-without-undo"), "book.md:7:"));
  CHECK(report.suppressed.size() == 1);
}

TEST_CASE("lint suppression: in front of a heading a comment speaks of all below it") {
  const std::string text = "# T\n\n## Steps\n\n" + ignore("destructive-without-undo") +
                           "\n### 1. Remove\n\n```sh\nrm -r a\n```\n\n### 2. More\n\n```sh\nrm -r b\n```\n";
  const LintReport report = linted(text);
  CHECK(destructive(report) == 1);
  CHECK(report.suppressed.size() == 1);
}

TEST_CASE("lint suppression: a comment for the file speaks of the whole document, and several codes are possible") {
  const std::string comment =
      "<!-- runbook-lint-ignore-file destructive-without-undo, mutating-without-verification:\n     a test bench -->\n";
  const LintReport report = linted(steps + remove_a + remove_b + "\n" + comment);
  CHECK(destructive(report) == 0);
  CHECK(count(report, "mutating-without-verification") == 0);
  CHECK(report.suppressed.size() == 3);
  CHECK(report.suppressed[0].reason == "a test bench");
  CHECK(complaints(report) == "");
}

TEST_CASE("lint suppression: without a reason nothing is left out") {
  const LintReport report = linted(steps + "<!-- runbook-lint-ignore destructive-without-undo -->\n" + remove_a);
  CHECK(destructive(report) == 1);
  CHECK(complaints(report) == "docs/book.md:5:1: warning: a suppression that gives no reason suppresses nothing; "
                              "write <!-- runbook-lint-ignore CODE: why --> [suppression]\n");
}

TEST_CASE("lint suppression: unknown codes and words get a hint") {
  CHECK(has(complaints(linted(steps + ignore("destructive-without-und") + remove_a)),
            "there is no code 'destructive-without-und'; did you mean 'destructive-without-undo'?"));
  CHECK(has(complaints(linted(steps + "<!-- runbook-lint-disable dead-link: x -->\n" + remove_a)),
            "'runbook-lint-disable' is nothing that the linter knows"));
  CHECK(has(complaints(linted(steps + "<!-- runbook-lint-ignore : why -->\n" + remove_a)), "names no code"));
}

TEST_CASE("lint suppression: one that nothing was left out for is found") {
  CHECK(complaints(linted(steps + ignore("dead-link") + remove_a)) ==
        "docs/book.md:5:1: warning: nothing here is found as 'dead-link'; remove it from the comment "
        "[unused-suppression]\n");
}

TEST_CASE("lint suppression: an error that keeps the document from running stays") {
  const LintReport report = linted(steps + ignore("placeholder") + "1. A\n   ```sh\n   kubectl get <pod>\n   ```\n");
  CHECK(count(report, "placeholder") == 1);
  CHECK(has(complaints(report), "'placeholder' is an error here: it keeps the document from running"));
  CHECK(report.suppressed.empty());
}

TEST_CASE("lint suppression: a comment in a block of code is a part of the script") {
  CHECK(complaints(linted(step_that_runs("# <!-- runbook-lint-ignore dead-link: x -->\nls"))) == "");
  CHECK(complaints(linted(steps + "<!-- any other comment -->\n" + remove_a)) == "");
}

TEST_CASE("lint suppression: a thousand of them and as many findings cost little") {
  std::string text = steps;
  for (int i = 0; i < 3000; ++i) text += ignore("dead-link") + "1. R\n   ```sh\n   rm -r a\n   ```\n\n";
  const LintReport report = linted(text);
  CHECK(count(report, "unused-suppression") == 1000);
  CHECK(has(found(report, "suppression"), "more than 1000 suppressions"));
}
