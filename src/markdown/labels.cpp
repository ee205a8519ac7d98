#include "markdown/labels.hpp"

#include "markdown/headings.hpp"
#include "markdown/text.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace runbook::markdown {

namespace {

using Named = std::pair<std::string_view, Label>;

constexpr std::array names{
    Named{"expected", Label::expected},
    Named{"expected output", Label::expected},
    Named{"output", Label::expected},
    Named{"check", Label::check},
    Named{"validate", Label::check},
    Named{"verify", Label::check},
    Named{"rollback", Label::rollback},
    Named{"undo", Label::rollback},
    Named{"revert", Label::rollback},
    Named{"probe", Label::probe},
    Named{"note", Label::note},
    Named{"notes", Label::note},
    Named{"warning", Label::note},
    Named{"sample output", Label::sample},
    Named{"example output", Label::sample},
    Named{"output example", Label::sample},
};

constexpr std::size_t longest = 24; // of a label, and of one that is nearly right

std::optional<Label> named(std::string_view text) {
  text = trim(text);
  if (text.size() > longest) return std::nullopt; // most lines are
  const auto small = [](char c) { return lower(c); };
  for (const auto& [known, label] : names) {
    if (text.size() == known.size() && std::ranges::equal(text, known, {}, small)) return label;
  }
  return std::nullopt;
}

} // namespace

std::optional<Label> label_of(std::string_view line) {
  std::string_view text = trim(line);
  if (!text.ends_with(':') || text.size() > 100) return std::nullopt;
  text = trim(text.substr(0, text.size() - 1));
  const std::size_t remark = text.ends_with(')') ? text.find('(') : std::string_view::npos;
  const auto label = named(text.substr(0, remark));
  return label == Label::expected && remark != std::string_view::npos ? Label::sample : label;
}

std::optional<Label> label_word(std::string_view line) {
  return named(line);
}

std::optional<Label> heading_label(std::string_view heading) {
  const std::string_view text = trim(heading);
  if (const auto label = named(text.ends_with(':') ? text.substr(0, text.size() - 1) : text)) return label;
  const auto section = section_named(text);
  if (section == SectionKind::rollback) return Label::rollback;
  if (section == SectionKind::verification) return Label::check;
  return std::nullopt;
}

std::optional<Label> label_with_text(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon > longest || trim(line.substr(colon + 1)).empty()) return std::nullopt;
  const auto label = named(line.substr(0, colon));
  return label == Label::note || label == Label::sample ? std::nullopt : label;
}

std::string nearly_label(std::string_view line) {
  const std::string_view text = trim(line);
  if (!text.ends_with(':') || text.size() > longest || label_of(text)) return {};
  std::vector<std::string> known;
  for (const auto& [name, label] : names) known.emplace_back(name);
  return did_you_mean(lower(text.substr(0, text.size() - 1)), known);
}

bool speaks_of_rollback(std::string_view line) {
  const std::string text = lower(line);
  const std::array words{"rollback", "roll back", "roll-back", "undo", "revert", "back out"};
  return std::ranges::any_of(words, [&](const char* word) { return text.find(word) != std::string::npos; });
}

bool speaks_of_output(std::string_view text) {
  const std::string lowered = lower(text);
  constexpr std::array phrases{"example output", "sample output",   "output example", "output should",
                               "similar to",     "looks like",      "look like",      "should see",
                               "logs like",      "along the lines", "appear as",      "appears as"};
  return std::ranges::any_of(phrases, [&](const char* phrase) { return lowered.find(phrase) != std::string::npos; });
}

std::string_view label_text(Label label) noexcept {
  switch (label) {
  case Label::expected: return "Expected:";
  case Label::check: return "Check:";
  case Label::rollback: return "Rollback:";
  case Label::probe: return "Probe:";
  case Label::sample: return "Example output:";
  case Label::note: break;
  }
  return "Note:";
}

} // namespace runbook::markdown
