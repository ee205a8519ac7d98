// The order in which diagnostics are shown: by their place in the document.
#pragma once

#include <runbook/error.hpp>

#include <vector>

namespace runbook {

/// Sorts by line and column; those of one place stay in the order in which they came.
void sort_by_place(std::vector<Diagnostic>& diagnostics);

} // namespace runbook
