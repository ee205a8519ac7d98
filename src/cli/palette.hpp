// Colours and symbols of what is shown on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace runbook::cli {

enum class Tone : unsigned char { good, bad, warning, dim, strong, busy };

struct Palette {
  bool colours = false;
  bool utf8 = false; ///< the terminal's character set

  [[nodiscard]] std::string paint(Tone tone, std::string_view text) const;

  [[nodiscard]] std::string_view done() const noexcept { return utf8 ? "✓" : "+"; }
  [[nodiscard]] std::string_view failed() const noexcept { return utf8 ? "✗" : "x"; }
  [[nodiscard]] std::string_view waiting() const noexcept { return "?"; }
  [[nodiscard]] std::string_view bar() const noexcept { return utf8 ? "│" : "|"; }
  /// The symbol of what is under way; the count moves it.
  [[nodiscard]] std::string_view busy(unsigned count) const noexcept;
};

/// What standard output is: a terminal whose lines can be rewritten, or something that takes whole lines.
[[nodiscard]] bool is_live_terminal(int descriptor);

/// Colours as the environment (NO_COLOR, TERM) and the option say.
[[nodiscard]] Palette make_palette(int descriptor, bool no_color);

} // namespace runbook::cli
