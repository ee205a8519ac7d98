#include "markdown/command_text.hpp"

#include "markdown/text.hpp"
#include "utf8.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

/// ASCII that is printed, or a tab: nearly all that commands hold.
bool is_plain(char c) noexcept {
  return (c >= ' ' && c < '\x7F') || c == '\t';
}

bool is_control(char32_t c) noexcept {
  return (c < 0x20 && c != '\t') || (c >= 0x7F && c < 0xA0);
}

/// What reorders text on the screen, so that what is read is not what is run.
bool is_direction(char32_t c) noexcept {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/// What is not seen, or looks like a blank and is none to a shell.
bool is_invisible(char32_t c) noexcept {
  return c == 0x00A0 || c == 0x00AD || (c >= 0x2000 && c <= 0x200D) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         (c >= 0x2060 && c <= 0x2064) || c == 0x3000 || c == 0xFEFF || (c >= 0xE0000 && c <= 0xE007F);
}

void check_character(const Context& context, std::uint32_t line, std::size_t at, CodePoint point) {
  const SourceSpan span = context.source.in_line(line, at, at + point.size);
  const auto code = static_cast<unsigned>(point.value);
  if (is_control(point.value)) {
    context.findings.error("control-character", span, fmt::format("the control character U+{:04X} in a command", code),
                           "remove it, or let the command make it, for example with printf");
  } else if (is_direction(point.value)) {
    context.findings.error(
        "bidi-character", span,
        fmt::format("the character U+{:04X}, which changes the direction of text, in a command", code),
        "remove it: what is read would not be what is run");
  } else {
    context.findings.warning("invisible-character", span,
                             fmt::format("the invisible character U+{:04X} in a command", code),
                             "remove it, or write a plain blank");
  }
}

} // namespace

void check_characters(const Context& context, Node fence) {
  const std::uint32_t last = std::min(fence.end_line(), context.source.line_count());
  for (std::uint32_t number = fence.line() + 1; number <= last; ++number) {
    const std::string_view line = context.source.line(number);
    if (std::ranges::all_of(line, is_plain)) continue;
    for (std::size_t at = 0; at < line.size();) {
      const CodePoint point = code_point_at(line, at);
      if (is_control(point.value) || is_direction(point.value) || is_invisible(point.value)) {
        check_character(context, number, at, point);
      }
      at += point.size;
    }
  }
}

} // namespace runbook::markdown
