// What may be asked about strings: contains(), startsWith(), endsWith() and matches().
#pragma once

#include "expression/function.hpp"

namespace runbook::expression {

[[nodiscard]] Computed contains(const Call& call);
[[nodiscard]] Computed starts_with(const Call& call);
[[nodiscard]] Computed ends_with(const Call& call);
[[nodiscard]] Computed matches(const Call& call);

} // namespace runbook::expression
