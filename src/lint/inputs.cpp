#include "block_languages.hpp"
#include "lint/commands.hpp"
#include "lint/rules.hpp"
#include "markdown/text.hpp"
#include "plan/items.hpp"
#include "template.hpp"

#include <string>
#include <unordered_set>

#include <fmt/format.h>

namespace runbook::linting {

namespace {

constexpr std::string_view prose = "notes purpose description metadata related frequency required_access inputs id";

/// Every name that the runbook could mean an input by. Of texts that are shown only those in braces.
class Names {
public:
  void read(const Value& value, std::string_view key) {
    if (const auto* text = value.if_string()) {
      if (is_listed("title prompt", key)) return templates(std::string_view(*text));
      words(std::string_view(*text));
    } else if (const auto* array = value.if_array()) {
      for (const Value& element : *array) read(element, key);
    } else if (const auto* object = value.if_object()) {
      for (const auto& member : *object) {
        if (!is_listed(prose, member.key())) read(member.value(), member.key());
      }
    }
  }

  [[nodiscard]] bool has(const std::string& name) const { return names_.contains(name); }

private:
  void templates(std::string_view text) {
    for (const std::string& name : template_names(text)) names_.insert(name.substr(0, name.find('.')));
  }

  void words(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at;
      while (end < text.size() &&
             (markdown::is_letter(text[end]) || markdown::is_digit(text[end]) || text[end] == '_')) {
        ++end;
      }
      if (end > at) names_.insert(std::string(text.substr(at, end - at)));
      at = std::max(end, at + 1);
    }
  }

  std::unordered_set<std::string> names_;
};

bool is_builtin(const Action& action) {
  return is_listed("shell http confirm", action.handler) || find_block_language(action.handler) != nullptr;
}

/// A handler of the host's own sees all values, whatever the document says.
bool has_other_handlers(const Subject& subject) {
  bool found = false;
  for (const PlacedStep& place : subject.steps) {
    for_each_action(*place.step, [&](ActionKind, const Action& action) { found = found || !is_builtin(action); });
  }
  return found;
}

} // namespace

void check_inputs(const Subject& subject, Findings& findings) {
  if (subject.book.inputs.empty() || has_other_handlers(subject)) return;
  Names names;
  names.read(to_json(subject.book), {});
  for (const Input& input : subject.book.inputs) {
    if (names.has(input.name)) continue;
    warn(findings, "unused-input", input.span, {}, fmt::format("nothing uses the input '{}'", input.name),
         fmt::format("in a script write \"${}\"; or remove it", input.name));
  }
}

} // namespace runbook::linting
