#include "markdown/text.hpp"

#include <algorithm>
#include <charconv>

namespace runbook::markdown {

std::string_view trim_left(std::string_view text) noexcept {
  std::size_t begin = 0;
  while (begin < text.size() && is_blank(text[begin])) ++begin;
  return text.substr(begin);
}

std::string_view trim_right(std::string_view text) noexcept {
  std::size_t end = text.size();
  while (end > 0 && is_blank(text[end - 1])) --end;
  return text.substr(0, end);
}

std::string_view trim(std::string_view text) noexcept {
  return trim_left(trim_right(text));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

std::string one_line(std::string_view text) {
  text = trim(text);
  std::string out(text);
  std::size_t end = 0; // most lines are one line already
  while (end < text.size() && (!is_blank(text[end]) || (text[end] == ' ' && text[end - 1] != ' '))) ++end;
  for (const char c : text.substr(end)) {
    if (!is_blank(c)) {
      out[end++] = c;
    } else if (out[end - 1] != ' ') {
      out[end++] = ' ';
    }
  }
  out.resize(end);
  return out;
}

bool next_line(std::string_view& rest, std::string_view& line) {
  if (rest.empty()) return false;
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return true;
}

bool take_number(std::string_view& text, unsigned long& number) noexcept {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

} // namespace runbook::markdown
