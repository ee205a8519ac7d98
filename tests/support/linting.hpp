// Linting a document in a test and asking what came of it.
#pragma once

#include <runbook/handlers.hpp>
#include <runbook/lint.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace runbook::testing {

/// Files that only the test knows.
class KnownFiles final : public LinkedFiles {
public:
  explicit KnownFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  [[nodiscard]] bool exists(const std::string& path) const override { return files_.contains(path); }
  [[nodiscard]] std::optional<std::string> read(const std::string& path) const override {
    const auto found = files_.find(path);
    return found == files_.end() ? std::nullopt : std::optional(found->second);
  }

private:
  std::map<std::string, std::string> files_;
};

inline LintReport linted(std::string_view text, std::map<std::string, std::string> files = {}) {
  return lint(text, builtin_handlers(), {"docs/book.md", std::make_shared<KnownFiles>(std::move(files))});
}

/// All findings of a code, one a line.
inline std::string found(const LintReport& report, std::string_view code) {
  std::string out;
  for (const Diagnostic& d : report.diagnostics) {
    if (d.code == code) out += to_string(d) + '\n';
  }
  return out;
}

inline std::string all_found(const LintReport& report) {
  std::string out;
  for (const Diagnostic& d : report.diagnostics) out += to_string(d) + '\n';
  return out;
}

inline std::size_t count(const LintReport& report, std::string_view code) {
  return static_cast<std::size_t>(std::ranges::count(report.diagnostics, code, &Diagnostic::code));
}

/// The first finding of a code.
inline Diagnostic first(const LintReport& report, std::string_view code) {
  const auto found = std::ranges::find(report.diagnostics, code, &Diagnostic::code);
  REQUIRE(found != report.diagnostics.end());
  return *found;
}

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// A document with one step that runs this script.
inline std::string step_that_runs(std::string_view script, std::string_view behind = {}) {
  std::string text = "# Test\n\n## Steps\n\n1. Do it\n   ```sh\n   ";
  for (const char c : script) {
    text += c;
    if (c == '\n') text += "   ";
  }
  return text + "\n   ```\n" + std::string(behind);
}

} // namespace runbook::testing
