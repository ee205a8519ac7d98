#include "utf8.hpp"

#include <algorithm>
#include <cstring>

namespace runbook {

namespace {

/// How many bytes a sequence has that starts with this byte; 0 if none may.
std::uint8_t sequence_size(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

/// Where the ASCII that the text has from `at` on ends. Eight bytes at a time: nearly all of a document is ASCII.
std::size_t end_of_ascii(std::string_view text, std::size_t at) noexcept {
  for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & 0x8080808080808080U) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

/// The smallest code point that needs so many bytes: anything less is an overlong form.
constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

} // namespace

CodePoint code_point_at(std::string_view text, std::size_t at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::uint8_t size = sequence_size(lead);
  if (size == 0 || at + size > text.size()) return {};
  if (size == 1) return {lead, 1};
  char32_t value = lead & (0xFFU >> (size + 1U));
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xC0U) != 0x80U) return {};
    value = (value << 6U) | (byte & 0x3FU);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest[size] || value > 0x10FFFF || surrogate) return {};
  return {value, size};
}

bool is_ascii(std::string_view text) noexcept {
  return end_of_ascii(text, 0) == text.size();
}

std::size_t find_invalid_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    at = end_of_ascii(text, at);
    if (at == text.size()) break;
    const CodePoint point = code_point_at(text, at);
    if (point.size == 0) return at;
    at += point.size;
  }
  return std::string_view::npos;
}

std::size_t count_code_points(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string_view without_bom(std::string_view text) noexcept {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

} // namespace runbook
