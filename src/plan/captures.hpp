// The names under which later actions see what an action has brought: its `capture`, and those that its handler gives
// to parts of it (`Handler::captures`).
#pragma once

#include <runbook/event.hpp>
#include <runbook/handler.hpp>
#include <runbook/plan.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// An environment variable longer than this cannot be handed to a program.
inline constexpr std::size_t max_captured_bytes = std::size_t{96} * 1024;

/// Calls `visit(name)` for each of them; `named` are the handler's. The name refers to the action or to `named`.
template <class Visit>
void for_each_capture(const Action& action, const std::vector<std::string>& named, const Visit& visit) {
  if (!action.capture.empty()) visit(std::string_view{action.capture});
  for (const std::string& name : named) visit(std::string_view{name});
}

/// Calls `visit(name, value)` for each value that an attempt at the action has captured. Those that the handler names
/// are in the outcome's member `captures`.
template <class Visit>
void for_each_captured(const PlannedAction& planned, const StepOutcome& event, const Visit& visit) {
  const std::string& capture = planned.action.capture;
  if (!capture.empty() && !event.captured.is_null()) visit(std::string_view{capture}, event.captured);
  if (planned.captures.empty() || !event.outcome.value.is_object()) return;
  const Value* const captures = event.outcome.value.get_object().if_contains("captures");
  if (captures == nullptr || !captures->is_object()) return;
  for (const std::string& name : planned.captures) {
    if (const Value* const value = captures->get_object().if_contains(name)) visit(std::string_view{name}, *value);
  }
}

} // namespace runbook
