#include "markdown/attribute_set.hpp"

#include "markdown/text.hpp"

#include <algorithm>
#include <array>

namespace runbook::markdown {

namespace {

using enum Bearer;

const std::vector<AttributeRule>& rules() {
  static const std::vector<Bearer> step{action, title};
  static const std::vector<Bearer> command{action, check, undo};
  static const std::vector<AttributeRule> all{
      {"id", true, step},
      {"timeout", true, command},
      {"retries", true, command},
      {"backoff", true, command},
      {"jitter", true, command},
      {"until", true, command},
      {"when", true, step},
      {"foreach", true, step},
      {"as", true, step},
      {"parallel", true, step},
      {"needs", true, step, true},
      {"capture", true, command},
      {"expect", false, {action, check, undo, expectation}},
      {"match", true, {action, check, undo, expectation}},
      {"effect", true, command},
      {"pure", false, command},
      {"idempotent", false, command},
      {"mutating", false, command},
      {"irreversible", false, step},
      {"isolated", false, step},
      {"on_failure", true, step},
      {"on_doubt", true, step},
      {"user", true, command},
      {"cwd", true, command},
      {"env", true, command, true},
      {"shell", true, command},
      {"handler", true, command},
      {"path", true, command},
      {"mode", true, command},
      {"backup", true, command},
      {"message", true, command},
      {"answer", true, command},
      {"choices", true, command},
      {"pattern", true, command},
      {"undo", true, {title}},
  };
  return all;
}

std::vector<std::string> names_where(bool words_only) {
  std::vector<std::string> names;
  for (const AttributeRule& rule : rules()) {
    if (!words_only || !rule.takes_value) names.emplace_back(rule.name);
  }
  return names;
}

constexpr std::array<std::string_view, 25> presentation{
    "anchor",   "caption",     "copy",      "expandable", "file",        "filename",        "fold",
    "frame",    "height",      "highlight", "hl_lines",   "icon",        "lineno",          "linenos",
    "linenums", "linenostart", "lines",     "nocopy",     "numberlines", "showlinenumbers", "startfrom",
    "theme",    "title",       "width",     "wrap"};

} // namespace

bool AttributeRule::belongs_to(Bearer bearer) const noexcept {
  return std::ranges::find(bearers, bearer) != bearers.end();
}

const AttributeRule* find_rule(std::string_view name) {
  const auto found = std::ranges::find(rules(), name, &AttributeRule::name);
  return found == rules().end() ? nullptr : &*found;
}

bool is_format_attribute(std::string_view name) {
  return find_rule(name) != nullptr;
}

const std::vector<std::string>& attribute_names() {
  static const std::vector<std::string> names = names_where(false);
  return names;
}

const std::vector<std::string>& attribute_words() {
  static const std::vector<std::string> words = names_where(true);
  return words;
}

bool is_presentation(std::string_view name) {
  if (name.starts_with('.')) return true;
  const auto in_lines = [](char c) { return is_digit(c) || c == '-'; };
  if (!name.empty() && std::ranges::all_of(name, in_lines)) return true;
  return name.size() <= 20 && std::ranges::find(presentation, lower(name)) != presentation.end();
}

} // namespace runbook::markdown
