#include "lint/fixers.hpp"

#include "markdown/console.hpp"
#include "markdown/inline_text.hpp"
#include "markdown/labels.hpp"
#include "markdown/text.hpp"
#include "plan/items.hpp"
#include "sort_stably.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook::linting {

using markdown::Node;
using markdown::NodeType;

namespace {

/// A change of one line of the document.
Fix change(const Source& source, std::uint32_t line, std::size_t begin, std::size_t end, std::string replacement,
           std::string description) {
  Fix fix;
  fix.begin = source.original().offset(line, begin);
  fix.end = source.original().offset(line, end);
  fix.replacement = std::move(replacement);
  fix.description = std::move(description);
  fix.span = source.text().in_line(line, begin, end);
  return fix;
}

/// The line on which the title's text ends, which is in front of a label that it may end in.
std::optional<std::pair<std::uint32_t, std::size_t>> end_of_title(const Source& source, const TitledItem& item) {
  const Node title = item.item.title;
  if (!title || item.title.text.empty()) return std::nullopt;
  std::uint32_t line = title.is(NodeType::heading) ? title.line() : title.end_line();
  if (item.title.label) --line;
  std::string_view raw = markdown::trim_right(source.text().line(line));
  if (title.is(NodeType::heading)) {
    const std::string_view text = raw.substr(std::min<std::size_t>(title.byte(), raw.size()));
    if (!text.starts_with('#') || text.find_first_not_of('#') == std::string_view::npos) return std::nullopt;
    std::string_view open = raw;
    while (open.ends_with('#')) open.remove_suffix(1);
    if (open.ends_with(' ') || open.ends_with('\t')) raw = markdown::trim_right(open); // a heading that is closed
  }
  if (line < title.line() || raw.ends_with('\\')) return std::nullopt;
  return std::pair{line, raw.size()};
}

} // namespace

Fixers::Fixers(const Subject& subject) : source_(*subject.source) {
  for (const PlacedStep& place : subject.steps) {
    for_each_action(*place.step, [this](ActionKind, const Action& action) { actions_.push_back(&action); });
  }
  sort_stably(actions_, [](const Action* action) { return action->span.line; });
  titles_ = titled_items(source_, markdown::SectionKind::steps);
  for (std::size_t i = 0; i < titles_.size(); ++i) title_at_.emplace(titles_[i].title.place.line, i);
}

/// The last thing that is run before a line, whatever it is for.
const Action* Fixers::last_action_before(std::uint32_t line) const {
  const auto next =
      std::ranges::lower_bound(actions_, line, {}, [](const Action* action) { return action->span.line; });
  return next == actions_.begin() ? nullptr : *std::prev(next);
}

std::optional<Fix> Fixers::add_expected(const Diagnostic& found) const {
  const Node fence = source_.fence_at(found.span.line);
  const Action* action = last_action_before(found.span.line);
  if (!fence || action == nullptr || action->expect || action->handler == "confirm") return std::nullopt;
  if (markdown::trim(fence.literal()).empty()) return std::nullopt;
  const std::string_view line = source_.text().line(fence.line());
  const std::string_view indent = line.substr(0, std::min<std::size_t>(fence.byte(), line.size()));
  if (indent.find_first_not_of(" \t>") != std::string_view::npos) return std::nullopt; // the mark of a list
  return change(source_, fence.line(), 0, 0, fmt::format("{}Expected:{}", indent, source_.original().line_end()),
                "put 'Expected:' above the block");
}

/// A session of one command without its prompt. Of several lines nobody can tell which of them are commands.
std::optional<Fix> Fixers::add_prompt(const Diagnostic& found) const {
  for (std::uint32_t line = found.span.line; line > 0; --line) {
    const Node fence = source_.fence_at(line);
    if (!fence) continue;
    std::string_view text = fence.literal();
    const std::size_t lines = static_cast<std::size_t>(std::ranges::count(markdown::trim(text), '\n')) + 1;
    const bool prompted = !markdown::read_session(text, markdown::Prompts::all).lines.empty();
    if (lines != 1 || prompted || lex_shell(text).commands.empty()) return std::nullopt;
    const std::string_view raw = source_.text().line(found.span.line);
    const std::size_t begin = raw.size() - markdown::trim_left(raw).size();
    return change(source_, found.span.line, begin, begin, "$ ", "put a prompt in front of the command");
  }
  return std::nullopt;
}

std::optional<Fix> Fixers::add_colon(const Diagnostic& found) const {
  const std::string_view raw = source_.text().line(found.span.line);
  const std::size_t end = markdown::trim_right(raw).size();
  return change(source_, found.span.line, end, end, ":", "end the label in a colon");
}

/// The word that was meant is in the finding's hint: did you mean 'rollback'?
std::optional<Fix> Fixers::correct_label(const Diagnostic& found) const {
  const std::size_t open = found.hint.find('\'');
  const std::size_t close = found.hint.rfind('\'');
  if (open == std::string::npos || close <= open + 1) return std::nullopt;
  std::string label = found.hint.substr(open + 1, close - open - 1);
  label.front() = static_cast<char>(label.front() - 'a' + 'A');
  const std::string_view raw = source_.text().line(found.span.line);
  const std::size_t colon = raw.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::size_t end = colon;
  while (end > 0 && (raw[end - 1] == '*' || raw[end - 1] == '_')) --end; // **Label**:
  std::size_t begin = end;
  while (begin > 0 && (markdown::is_letter(raw[begin - 1]) || raw[begin - 1] == ' ')) --begin;
  while (begin < end && raw[begin] == ' ') ++begin;
  if (begin == end) return std::nullopt;
  std::string description = fmt::format("write '{}:'", label);
  return change(source_, found.span.line, begin, end, std::move(label), std::move(description));
}

std::optional<Fix> Fixers::add_id(const Diagnostic& found) const {
  const auto title = title_at_.find(found.span.line);
  if (title == title_at_.end() || found.step.empty()) return std::nullopt;
  const auto end = end_of_title(source_, titles_[title->second]);
  if (!end) return std::nullopt;
  return change(source_, end->first, end->second, end->second, fmt::format(" {{#{}}}", found.step),
                "give the step its id");
}

std::optional<Fix> Fixers::fix_for(const Diagnostic& diagnostic) const {
  using Fixer = std::optional<Fix> (Fixers::*)(const Diagnostic&) const;
  constexpr std::array<std::pair<std::string_view, Fixer>, 5> fixers{{{"unlabelled-output", &Fixers::add_expected},
                                                                      {"no-prompt", &Fixers::add_prompt},
                                                                      {"label-without-colon", &Fixers::add_colon},
                                                                      {"unknown-label", &Fixers::correct_label},
                                                                      {"missing-id", &Fixers::add_id}}};
  if (!diagnostic.span.known()) return std::nullopt;
  for (const auto& [code, fixer] : fixers) {
    if (code != diagnostic.code) continue;
    auto fix = (this->*fixer)(diagnostic);
    if (fix) fix->code = code;
    return fix;
  }
  return std::nullopt;
}

} // namespace runbook::linting
