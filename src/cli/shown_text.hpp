// Text from outside (documents, output of programs) as it may be shown in a terminal or a log: it can neither move the
// cursor, nor change colours, nor reorder or imitate what the command itself prints.
//
// Escape sequences for colours and titles are left out; other control characters appear as `^X`; what is no UTF-8, has
// no glyph or reorders text appears as U+FFFD. Carriage returns count as ends of lines, so nothing is overwritten.
//
// Thread-safety: the functions keep no state.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::cli {

inline constexpr std::size_t any_width = std::numeric_limits<std::size_t>::max();

/// The text as one line (ends of lines become blanks), cut to this many terminal columns; `…` says that it was cut.
[[nodiscard]] std::string shown_line(std::string_view text, std::size_t columns = any_width);

/// The lines of the text that are not blank, each cut to this many columns.
[[nodiscard]] std::vector<std::string> shown_lines(std::string_view text, std::size_t columns = any_width);

/// The lines of the text that are not blank, those too long for this many columns folded to at most `rows` of them.
[[nodiscard]] std::vector<std::string> folded_lines(std::string_view text, std::size_t columns, std::size_t rows);

/// The text with its lines as they are.
[[nodiscard]] std::string shown_block(std::string_view text);

/// The number of terminal columns that `shown_line(text)` takes.
[[nodiscard]] std::size_t columns_of(std::string_view text);

} // namespace runbook::cli
