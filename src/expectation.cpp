#include "expectation.hpp"

#include "expectation/compare.hpp"
#include "template.hpp"

namespace runbook {

namespace {

/// What follows the first blank line; empty if there is none.
std::string_view body_of(std::string_view response) noexcept {
  while (!response.empty()) {
    const std::size_t end = response.find('\n');
    if (end == std::string_view::npos) return {};
    const std::string_view line = response.substr(0, end);
    response.remove_prefix(end + 1);
    if (line.empty() || line == "\r") return response;
  }
  return {};
}

bool is_blank(std::string_view text) noexcept {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Whether the body is meant as a JSON document: an object or array. A single word is the same as JSON and as text, but
/// `{{ name }}` alone would only match quoted output if it were taken for JSON.
bool is_json(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (body[first] != '{' && body[first] != '[')) return false;
  return template_parts(body.substr(first)).front().kind != TemplatePart::Kind::name && !json_flaw(body);
}

} // namespace

std::optional<std::string> mismatch(const Expectation& expected, std::string_view output, const Values& values) {
  switch (expected.kind) {
  case Expectation::Kind::text: return text_mismatch(expected.text, output, values);
  case Expectation::Kind::json: return json_mismatch(expected.text, output, values);
  case Expectation::Kind::contains: return contains_mismatch(expected.text, output, values);
  case Expectation::Kind::regex: return regex_mismatch(expected.text, output, values);
  case Expectation::Kind::http: break;
  }
  const std::string_view body = body_of(expected.text);
  if (is_blank(body)) return std::nullopt;
  return is_json(body) ? json_mismatch(body, output, values) : text_mismatch(body, output, values);
}

std::optional<std::string> flaw(const Expectation& expected) {
  const bool of_a_part = expected.kind == Expectation::Kind::contains || expected.kind == Expectation::Kind::regex;
  if (of_a_part && is_blank(expected.text)) return "the expected text is empty, which any output has in it";
  if (expected.kind == Expectation::Kind::regex) return regex_flaw(expected.text);
  if (expected.kind != Expectation::Kind::json) return std::nullopt;
  return json_flaw(expected.text);
}

} // namespace runbook
