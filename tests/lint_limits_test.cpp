// Hostile documents cost the linter little more than reading them.
#include "support/cpu_time.hpp"
#include "support/linting.hpp"

#include <functional>

using namespace runbook;
using namespace runbook::testing;

namespace {

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += piece;
  return out;
}

double seconds(const std::string& text) {
  return runbook_test::cpu_time([&] { CHECK(linted(text).diagnostics.size() <= 60'004); }).count();
}

const std::string head = "# T\n\n## Steps\n\n";

} // namespace

TEST_CASE("lint limits: eight times the document costs not much more than eight times the time") {
  const std::map<std::string, std::function<std::string(std::size_t)>> documents{
      {"links", [](std::size_t n) { return head + "1. A\n\n" + repeated("[a](gone.md) ", n); }},
      {"links by reference",
       [](std::size_t n) { return head + "1. A\n\n" + repeated("[a][b] ", n) + "\n\n[b]: gone.md\n"; }},
      {"anchors", [](std::size_t n) { return head + "1. A\n\n" + repeated("[a](#gone)\n\n## Same\n\n", n); }},
      {"comments",
       [](std::size_t n) { return head + repeated("<!-- runbook-lint-ignore dead-link: x -->\n", n) + "1. A\n"; }},
      {"outputs",
       [](std::size_t n) { return head + repeated("1. A\n   ```sh\n   ls\n   ```\n   ```\n   x\n   ```\n", n); }},
      {"undos",
       [](std::size_t n) {
         return head + repeated("1. A\n", n) + "\n## Rollback\n" + repeated("1. Undo step 7\n", n);
       }},
      {"one script", [](std::size_t n) { return step_that_runs(repeated("rm -r $a ", n)); }},
      {"commands", [](std::size_t n) { return step_that_runs(repeated("rm -r a\n", n)); }},
      {"names",
       [](std::size_t n) {
         std::string script;
         for (std::size_t i = 0; script.size() < n; ++i)
           script += "a" + std::to_string(i) + "=1; echo $b" + std::to_string(i) + "\n";
         return step_that_runs(script);
       }},
      {"secrets", [](std::size_t n) { return step_that_runs(repeated("password=hunter2x ", n)); }},
      {"dashes", [](std::size_t n) { return step_that_runs(repeated("-----BEGIN ", n)); }},
      {"shells in shells", [](std::size_t n) { return step_that_runs("bash -c '" + repeated("ssh h ", n) + "'"); }},
      {"labels",
       [](std::size_t n) { return head + "1. A\n" + repeated("\n   **Rollback**\n\n   ```sh\n   a\n   ```\n", n); }},
      {"quotes", [](std::size_t n) { return head + "1. A\n   ```sh\n   \"" + repeated("$(\"", n) + "\n   ```\n"; }},
  };
  for (const auto& [name, make] : documents) {
    constexpr std::size_t size = 10'000;
    const double small = seconds(make(size)) + 0.02;
    const double large = seconds(make(8 * size));
    CHECK_MESSAGE(large < 24 * small, name << ": " << small << " s, then " << large << " s");
  }
}
