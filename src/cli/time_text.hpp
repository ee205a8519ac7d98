// Points in time as text.
#pragma once

#include <chrono>
#include <string>

namespace runbook::cli {

/// ISO 8601 in UTC with milliseconds, as events have it: `2024-05-01T12:00:00.000Z`.
[[nodiscard]] std::string utc_time(std::chrono::system_clock::time_point time);

/// For a person at this machine: `2024-05-01 14:00:00`.
[[nodiscard]] std::string local_time(std::chrono::system_clock::time_point time);

} // namespace runbook::cli
