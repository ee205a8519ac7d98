// The names under which later actions see what an action has brought: its `capture`, and what the requests of an `http`
// action capture by name.
#pragma once

#include "http/request_list.hpp"

#include <runbook/event.hpp>
#include <runbook/model.hpp>

#include <cstddef>
#include <string_view>

namespace runbook {

/// An environment variable longer than this cannot be handed to a program.
inline constexpr std::size_t max_captured_bytes = std::size_t{96} * 1024;

/// Calls `visit(name)` for each of them; the name refers to the action.
template <class Visit>
void for_each_capture(const Action& action, const Visit& visit) {
  if (!action.capture.empty()) visit(std::string_view{action.capture});
  if (action.handler != "http") return;
  for (const std::string_view name : http::captured_names(action.params)) visit(name);
}

/// Calls `visit(name, value)` for each value that an attempt at the action has captured. The named ones of requests are
/// the outcome's member `captures`.
template <class Visit>
void for_each_captured(const Action& action, const StepOutcome& event, const Visit& visit) {
  if (!action.capture.empty() && !event.captured.is_null()) visit(std::string_view{action.capture}, event.captured);
  if (action.handler != "http" || !event.outcome.value.is_object()) return;
  const Value* const captures = event.outcome.value.get_object().if_contains("captures");
  if (captures == nullptr || !captures->is_object()) return;
  for (const std::string_view name : http::captured_names(action.params)) {
    if (const Value* const value = captures->get_object().if_contains(name)) visit(name, *value);
  }
}

} // namespace runbook
