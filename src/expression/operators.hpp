// Operators: what they do with values, and why they cannot do it with others.
#pragma once

#include "expression/evaluation.hpp"

namespace runbook::expression {

/// The parts of the text that are left and right of an operator.
struct Sides {
  Part left{};
  Part right{};
};

[[nodiscard]] Computed apply(Evaluation& evaluation, Op op, Computed left, Computed right, const Sides& sides);

[[nodiscard]] Computed negate(Evaluation& evaluation, const Value& value, const Part& part);

[[nodiscard]] Computed invert(Evaluation& evaluation, const Value& value, const Part& part);

} // namespace runbook::expression
