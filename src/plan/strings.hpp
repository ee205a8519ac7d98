// Every string inside an action's parameters.
#pragma once

#include <runbook/plan.hpp>

#include <algorithm>
#include <string_view>

namespace runbook {

/// Calls `visit(text)` for every string inside the value.
template <class Visit>
void for_each_string(const Value& value, const Visit& visit) {
  if (const auto* text = value.if_string()) {
    visit(std::string_view(*text));
  } else if (const auto* array = value.if_array()) {
    for (const Value& element : *array) for_each_string(element, visit);
  } else if (const auto* object = value.if_object()) {
    for (const auto& member : *object) for_each_string(member.value(), visit);
  }
}

/// Whether `{{ name }}` in this parameter is filled in.
[[nodiscard]] inline bool is_filled_in(const PlannedAction& planned, std::string_view param) noexcept {
  return planned.expands || std::ranges::find(planned.expanded, param) != planned.expanded.end();
}

/// Calls `visit(text, filled_in)` for every string inside the parameters of a planned action.
template <class Visit>
void for_each_planned_string(const PlannedAction& planned, const Visit& visit) {
  for (const auto& member : planned.action.params) {
    const bool filled_in = is_filled_in(planned, member.key());
    for_each_string(member.value(), [&](std::string_view text) { visit(text, filled_in); });
  }
}

template <class Visit>
void for_each_param_string(const Action& action, const Visit& visit) {
  for (const auto& member : action.params) for_each_string(member.value(), visit);
}

} // namespace runbook
