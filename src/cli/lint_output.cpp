#include "lint_output.hpp"

#include "shown_text.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace runbook::cli {

namespace {

constexpr std::size_t most_codes = 5;

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string as_json_line(const Diagnostic& d) {
  const Value line{{"severity", to_string(d.severity)},
                   {"code", d.code},
                   {"message", d.message},
                   {"hint", d.hint},
                   {"path", shown_line(d.path)},
                   {"line", d.span.line},
                   {"column", d.span.column},
                   {"end_line", d.span.end_line},
                   {"end_column", d.span.end_column},
                   {"step", d.step}};
  return boost::json::serialize(line) + "\n";
}

/// `dead-link 12, placeholder 3`
std::string frequent_codes(const std::vector<Diagnostic>& findings) {
  std::map<std::string_view, std::size_t> counts;
  for (const Diagnostic& finding : findings) ++counts[finding.code];
  std::vector<std::pair<std::string_view, std::size_t>> codes(counts.begin(), counts.end());
  std::ranges::sort(
      codes, [](const auto& a, const auto& b) { return std::tie(b.second, a.first) < std::tie(a.second, b.first); });
  std::string out;
  for (std::size_t i = 0; i < std::min(codes.size(), most_codes); ++i) {
    out += fmt::format("{}{} {}", i == 0 ? "" : ", ", codes[i].first, codes[i].second);
  }
  return out;
}

std::string files(const LintTally& tally) {
  std::string out = counted(tally.paths.size(), "runbook");
  if (tally.no_runbooks > 0) out += fmt::format(", {} without anything to do", counted(tally.no_runbooks, "document"));
  if (tally.unreadable > 0) out += fmt::format(", {} unreadable", tally.unreadable);
  return out;
}

} // namespace

std::size_t LintTally::count(Severity severity) const {
  return static_cast<std::size_t>(std::ranges::count(findings, severity, &Diagnostic::severity));
}

std::string as_lines(const std::vector<Diagnostic>& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics) lines += to_string(diagnostic) + "\n";
  return lines;
}

std::string as_json_lines(const std::vector<Diagnostic>& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics) lines += as_json_line(diagnostic);
  return lines;
}

std::string summary(const LintTally& tally) {
  const bool one = tally.paths.size() == 1 && tally.no_runbooks == 0 && tally.unreadable == 0;
  std::string out = fmt::format(
      "{}: {}, {}, {}", one ? tally.paths.front() : files(tally), counted(tally.count(Severity::error), "error"),
      counted(tally.count(Severity::warning), "warning"), counted(tally.count(Severity::note), "note"));
  if (tally.suppressed > 0) out += fmt::format(", {} suppressed", tally.suppressed);
  if (tally.fixed > 0) out += fmt::format(", {} fixed", tally.fixed);
  out += "\n";
  if (!one && !tally.findings.empty()) out += fmt::format("most frequent: {}\n", frequent_codes(tally.findings));
  return out;
}

} // namespace runbook::cli
