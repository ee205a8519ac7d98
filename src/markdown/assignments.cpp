#include "markdown/assignments.hpp"

#include "markdown/text.hpp"
#include "plan/variables.hpp"
#include "printable.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::size_t longest_shown = 60;

/// Takes a value off the front of the text; false if a quote is not closed.
bool take_value(std::string_view& text, std::string& value) {
  char quote = '\0';
  while (!text.empty() && (quote != '\0' || !is_blank(text.front()))) {
    char c = text.front();
    text.remove_prefix(1);
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else {
      if (c == '\\' && quote != '\'' && !text.empty()) {
        c = text.front();
        text.remove_prefix(1);
      }
      value += c;
    }
  }
  return quote == '\0';
}

} // namespace

Assignments read_assignments(std::string_view text) {
  Assignments read;
  for (text = trim_left(text); !text.empty(); text = trim_left(text)) {
    const std::size_t equals = text.find_first_of("= \t");
    const std::string_view name = text.substr(0, equals);
    if (equals == std::string_view::npos || text[equals] != '=') {
      read.flaw = fmt::format("'{}' sets no variable", printable_excerpt(name, longest_shown));
      return read;
    }
    if (!is_variable_name(name)) {
      read.flaw = fmt::format("'{}' is no name of a variable", printable_excerpt(name, longest_shown));
      return read;
    }
    text.remove_prefix(equals + 1);
    std::string value;
    if (!take_value(text, value)) {
      read.flaw = fmt::format("the value of '{}' has a quote that is not closed", name);
      return read;
    }
    read.all.emplace_back(name, std::move(value));
  }
  if (read.all.empty()) read.flaw = "no variable is set";
  return read;
}

} // namespace runbook::markdown
