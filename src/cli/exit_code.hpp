// What the command's exit codes mean. They are part of its interface: never renumbered.
#pragma once

#include <runbook/event.hpp>

namespace runbook::cli {

enum class ExitCode : int {
  succeeded = 0,
  output_lost = 1, ///< what was asked for could not be written, or the command itself failed
  refused = 2,     ///< bad usage, a bad document or no such run: nothing ran
  rolled_back = 10,
  partially_rolled_back = 11,
  failed = 12,
  cancelled = 13,
  parked = 14,
};

[[nodiscard]] constexpr ExitCode exit_code(RunStatus status) noexcept {
  switch (status) {
  case RunStatus::succeeded: return ExitCode::succeeded;
  case RunStatus::rolled_back: return ExitCode::rolled_back;
  case RunStatus::partially_rolled_back: return ExitCode::partially_rolled_back;
  case RunStatus::failed: return ExitCode::failed;
  case RunStatus::cancelled: return ExitCode::cancelled;
  case RunStatus::parked: return ExitCode::parked;
  case RunStatus::running: break;
  }
  return ExitCode::output_lost;
}

} // namespace runbook::cli
