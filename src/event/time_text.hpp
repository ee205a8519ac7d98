// Points in time as text: ISO 8601, UTC, milliseconds ("2024-05-01T13:37:00.250Z").
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace runbook {

[[nodiscard]] std::string time_to_text(std::chrono::system_clock::time_point time);
/// Nothing if the text does not have exactly this form.
[[nodiscard]] std::optional<std::chrono::system_clock::time_point> time_from_text(std::string_view text);

} // namespace runbook
