// Times as documents write them: `500ms 5s 2m 1h`.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace runbook::markdown {

/// Longest time that a document may ask for: it keeps every sum of times far from overflow.
inline constexpr std::chrono::milliseconds max_duration = std::chrono::days{366};

/// Nothing if the text is no such time or over the limit. `1h30m` is one too.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

} // namespace runbook::markdown
