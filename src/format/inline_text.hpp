// Text as Markdown within a line.
#pragma once

#include <string>
#include <string_view>

namespace runbook::format {

/// Markdown that is read as exactly this text, at the start of a line too. The text holds no line break, and no blank
/// at its ends: Markdown keeps neither.
[[nodiscard]] std::string escaped(std::string_view text);

/// The same for text with code in backticks, which stays code.
[[nodiscard]] std::string escaped_around_code(std::string_view text);

/// A code span that holds exactly this text.
[[nodiscard]] std::string code_span(std::string_view text);

/// `[text](target)`.
[[nodiscard]] std::string link(std::string_view text, std::string_view target);

} // namespace runbook::format
