#include "secret/escapes.hpp"

#include <optional>

namespace runbook {

namespace {

using Kind = Unescaped::Kind;

constexpr Unescaped incomplete{.kind = Kind::incomplete};
constexpr Unescaped plain{};

Unescaped one(std::size_t size, char byte) noexcept {
  return {.kind = Kind::bytes, .size = size, .bytes = {byte}, .count = 1};
}

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/// The number that the digits are; nothing if one of them is none.
std::optional<std::uint32_t> number(std::string_view digits, int base) noexcept {
  std::uint32_t value = 0;
  for (const char c : digits) {
    if (digit(c) >= base) return std::nullopt;
    value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit(c));
  }
  return value;
}

/// Digits that have to stand behind the first `begin` bytes.
Unescaped byte_of_digits(std::string_view text, std::size_t begin, std::size_t count, int base, bool ended,
                         const Unescaped& otherwise) noexcept {
  const std::string_view digits = text.substr(begin, count);
  const auto value = number(digits, base);
  if (!value) return otherwise;
  if (digits.size() < count) return ended ? otherwise : incomplete;
  return one(begin + count, static_cast<char>(*value));
}

Unescaped utf8(std::uint32_t code, std::size_t size) noexcept {
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
  if (code < 0x80) return one(size, static_cast<char>(code));
  if (code < 0x800) {
    return {Kind::bytes, size, {static_cast<char>(0xC0U | (code >> 6U)), tail(0)}, 2};
  }
  if (code < 0x10000) {
    return {Kind::bytes, size, {static_cast<char>(0xE0U | (code >> 12U)), tail(6), tail(0)}, 3};
  }
  return {Kind::bytes, size, {static_cast<char>(0xF0U | (code >> 18U)), tail(12), tail(6), tail(0)}, 4};
}

/// `\uXXXX`, and two of them for what needs two.
Unescaped unicode(std::string_view text, bool ended) noexcept {
  const Unescaped otherwise = one(2, 'u');
  const auto first = number(text.substr(2, 4), 16);
  if (!first) return otherwise;
  if (text.size() < 6) return ended ? otherwise : incomplete;
  if (*first < 0xD800 || *first > 0xDBFF) return utf8(*first, 6);
  const std::string_view rest = text.substr(6);
  constexpr std::string_view escape = "\\u";
  if (!escape.starts_with(rest.substr(0, 2))) return utf8(*first, 6);
  const auto second = rest.size() > 2 ? number(rest.substr(2, 4), 16) : std::optional<std::uint32_t>(0);
  if (!second) return utf8(*first, 6);
  if (rest.size() < 6) return ended ? utf8(*first, 6) : incomplete;
  if (*second < 0xDC00 || *second > 0xDFFF) return utf8(*first, 6);
  return utf8(0x10000 + ((*first - 0xD800) << 10U) + (*second - 0xDC00), 12);
}

constexpr std::string_view letters = "abeEfnrtv";
constexpr std::string_view controls = "\a\b\x1b\x1b\f\n\r\t\v";

} // namespace

Unescaped unescape_percent(std::string_view text, bool ended) noexcept {
  if (text.front() == '+') return one(1, ' ');
  return text.front() == '%' ? byte_of_digits(text, 1, 2, 16, ended, plain) : plain;
}

Unescaped unescape_backslash(std::string_view text, bool ended) noexcept {
  if (text.front() != '\\') return plain;
  if (text.size() == 1) return ended ? plain : incomplete;
  const char c = text[1];
  if (c == 'u') return unicode(text, ended);
  if (c == 'x') return byte_of_digits(text, 2, 2, 16, ended, one(2, c));
  if (digit(c) < 8) return byte_of_digits(text, 1, 3, 8, ended, one(2, c));
  const std::size_t letter = letters.find(c);
  return one(2, letter == std::string_view::npos ? c : controls[letter]);
}

} // namespace runbook
