#include "handlers/conditions.hpp"

#include "printable.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t longest_shown_value = 200;
constexpr std::string_view blanks = " \t\r\n";

void add_lines(std::string_view text, std::vector<std::string>& out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t first = line.find_first_not_of(blanks);
    if (first != std::string_view::npos)
      out.emplace_back(line.substr(first, line.find_last_not_of(blanks) + 1 - first));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

const Value* value_at(const std::vector<std::string>& path, const Values& variables) {
  const Value* value = variables.if_contains(path.front());
  for (std::size_t i = 1; value != nullptr && i < path.size(); ++i) {
    const Values* object = value->if_object();
    value = object == nullptr ? nullptr : object->if_contains(path[i]);
  }
  return value;
}

/// `count is 3, inputs.env is "dev"`: everything that the expression reads, once.
std::string values_in(const Expression& expression, const Values& variables) {
  std::set<std::string> seen;
  std::string out;
  for (const Expression::Reference& reference : expression.references()) {
    const std::string name = fmt::format("{}", fmt::join(reference.path, "."));
    if (!seen.insert(name).second) continue;
    const Value* value = value_at(reference.path, variables);
    const std::string shown =
        value == nullptr ? "not there" : printable_excerpt(canonical_json(*value), longest_shown_value);
    out += fmt::format("{}{} is {}", out.empty() ? "" : ", ", printable(name), shown);
  }
  return out;
}

} // namespace

std::vector<std::string> expressions_of(const Value& param) {
  std::vector<std::string> out;
  if (const auto* text = param.if_string()) add_lines(*text, out);
  if (const auto* list = param.if_array()) {
    for (const Value& element : *list) {
      if (element.is_string()) out.push_back(to_text(element));
    }
  }
  return out;
}

std::vector<Diagnostic> check_expressions(const std::vector<std::string>& texts, const SourceSpan& span) {
  std::vector<Diagnostic> found;
  for (const std::string& text : texts) {
    const Result<Expression> read = Expression::parse(text);
    if (read) continue;
    const auto& problems = read.error().diagnostics;
    found.push_back({Severity::error,
                     "condition",
                     fmt::format("'{}' is no expression: {}", printable_excerpt(text, longest_shown_value),
                                 problems.empty() ? read.error().message : problems.front().message),
                     problems.empty() ? std::string() : problems.front().hint,
                     {},
                     {},
                     span});
  }
  return found;
}

Values expression_variables(const Values& values) {
  Values variables = values;
  variables["inputs"] = values;
  return variables;
}

std::string in_words(const Error& error) {
  return error.diagnostics.empty() ? error.message : error.diagnostics.front().message;
}

std::string why_not(std::string_view condition, const Values& variables) {
  const Result<Expression> read = Expression::parse(condition);
  if (!read) return fmt::format("'{}' is no condition: {}", printable(condition), in_words(read.error()));
  const Result<bool> holds = read->test(variables);
  if (holds && *holds) return {};
  std::string why = holds ? fmt::format("'{}' is false", printable(condition))
                          : fmt::format("'{}' cannot be told: {}", printable(condition), in_words(holds.error()));
  const std::string values = values_in(*read, variables);
  return values.empty() ? why : fmt::format("{} ({})", why, values);
}

} // namespace runbook
