#include "by_place.hpp"

#include "sort_stably.hpp"

#include <utility>

namespace runbook {

void sort_by_place(std::vector<Diagnostic>& diagnostics) {
  sort_stably(diagnostics, [](const Diagnostic& d) { return std::pair(d.span.line, d.span.column); });
}

} // namespace runbook
