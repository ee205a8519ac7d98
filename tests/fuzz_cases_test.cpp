// What the fuzzers have found once, and what they start from, in every build.
#include "fuzz/targets.hpp"
#include "support/hostile_documents.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Runs a target over a folder; returns how many files there were.
std::size_t run_over(const runbook::fuzz::Target& target, const std::filesystem::path& folder) {
  std::size_t files = 0;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().string());
    target.run(bytes_of(entry.path()));
    ++files;
  }
  return files;
}

} // namespace

TEST_CASE("fuzz: what the fuzzers start from and what they have found does no harm") {
  const std::filesystem::path fuzz = std::filesystem::path(RUNBOOK_SOURCE_DIR) / "tests" / "fuzz";
  for (const runbook::fuzz::Target& target : runbook::fuzz::targets) {
    CAPTURE(std::string(target.name));
    CHECK(run_over(target, fuzz / "corpus" / target.name) > 3);
    run_over(target, fuzz / "found" / target.name);
  }
}

TEST_CASE("fuzz: what must hold of any document holds of hostile ones") {
  for (const auto& document : runbook::testing::hostile_documents()) {
    CAPTURE(document.name);
    runbook::fuzz::use(runbook::parse(document.make(3000), {"hostile." + std::string(document.ending), {}}));
  }
}
