// References: the variables, and the members of them, that a program reads.
#pragma once

#include "expression/program.hpp"

#include <vector>

namespace runbook::expression {

/// In the order of the text.
[[nodiscard]] std::vector<Expression::Reference> references_of(const Program& program);

} // namespace runbook::expression
