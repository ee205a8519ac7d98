#include "expression/budget.hpp"

#include "expression/computed.hpp"
#include "expression/number.hpp"

#include <algorithm>

namespace runbook::expression {

namespace {

namespace json = boost::json;

Equality equality_of_lists(const json::array& a, const json::array& b, Budget& budget, std::size_t depth) {
  if (a.size() != b.size()) return Equality::different;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Equality found = equality(a[i], b[i], budget, depth + 1);
    if (found != Equality::equal) return found;
  }
  return Equality::equal;
}

Equality equality_of_maps(const json::object& a, const json::object& b, Budget& budget, std::size_t depth) {
  if (a.size() != b.size()) return Equality::different;
  for (const auto& [key, value] : a) {
    if (!budget.spend_on_text(key.size())) return Equality::unaffordable;
    const Value* other = b.if_contains(key);
    if (other == nullptr) return Equality::different;
    const Equality found = equality(value, *other, budget, depth + 1);
    if (found != Equality::equal) return found;
  }
  return Equality::equal;
}

Equality equal_if(bool equal) noexcept {
  return equal ? Equality::equal : Equality::different;
}

} // namespace

Equality equality(const Value& a, const Value& b, Budget& budget, std::size_t depth) {
  if (depth > Budget::deepest_value || !budget.spend(1)) return Equality::unaffordable;
  const auto number = number_of(a);
  const auto other = number_of(b);
  if (number && other) return equal_if(compare(*number, *other) == 0);
  if (number || other || a.kind() != b.kind()) return Equality::different;
  switch (a.kind()) {
  case json::kind::bool_: return equal_if(a.get_bool() == b.get_bool());
  case json::kind::string:
    if (!budget.spend_on_text(std::min(a.get_string().size(), b.get_string().size()))) return Equality::unaffordable;
    return equal_if(text_of(a) == text_of(b));
  case json::kind::array: return equality_of_lists(a.get_array(), b.get_array(), budget, depth);
  case json::kind::object: return equality_of_maps(a.get_object(), b.get_object(), budget, depth);
  default: return Equality::equal; // null
  }
}

bool pay_for_copy(const Value& value, Budget& budget, std::size_t depth) {
  if (depth > Budget::deepest_value || !budget.spend(1)) return false;
  if (value.is_string()) return budget.spend_on_text(value.get_string().size());
  if (const auto* list = value.if_array()) {
    return std::ranges::all_of(*list, [&](const Value& element) { return pay_for_copy(element, budget, depth + 1); });
  }
  if (const auto* map = value.if_object()) {
    return std::ranges::all_of(*map, [&](const json::key_value_pair& member) {
      return budget.spend_on_text(member.key().size()) && pay_for_copy(member.value(), budget, depth + 1);
    });
  }
  return true;
}

} // namespace runbook::expression
