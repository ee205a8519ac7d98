// Expressions in the parameters of handlers: what they may name, and what is said when they are false.
//
// Thread-safety: functions of their arguments.
#pragma once

#include <runbook/expression.hpp>
#include <runbook/handler.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// The expressions of a parameter: the lines of a text that are not blank, or the strings of a list. Nothing else is
/// one.
[[nodiscard]] std::vector<std::string> expressions_of(const Value& param);

/// What is wrong with expressions as they stand: a finding for each that cannot be read.
[[nodiscard]] std::vector<Diagnostic> check_expressions(const std::vector<std::string>& texts, const SourceSpan& span);

/// What an expression sees: each value under its name, and `inputs.NAME` as conditions write it.
[[nodiscard]] Values expression_variables(const Values& values);

/// The words of an error of an expression, in one line.
[[nodiscard]] std::string in_words(const Error& error);

/// Why the condition is not true, with the values in it; empty if it is.
[[nodiscard]] std::string why_not(std::string_view condition, const Values& variables);

} // namespace runbook
