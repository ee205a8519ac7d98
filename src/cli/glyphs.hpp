// Text taken apart into what takes room on a terminal, with nothing left in it that a terminal would act upon.
//
// The C library's UTF-8 locale decodes the text and knows the widths, whatever locale the user has.
//
// Thread-safety: a reader belongs to one thread; while it lives, that thread's locale is the UTF-8 one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <locale.h>

namespace runbook::cli {

struct Glyph {
  std::array<char, 32> bytes{};
  std::uint8_t size = 0;
  std::uint8_t columns = 0;
  bool ends_line = false;

  [[nodiscard]] std::string_view text() const noexcept { return {bytes.data(), size}; }
  [[nodiscard]] static Glyph blank() noexcept;
};

class GlyphReader {
public:
  explicit GlyphReader(std::string_view text);
  ~GlyphReader();
  GlyphReader(const GlyphReader&) = delete;
  GlyphReader& operator=(const GlyphReader&) = delete;

  /// The next glyph, combining marks included; false at the end.
  bool next(Glyph& glyph);

private:
  bool read_control(Glyph& glyph);
  void skip_escape_sequence();
  void read_character(Glyph& glyph);
  void read_marks(Glyph& glyph);

  std::string_view rest_;
  locale_t former_;
};

} // namespace runbook::cli
