#include "palette.hpp"

#include <array>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

namespace runbook::cli {

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::string_view code_of(Tone tone) {
  switch (tone) {
  case Tone::good: return "32";
  case Tone::bad: return "31";
  case Tone::warning: return "33";
  case Tone::dim: return "2";
  case Tone::strong: return "1";
  case Tone::busy: return "36";
  }
  return "0";
}

// The locale's variables in their order of precedence.
bool speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    for (const std::string_view charset : {"UTF-8", "utf-8", "UTF8", "utf8"}) {
      if (value.find(charset) != std::string_view::npos) return true;
    }
    return false;
  }
  return false;
}

} // namespace

std::string Palette::paint(Tone tone, std::string_view text) const {
  if (!colours) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(tone), text);
}

std::string_view Palette::busy(unsigned count) const noexcept {
  static constexpr std::array<std::string_view, 10> dots{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
  static constexpr std::array<std::string_view, 4> bars{"-", "\\", "|", "/"};
  return utf8 ? dots[count % dots.size()] : bars[count % bars.size()];
}

bool is_live_terminal(int descriptor) {
  const std::string_view terminal = environment("TERM");
  return !terminal.empty() && terminal != "dumb" && ::isatty(descriptor) != 0;
}

Palette make_palette(int descriptor, bool no_color) {
  const bool colours = !no_color && environment("NO_COLOR").empty() && is_live_terminal(descriptor);
  return {.colours = colours, .utf8 = speaks_utf8()};
}

} // namespace runbook::cli
