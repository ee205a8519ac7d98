// Inputs that are declared in a table, one in each row.
#pragma once

#include "markdown/table.hpp"

#include <functional>

namespace runbook::markdown {

/// Calls `take(input, place)` for each row that declares one. Columns are found by their headings, in any order.
void read_input_table(const Context& context, const Table& table,
                      const std::function<void(Input, const SourceSpan&)>& take);

} // namespace runbook::markdown
