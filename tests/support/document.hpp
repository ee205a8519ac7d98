// Reading a document in a test and asking what came of it.
#pragma once

#include <runbook/parse.hpp>

#include <boost/json/string.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::testing {

inline Parsed read(std::string_view text, std::vector<std::string> languages = {}) {
  return parse_markdown(text, {"book.md", std::move(languages)});
}

/// All findings, one a line, for messages of failing checks.
inline std::string findings(const Parsed& parsed) {
  std::string out;
  for (const Diagnostic& d : parsed.diagnostics) out += to_string(d) + '\n';
  return out;
}

/// A document without a single error.
inline Runbook book(std::string_view text, std::vector<std::string> languages = {}) {
  Parsed parsed = read(text, std::move(languages));
  REQUIRE_MESSAGE(parsed.ok(), findings(parsed));
  return std::move(parsed.runbook);
}

/// Whether some finding contains the text, which may start with its place.
inline bool finds(const Parsed& parsed, std::string_view part) {
  return std::ranges::any_of(parsed.diagnostics,
                             [&](const Diagnostic& d) { return to_string(d).find(part) != std::string::npos; });
}

inline std::size_t count(const Parsed& parsed, std::string_view code) {
  return static_cast<std::size_t>(std::ranges::count(parsed.diagnostics, code, &Diagnostic::code));
}

/// A parameter that is text.
inline std::string param(const Action& action, std::string_view name) {
  const Value* value = action.params.if_contains(name);
  return value == nullptr ? std::string("(none)") : to_text(*value);
}

/// Steps below a heading "Steps", in a document with a title.
inline std::string steps(std::string_view text) {
  return "# Test\n\n## Steps\n\n" + std::string(text);
}

} // namespace runbook::testing
