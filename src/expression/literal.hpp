// Literals: from how a value is written in an expression to the value.
#pragma once

#include "expression/problem.hpp"
#include "expression/token.hpp"

#include <runbook/value.hpp>

#include <optional>
#include <variant>

namespace runbook::expression {

/// The value of a token that is an integer (with the sign before it), a real or a string.
[[nodiscard]] std::variant<Value, Problem> literal_value(const Token& token, bool negative);

} // namespace runbook::expression
