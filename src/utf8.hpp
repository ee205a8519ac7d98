// UTF-8: checking it, and counting what an editor calls columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace runbook {

struct CodePoint {
  char32_t value = 0;
  std::uint8_t size = 0; ///< in bytes; 0: there is no valid UTF-8 at this place
};

/// The code point that starts at byte `at`, which must be inside the text.
[[nodiscard]] CodePoint code_point_at(std::string_view text, std::size_t at) noexcept;

[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

/// The byte at which the text stops being valid UTF-8, or `npos`.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text) noexcept;

/// How many code points valid UTF-8 holds.
[[nodiscard]] std::size_t count_code_points(std::string_view text) noexcept;

/// Takes a byte order mark off the front.
[[nodiscard]] std::string_view without_bom(std::string_view text) noexcept;

} // namespace runbook
