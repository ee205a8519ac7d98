#include "markdown/undo_reference.hpp"

#include "markdown/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace runbook::markdown {

namespace {

using Kind = UndoReference::Kind;

constexpr std::array<std::string_view, 6> verbs{"undo", "revert", "rollback", "roll back", "back out", "backout"};

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  if (text.size() > word.size() && (is_letter(text[word.size()]) || is_digit(text[word.size()]))) return false;
  text = trim_left(text.substr(word.size()));
  return true;
}

/// What follows a number goes on with another number: " and 3", ", 3", "-5", "–5", " to 5".
bool goes_on_counting(std::string_view rest) {
  rest = trim_left(rest);
  for (const std::string_view joint : {"and", "to", "or", ",", "-", "&", "+", "/", "\xE2\x80\x93", "\xE2\x80\x94"}) {
    if (!rest.starts_with(joint)) continue;
    std::string_view after = trim_left(rest.substr(joint.size()));
    take(after, "and");
    take(after, "step");
    return !after.empty() && is_digit(after.front());
  }
  return false;
}

/// Takes the letter of `2a` or `2.a` off the front: a step's steps may be counted with letters.
std::optional<int> take_letter(std::string_view& text) {
  std::string_view rest = text;
  if (rest.starts_with('.')) rest.remove_prefix(1);
  if (rest.empty() || !is_letter(rest.front())) return std::nullopt;
  if (rest.size() > 1 && (is_letter(rest[1]) || is_digit(rest[1]))) return std::nullopt;
  const int count = rest.front() - 'a' + 1;
  text = rest.substr(1);
  return count;
}

/// `text` starts at the word "step" or "steps", in lower case.
UndoReference numbered_step(std::string_view text) {
  const bool plural = take(text, "steps");
  if (!plural && !take(text, "step")) return {};
  UndoReference reference;
  unsigned long number = 0;
  if (text.empty() || !is_digit(text.front()) || !take_number(text, number)) return {};
  reference.number = std::to_string(number);
  while (text.size() > 1 && text[0] == '.' && is_digit(text[1])) {
    text.remove_prefix(1);
    if (!take_number(text, number)) return {Kind::unclear, {}};
    reference.number += '.' + std::to_string(number);
  }
  if (const auto letter = take_letter(text)) reference.number += '.' + std::to_string(*letter);
  reference.kind = goes_on_counting(text) ? Kind::several : Kind::step;
  return reference;
}

} // namespace

UndoReference undo_reference(std::string_view title) {
  const std::string lowered = lower(title);
  const std::string_view text = trim(lowered);
  for (const std::string_view verb : verbs) {
    std::string_view rest = text;
    if (!take(rest, verb)) continue;
    take(rest, "of");
    const UndoReference reference = numbered_step(rest);
    if (reference.kind != Kind::none) return reference;
  }
  bool mentioned = false;
  for (std::size_t at = text.find("step"); at != std::string_view::npos; at = text.find("step", at + 1)) {
    const UndoReference reference = numbered_step(text.substr(at));
    if (reference.kind == Kind::none || (at > 0 && is_letter(text[at - 1]))) continue;
    if (at > 0 && text[at - 1] == '(') return reference;
    mentioned = true;
  }
  return {mentioned ? Kind::unclear : Kind::none, {}};
}

} // namespace runbook::markdown
