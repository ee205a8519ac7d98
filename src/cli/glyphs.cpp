#include "glyphs.hpp"

#include <algorithm>
#include <cstring>
#include <cwchar>

namespace runbook::cli {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD
constexpr char escape = '\x1b';
// More marks than this on one character are no writing system but a flood.
constexpr int most_marks = 4;

locale_t utf8_locale() {
  static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

void put(Glyph& glyph, std::string_view text, std::uint8_t columns) {
  if (glyph.size + text.size() > glyph.bytes.size()) return;
  std::memcpy(glyph.bytes.data() + glyph.size, text.data(), text.size());
  glyph.size = static_cast<std::uint8_t>(glyph.size + text.size());
  glyph.columns = static_cast<std::uint8_t>(glyph.columns + columns);
}

struct Character {
  wchar_t code = 0;
  std::size_t length = 1; ///< bytes
  bool valid = false;
};

Character decode(std::string_view text) {
  std::mbstate_t state{};
  wchar_t code = 0;
  const std::size_t length = std::mbrtowc(&code, text.data(), text.size(), &state);
  if (length == static_cast<std::size_t>(-1) || length == static_cast<std::size_t>(-2)) return {};
  return {code, std::max<std::size_t>(length, 1), true};
}

// Shown text is read from left to right, whatever the text says.
bool reorders(wchar_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

// Takes no room and marks nothing: joiners, selectors, tags. Terminals disagree about their effect on widths.
bool is_invisible(wchar_t c) {
  return c == 0x00AD || (c >= 0x200B && c <= 0x200D) || (c >= 0x2060 && c <= 0x2064) || (c >= 0xFE00 && c <= 0xFE0F) ||
         c == 0xFEFF || (c >= 0xE0000 && c <= 0xE01EF);
}

bool is_final_byte(char c) {
  return c >= '@' && c <= '~';
}

} // namespace

Glyph Glyph::blank() noexcept {
  Glyph glyph;
  put(glyph, " ", 1);
  return glyph;
}

GlyphReader::GlyphReader(std::string_view text) : rest_(text), former_(::uselocale(utf8_locale())) {}

GlyphReader::~GlyphReader() {
  ::uselocale(former_);
}

bool GlyphReader::next(Glyph& glyph) {
  glyph.size = glyph.columns = 0;
  glyph.ends_line = false;
  while (!rest_.empty()) {
    const char c = rest_.front();
    if (c == escape) {
      skip_escape_sequence();
      continue;
    }
    if (c >= ' ' && c <= '~') {
      put(glyph, rest_.substr(0, 1), 1);
      rest_.remove_prefix(1);
    } else if (!read_control(glyph)) {
      read_character(glyph);
    }
    if (glyph.ends_line) return true;
    if (glyph.size == 0) continue;
    read_marks(glyph);
    return true;
  }
  return false;
}

bool GlyphReader::read_control(Glyph& glyph) {
  const char c = rest_.front();
  if (static_cast<unsigned char>(c) >= ' ' && c != '\x7f') return false;
  rest_.remove_prefix(1);
  if (c == '\r' && !rest_.empty() && rest_.front() == '\n') rest_.remove_prefix(1);
  if (c == '\n' || c == '\r') {
    glyph.ends_line = true;
  } else if (c == '\t') {
    put(glyph, "    ", 4);
  } else {
    const char name[] = {'^', static_cast<char>(c == '\x7f' ? '?' : c + '@')};
    put(glyph, {name, 2}, 2);
  }
  return true;
}

// `ESC [ … final` and `ESC ] … BEL`; of any other sequence only the escape itself. One that has no end takes the rest
// of its line with it.
void GlyphReader::skip_escape_sequence() {
  rest_.remove_prefix(1);
  if (rest_.empty()) return;
  const char kind = rest_.front();
  if (kind != '[' && kind != ']') return;
  std::size_t end = 1;
  while (end < rest_.size() && rest_[end] != '\n' && rest_[end] != '\r' && rest_[end] != escape) {
    const char c = rest_[end];
    if (kind == '[' ? is_final_byte(c) : c == '\a') {
      ++end;
      break;
    }
    ++end;
  }
  if (kind == ']' && rest_.substr(end, 2) == "\x1b\\") end += 2;
  rest_.remove_prefix(end);
}

void GlyphReader::read_character(Glyph& glyph) {
  const Character character = decode(rest_);
  const std::string_view bytes = rest_.substr(0, character.length);
  rest_.remove_prefix(bytes.size());
  if (!character.valid || reorders(character.code)) return put(glyph, replacement, 1);
  if (is_invisible(character.code)) return;
  const int columns = ::wcwidth(character.code);
  if (columns < 0) return put(glyph, replacement, 1);
  if (columns == 0) put(glyph, " ", 1); // a mark without a character to mark
  put(glyph, bytes, static_cast<std::uint8_t>(columns));
}

void GlyphReader::read_marks(Glyph& glyph) {
  for (int marks = 0; !rest_.empty() && static_cast<unsigned char>(rest_.front()) >= 0x80;) {
    const Character character = decode(rest_);
    if (!character.valid || reorders(character.code)) return;
    const bool invisible = is_invisible(character.code);
    if (!invisible && ::wcwidth(character.code) != 0) return;
    if (!invisible && ++marks <= most_marks) put(glyph, rest_.substr(0, character.length), 0);
    rest_.remove_prefix(character.length);
  }
}

} // namespace runbook::cli
