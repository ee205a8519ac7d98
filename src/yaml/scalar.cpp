#include "yaml/scalar.hpp"

#include "json_text.hpp"
#include "markdown/text.hpp"

#include <array>

#include <algorithm>

namespace runbook::yaml {

namespace {

using markdown::is_digit;

/// Takes digits off the front; whether there were any.
bool take_digits(std::string_view& text) noexcept {
  const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(count);
  return count > 0;
}

/// A number as JSON writes it.
bool is_number(std::string_view text) noexcept {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.size() > 1 && text[0] == '0' && is_digit(text[1])) return false;
  if (!take_digits(text)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

} // namespace

std::optional<Value> plain_value(std::string_view text) {
  if (text.empty() || text == "~" || text == "null") return Value(nullptr);
  if (text == "true") return Value(true);
  if (text == "false") return Value(false);
  if (!is_number(text)) return Value(text);
  return read_json(text).value;
}

bool is_special_word(std::string_view text) {
  constexpr std::array<std::string_view, 12> words{"",   "~",  "null", "true", "false", "yes",
                                                   "no", "on", "off",  "y",    "n",     "nan"};
  return std::ranges::find(words, markdown::lower(text)) != words.end() || text == "<<" || text == "=";
}

} // namespace runbook::yaml
