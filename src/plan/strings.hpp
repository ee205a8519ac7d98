// Every string inside an action's parameters.
#pragma once

#include <runbook/model.hpp>

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

template <class Visit>
void for_each_param_string(const Action& action, const Visit& visit) {
  for (const auto& member : action.params) for_each_string(member.value(), visit);
}

} // namespace runbook
