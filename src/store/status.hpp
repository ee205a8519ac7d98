// What a listing of runs says of a run, kept up to date event by event.
#pragma once

#include <runbook/event.hpp>

#include <variant>

namespace runbook {

[[nodiscard]] inline RunStatus status_after(RunStatus before, const EventData& data) noexcept {
  if (const auto* closed = std::get_if<RunClosed>(&data)) return closed->status;
  if (std::holds_alternative<RunParked>(data)) return RunStatus::parked;
  if (std::holds_alternative<Claimed>(data) && before == RunStatus::parked) return RunStatus::running;
  return before;
}

/// Nothing more can happen in the run.
[[nodiscard]] inline bool has_ended(RunStatus status) noexcept {
  return status != RunStatus::running && status != RunStatus::parked;
}

} // namespace runbook
