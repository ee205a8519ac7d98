#include "digest.hpp"
#include "markdown/text.hpp"
#include "source_text.hpp"

#include <runbook/lint.hpp>

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace runbook {

namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view root = "%SRCROOT%";

std::string percent_encoded(std::string_view path) {
  constexpr std::string_view plain = "-._~/";
  std::string out;
  for (const char c : path) {
    if (markdown::is_letter(c) || markdown::is_digit(c) || plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

object location_of(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  if (path.starts_with('/')) return {{"uri", "file://" + percent_encoded(path)}};
  return {{"uri", percent_encoded(path)}, {"uriBaseId", root}};
}

object region_of(const SourceSpan& span) {
  object region{{"startLine", span.line}, {"startColumn", span.column}};
  if (span.end_line >= span.line) {
    region["endLine"] = span.end_line;
    region["endColumn"] = span.end_column;
  }
  return region;
}

std::string sentence(const Diagnostic& diagnostic) {
  return diagnostic.hint.empty() ? diagnostic.message : diagnostic.message + "; " + diagnostic.hint;
}

array described_rules() {
  array rules;
  for (const LintRule& rule : lint_rules()) {
    rules.push_back(object{{"id", rule.code},
                           {"shortDescription", {{"text", rule.summary}}},
                           {"defaultConfiguration", {{"level", to_string(rule.severity)}}},
                           {"properties", {{"fixable", rule.fixable}}}});
  }
  return rules;
}

/// One document's findings.
class Results {
public:
  Results(const LintReport& report, std::size_t artifact, array& results)
      : report_(report), text_(report.parsed.runbook.source), artifact_(artifact), results_(results) {}

  void add() {
    auto fix = report_.fixes.begin();
    for (const Diagnostic& diagnostic : report_.diagnostics) {
      object result = described(diagnostic);
      if (fix != report_.fixes.end() && fix->code == diagnostic.code && belongs(*fix, diagnostic)) {
        result["fixes"] = array{described(*fix++)};
      }
      results_.push_back(std::move(result));
    }
    for (const Suppressed& suppressed : report_.suppressed) {
      object result = described(suppressed.diagnostic);
      result["suppressions"] = array{object{{"kind", "inSource"}, {"justification", suppressed.reason}}};
      results_.push_back(std::move(result));
    }
  }

private:
  static bool belongs(const Fix& fix, const Diagnostic& diagnostic) {
    return fix.span.line >= diagnostic.span.line &&
           fix.span.line <= std::max(diagnostic.span.line, diagnostic.span.end_line);
  }

  [[nodiscard]] object artifact() const {
    object location = location_of(report_.parsed.runbook.path);
    location["index"] = artifact_;
    return location;
  }

  object described(const Diagnostic& diagnostic) {
    object place{{"artifactLocation", artifact()}};
    if (diagnostic.span.known()) place["region"] = region_of(diagnostic.span);
    object location{{"physicalLocation", std::move(place)}};
    if (!diagnostic.step.empty())
      location["logicalLocations"] = array{object{{"name", diagnostic.step}, {"kind", "step"}}};
    object result{{"ruleId", diagnostic.code},
                  {"level", to_string(diagnostic.severity)},
                  {"message", {{"text", sentence(diagnostic)}}},
                  {"locations", array{std::move(location)}},
                  {"partialFingerprints", {{"codeAndLine/v1", fingerprint(diagnostic)}}}};
    if (const LintRule* rule = find_lint_rule(diagnostic.code)) result["ruleIndex"] = rule - lint_rules().data();
    return result;
  }

  object described(const Fix& fix) {
    object replacement{{"deletedRegion", region_of(fix.span)}, {"insertedContent", {{"text", fix.replacement}}}};
    object change{{"artifactLocation", artifact()}, {"replacements", array{std::move(replacement)}}};
    return {{"description", {{"text", fix.description}}}, {"artifactChanges", array{std::move(change)}}};
  }

  /// Stays the same when lines are added elsewhere.
  std::string fingerprint(const Diagnostic& diagnostic) {
    const std::string key = diagnostic.code + '\0' + std::string(markdown::trim(text_.line(diagnostic.span.line)));
    const std::string digest = sha256_hex(key).substr(0, 16);
    return fmt::format("{}:{}", digest, ++seen_[digest]);
  }

  const LintReport& report_;
  SourceText text_;
  std::size_t artifact_;
  array& results_;
  std::map<std::string, int> seen_;
};

array notifications(std::span<const UnreadableFile> unreadable) {
  array all;
  for (const UnreadableFile& file : unreadable) {
    object place{{"physicalLocation", {{"artifactLocation", location_of(file.path)}}}};
    all.push_back(
        object{{"level", "error"}, {"message", {{"text", file.message}}}, {"locations", array{std::move(place)}}});
  }
  return all;
}

} // namespace

Value to_sarif(std::span<const LintReport> reports, std::span<const UnreadableFile> unreadable) {
  array artifacts;
  array results;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    artifacts.push_back(object{{"location", location_of(reports[i].parsed.runbook.path)}});
    Results(reports[i], i, results).add();
  }
  object invocation{{"executionSuccessful", unreadable.empty()}};
  if (!unreadable.empty()) invocation["toolExecutionNotifications"] = notifications(unreadable);
  object driver{{"name", "runbook"}, {"version", RUNBOOK_VERSION}, {"rules", described_rules()}};
  object run{{"tool", {{"driver", std::move(driver)}}},
             {"columnKind", "unicodeCodePoints"},
             {"invocations", array{std::move(invocation)}},
             {"artifacts", std::move(artifacts)},
             {"results", std::move(results)}};
  return object{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                {"version", "2.1.0"},
                {"runs", array{std::move(run)}}};
}

} // namespace runbook
