#include "format/inline_text.hpp"

#include "markdown/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::format {

namespace {

using markdown::is_digit;
using markdown::is_letter;

/// Whether the character at `at` could be read as more than itself.
bool means_more(std::string_view text, std::size_t at) {
  const char c = text[at];
  const char next = at + 1 < text.size() ? text[at + 1] : '\0';
  switch (c) {
  case '\\': return next != ' ' && !is_letter(next) && !is_digit(next); // also at the end of a line
  case '`':
  case '*':
  case '[':
  case ']': return true;
  case '<': return next == '/' || next == '!' || next == '?' || is_letter(next);
  case '&': return next == '#' || is_letter(next);
  case '_': // within a word it is only itself
    return at == 0 || next == '\0' || !(is_letter(text[at - 1]) || is_digit(text[at - 1])) ||
           !(is_letter(next) || is_digit(next));
  default: return false;
  }
}

/// Whether a line that starts like this starts another block, or a heading could end there.
std::size_t first_mark(std::string_view text) {
  constexpr std::string_view starts = "#>-+=~|:";
  if (!text.empty() && starts.find(text.front()) != std::string_view::npos) return 0;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits > 0 && digits < text.size() && (text[digits] == '.' || text[digits] == ')')) return digits;
  return std::string_view::npos;
}

} // namespace

std::string escaped(std::string_view text) {
  const std::size_t start = first_mark(text);
  const std::size_t closing = text.find_last_not_of('#') + 1; // npos + 1 is 0: of a heading
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at == start || at >= closing || means_more(text, at)) out += '\\';
    out += text[at];
  }
  return out;
}

std::string escaped_around_code(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('`');
    const std::size_t close = open == std::string_view::npos ? open : text.find('`', open + 1);
    if (close == std::string_view::npos || close == open + 1) return out + escaped(text);
    if (open > 0) out += escaped(text.substr(0, open));
    out += code_span(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
  return out;
}

std::string code_span(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const bool blanks = text.starts_with(' ') && text.ends_with(' ') && !markdown::trim(text).empty();
  const bool padded = blanks || text.starts_with('`') || text.ends_with('`');
  const std::string mark(longest + 1, '`');
  return fmt::format("{0}{1}{2}{1}{0}", mark, padded ? " " : "", text);
}

std::string link(std::string_view text, std::string_view target) {
  std::string address;
  for (const char c : target) {
    if (std::string_view("\\<>&()[]`*_").find(c) != std::string_view::npos && c != '_') address += '\\';
    address += c;
  }
  if (target.empty() || target.find(' ') != std::string_view::npos) address = "<" + address + ">";
  return fmt::format("[{}]({})", escaped(text), address);
}

} // namespace runbook::format
