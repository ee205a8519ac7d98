// What `lint` prints: findings as lines or as JSON, and the summary.
#pragma once

#include <runbook/lint.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace runbook::cli {

/// What came of all documents together.
struct LintTally {
  std::vector<std::string> paths{}; ///< of the runbooks
  std::size_t no_runbooks = 0;
  std::size_t unreadable = 0;
  std::size_t suppressed = 0;
  std::size_t fixed = 0;
  std::vector<Diagnostic> findings{};

  [[nodiscard]] std::size_t count(Severity severity) const;
};

[[nodiscard]] std::string as_lines(const std::vector<Diagnostic>& diagnostics);
/// One object per line.
[[nodiscard]] std::string as_json_lines(const std::vector<Diagnostic>& diagnostics);
/// `deploy.md: 1 error, 2 warnings, 0 notes`, or the same of several documents and the codes that are most frequent.
[[nodiscard]] std::string summary(const LintTally& tally);

} // namespace runbook::cli
