#include "printable.hpp"

#include "utf8.hpp"

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr bool is_hidden(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c < 0xA0)            // C0, DEL, C1
         || c == 0x061C || c == 0x200E || c == 0x200F   // marks of direction
         || (c >= 0x2028 && c <= 0x202E)                // line separators, embeddings and overrides
         || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF // isolates, byte order mark
         || c == 0xFFF9 || c == 0xFFFA || c == 0xFFFB   // interlinear annotation
         || (c >= 0xE0000 && c <= 0xE007F);             // tags: invisible copies of ASCII
}

void append_escaped(std::string& out, char32_t c) {
  switch (c) {
  case U'\n': out += "\\n"; return;
  case U'\r': out += "\\r"; return;
  case U'\t': out += "\\t"; return;
  default: break;
  }
  if (c < 0x80) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
  } else {
    out += fmt::format("\\u{{{:x}}}", static_cast<unsigned>(c));
  }
}

} // namespace

std::string printable(std::string_view text, std::string_view keep) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = code_point_at(text, 0);
    const std::size_t size = point.size == 0 ? 1 : point.size;
    if (point.size == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else if (is_hidden(point.value) && (size > 1 || keep.find(text.front()) == std::string_view::npos)) {
      append_escaped(out, point.value);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return out;
}

std::string printable_excerpt(std::string_view text, std::size_t limit) {
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size() && count < limit; ++count) {
    const std::size_t size = code_point_at(text, end).size;
    end += size == 0 ? 1 : size;
  }
  return printable(text.substr(0, end)) + (end < text.size() ? "…" : "");
}

} // namespace runbook
