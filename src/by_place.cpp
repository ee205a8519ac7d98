#include "by_place.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace runbook {

void sort_by_place(std::vector<Diagnostic>& diagnostics) {
  // Not std::stable_sort: clang's deprecation warnings and libstdc++'s implementation of it do not go together.
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::size_t>;
  std::vector<Key> order;
  order.reserve(diagnostics.size());
  for (const Diagnostic& d : diagnostics) order.emplace_back(d.span.line, d.span.column, order.size());
  std::ranges::sort(order);
  std::vector<Diagnostic> sorted;
  sorted.reserve(diagnostics.size());
  for (const Key& key : order) sorted.push_back(std::move(diagnostics[std::get<2>(key)]));
  diagnostics = std::move(sorted);
}

} // namespace runbook
