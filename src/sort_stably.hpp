// Sorting that keeps the order of equals. Not std::stable_sort: clang's deprecation warnings and libstdc++ 12's
// implementation of it do not go together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

namespace runbook {

/// `key(item)` is asked once for each item; it must not refer into the item.
template <class T, class Key>
void sort_stably(std::vector<T>& items, const Key& key) {
  using Order = std::pair<std::decay_t<std::invoke_result_t<const Key&, const T&>>, std::size_t>;
  std::vector<Order> order;
  order.reserve(items.size());
  for (const T& item : items) order.emplace_back(std::invoke(key, item), order.size());
  std::ranges::sort(order);
  std::vector<T> sorted;
  sorted.reserve(items.size());
  for (const Order& each : order) sorted.push_back(std::move(items[each.second]));
  items = std::move(sorted);
}

} // namespace runbook
