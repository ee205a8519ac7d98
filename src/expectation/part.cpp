#include "expectation/compare.hpp"

#include "pattern.hpp"
#include "printable.hpp"
#include "template.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t excerpt = 200;
constexpr std::string_view blanks = " \t\r";

/// Linear, which `std::string::find` is not.
bool is_in(std::string_view part, std::string_view whole) noexcept {
  return part.empty() || memmem(whole.data(), whole.size(), part.data(), part.size()) != nullptr;
}

/// Without blanks at the ends of lines and without blank lines around it.
std::string trimmed(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view kept = line.substr(0, line.find_last_not_of(blanks) + 1); // npos + 1 is 0
    if (out.empty() && kept.empty()) continue;
    out.append(kept) += '\n';
  }
  out.resize(out.find_last_not_of('\n') + 1);
  return out;
}

/// Without blanks at the ends of lines, as the output is compared. The last line goes on in the pattern.
std::string as_in_output(std::string_view value) {
  std::string out;
  for (std::size_t end = value.find('\n'); end != std::string_view::npos; end = value.find('\n')) {
    const std::string_view line = value.substr(0, end);
    out.append(line.substr(0, line.find_last_not_of(blanks) + 1)) += '\n';
    value.remove_prefix(end + 1);
  }
  return out.append(value);
}

/// The pattern with the values in it, each of which stands for itself.
Result<std::string> filled_in(std::string_view pattern, const Values& values) {
  std::string text = "(?m)";
  for (const TemplatePart& part : template_parts(pattern)) {
    if (part.kind != TemplatePart::Kind::name) {
      text += part.text;
      continue;
    }
    const Result<const Value*> value = find_value(part.name, values);
    if (!value) return value.error();
    text += Pattern::quoted(as_in_output(to_text(**value)));
  }
  return text;
}

std::string shown(std::string_view output) {
  return output.empty() ? "nothing" : fmt::format("\"{}\"", printable_excerpt(output, excerpt));
}

} // namespace

std::optional<std::string> contains_mismatch(std::string_view expected, std::string_view output, const Values& values) {
  const Result<std::string> wanted = expand(expected, values, Place::text);
  if (!wanted) return to_string(wanted.error());
  const std::string part = trimmed(*wanted);
  const std::string whole = trimmed(output);
  if (is_in(part, whole)) return std::nullopt;
  return fmt::format("expected \"{}\" somewhere in the output, got {}", printable_excerpt(part, excerpt), shown(whole));
}

std::optional<std::string> regex_mismatch(std::string_view expected, std::string_view output, const Values& values) {
  const Result<std::string> text = filled_in(trimmed(expected), values);
  if (!text) return to_string(text.error());
  std::string why;
  const auto pattern = Pattern::compile(*text, why);
  if (!pattern) return fmt::format("the expected pattern cannot be used: {}", why);
  const std::string whole = trimmed(output);
  if (pattern->found_in(whole)) return std::nullopt;
  return fmt::format("expected output that matches '{}', got {}", printable_excerpt(trimmed(expected), excerpt),
                     shown(whole));
}

std::optional<std::string> regex_flaw(std::string_view expected) {
  std::string text = "(?m)";
  for (const TemplatePart& part : template_parts(trimmed(expected))) {
    text += part.kind == TemplatePart::Kind::name ? "x" : part.text;
  }
  std::string why;
  if (Pattern::compile(text, why)) return std::nullopt;
  return fmt::format("'{}' is no regular expression: {}", printable_excerpt(trimmed(expected), excerpt), why);
}

} // namespace runbook
