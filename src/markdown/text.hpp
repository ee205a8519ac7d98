// Small operations on pieces of text. ASCII only where case matters: the format's own words are.
#pragma once

#include <string>
#include <string_view>

namespace runbook::markdown {

[[nodiscard]] constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c <= ' ' && (c == ' ' || c == '\t' || c == '\n');
}
[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] std::string_view trim_left(std::string_view text) noexcept;
[[nodiscard]] std::string_view trim_right(std::string_view text) noexcept;
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;
[[nodiscard]] std::string lower(std::string_view text);
/// Line breaks and runs of blanks become one space.
[[nodiscard]] std::string one_line(std::string_view text);
/// Takes the next line off the front of `rest`, without its end. False when nothing is left.
[[nodiscard]] bool next_line(std::string_view& rest, std::string_view& line);
/// Takes digits off the front of `text`; nothing is taken if there are none or too many for a number.
[[nodiscard]] bool take_number(std::string_view& text, unsigned long& number) noexcept;

} // namespace runbook::markdown
