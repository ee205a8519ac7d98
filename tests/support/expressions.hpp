// Expressions in tests: their values as JSON, and what went wrong as one line.
#pragma once

#include <runbook/expression.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace runbook_test {

inline runbook::Value evaluated(std::string_view text, const runbook::Values& variables = {}) {
  const auto expression = runbook::Expression::parse(text);
  REQUIRE_MESSAGE(expression.has_value(), to_string(expression.error()));
  const auto value = expression->evaluate(variables);
  REQUIRE_MESSAGE(value.has_value(), to_string(value.error()));
  return *value;
}

/// The error of reading or else of evaluating it.
inline runbook::Error error_of(std::string_view text, const runbook::Values& variables = {}) {
  const auto expression = runbook::Expression::parse(text);
  if (!expression) return expression.error();
  const auto value = expression->evaluate(variables);
  REQUIRE_MESSAGE(!value.has_value(), runbook::canonical_json(*value));
  return value.error();
}

/// Its diagnostic, as it is shown.
inline std::string failure(std::string_view text, const runbook::Values& variables = {}) {
  const runbook::Error error = error_of(text, variables);
  REQUIRE(error.diagnostics.size() == 1);
  CHECK_FALSE(error.message.empty());
  return to_string(error.diagnostics.front());
}

} // namespace runbook_test
