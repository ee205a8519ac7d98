// Conversions: int(), double() and string().
#pragma once

#include "expression/function.hpp"

namespace runbook::expression {

[[nodiscard]] Computed to_int(const Call& call);
[[nodiscard]] Computed to_double(const Call& call);
[[nodiscard]] Computed to_string_value(const Call& call);

} // namespace runbook::expression
