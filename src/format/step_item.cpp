#include "format/step_item.hpp"

#include "format/action_block.hpp"
#include "format/inline_text.hpp"
#include "markdown/ids.hpp"
#include "markdown/text.hpp"
#include "names.hpp"
#include "runbook_action.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/string.hpp>
#include <fmt/format.h>

namespace runbook::format {

namespace {

using Lines = std::vector<std::string>;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// What is said of the step as a whole, but for its id.
Attributes attributes_of(const Step& step) {
  Attributes all;
  if (step.flow) {
    if (!step.flow->when.text.empty()) all.emplace_back("when", step.flow->when.text);
    if (const auto& loop = step.flow->loop) {
      all.emplace_back("foreach", loop->over.text);
      if (loop->as != Loop().as) all.emplace_back("as", loop->as);
      if (loop->parallel != Loop().parallel) all.emplace_back("parallel", std::to_string(loop->parallel));
    }
    if (!step.flow->needs.empty()) all.emplace_back("needs", joined(step.flow->needs));
  }
  if (step.irreversible) all.emplace_back("irreversible", "");
  if (step.isolated) all.emplace_back("isolated", "");
  if (step.on_failure != OnFailure::rollback) all.emplace_back("on_failure", name_of(step.on_failure));
  if (step.on_doubt != OnDoubt::ask) all.emplace_back("on_doubt", name_of(step.on_doubt));
  return all;
}

bool starts_with_box(std::string_view title) {
  return title.size() >= 3 && title[0] == '[' && title[2] == ']' &&
         (title[1] == ' ' || title[1] == 'x' || title[1] == 'X');
}

/// A file's name as a link has it: what would end the name there is percent-encoded.
std::string address_of(std::string_view file) {
  std::string out;
  for (const char c : file) {
    const bool encoded = c == '%' || c == '#' || c == '?' || c == ' ' || c == ':';
    out += encoded ? fmt::format("%{:02X}", static_cast<unsigned>(c)) : std::string(1, c);
  }
  return out;
}

/// Whether what follows on the notes would be read as a part of them: they end in a label, or have a heading.
bool leads_on(std::string_view notes) {
  if (notes.ends_with(':')) return true;
  for (std::string_view line; markdown::next_line(notes, line);) {
    if (markdown::trim_left(line).starts_with('#')) return true;
  }
  return false;
}

class Item {
public:
  Item(const Step& step, std::string pointer, const StatedIds& ids, Inexpressible& problems)
      : step_(step), pointer_(std::move(pointer)), ids_(ids), problems_(problems) {}

  /// `box`: what stands in front of the title.
  Lines lines(ListOf kind, std::string_view box) {
    Attributes whole = attributes_of(step_);
    const bool only_looks = kind == ListOf::prerequisites || kind == ListOf::verification || kind == ListOf::state;
    // A list inside of a step is steps because a block stands in it.
    manual_ = kind != ListOf::inner_steps && is_manual(only_looks, whole);
    const bool by_block = !step_.actions.empty() && !manual_ && !is_link() && kind != ListOf::rollback;
    title(box, by_block ? Attributes() : std::exchange(whole, {}));
    given();
    const bool notes_last = !manual_ && leads_on(step_.notes);
    if (!notes_last) notes();
    if (!manual_ && !is_link()) {
      actions(step_.actions, only_looks, "actions", "", by_block ? std::move(whole) : Attributes());
    }
    actions(step_.checks, true, "checks", "Check:", {});
    actions(step_.undo, false, "undo", "Rollback:", {});
    actions(step_.probe, true, "probe", "Probe:", {});
    Lines inner = step_list(step_.steps, ListOf::inner_steps, ids_, pointer_ + "/steps", problems_);
    if (!inner.empty() && after_notes_) part_lists();
    const bool after_inner = !inner.empty();
    if (after_inner) block(std::move(inner));
    if (notes_last && after_inner) part_lists();
    if (notes_last) notes();
    return std::move(lines_);
  }

private:
  [[nodiscard]] const std::string& name() const { return step_.title.empty() ? step_.id : step_.title; }

  /// Whether a person is asked nothing but what title and notes say: then no block is needed.
  [[nodiscard]] bool is_manual(bool only_looks, const Attributes& whole) const {
    if (step_.actions.size() != 1 || !step_.steps.empty() || name().ends_with(':') || starts_with_box(name()))
      return false;
    const bool simple =
        std::ranges::all_of(whole, [](const auto& a) { return a.first != "when" && a.first != "foreach"; });
    Action asked = step_.actions.front();
    if (only_looks && asked.effect == Effect::pure) asked.effect.reset();
    Action plain;
    plain.handler = "confirm";
    plain.params["prompt"] = step_.notes.empty() ? name() : name() + "\n\n" + step_.notes;
    asked.span = {};
    return simple && asked == plain;
  }

  [[nodiscard]] bool is_link() const {
    if (step_.actions.size() != 1) return false;
    const Action& action = step_.actions.front();
    const Values* given = inputs_given(action);
    if (!runs_runbook(action) || runbook_file(action).empty() || action.params.size() > (given != nullptr ? 2U : 1U)) {
      return false;
    }
    return given != nullptr ? !given->empty() : step_.notes.empty();
  }

  [[nodiscard]] static const Values* inputs_given(const Action& action) {
    const Value* given = action.params.if_contains("inputs");
    return given != nullptr ? given->if_object() : nullptr;
  }

  /// What the step gives to the runbook that it runs.
  void given() {
    const Values* inputs = is_link() ? inputs_given(step_.actions.front()) : nullptr;
    if (inputs == nullptr) return;
    lines_.emplace_back();
    for (const auto& [name, value] : *inputs) {
      lines_.push_back(fmt::format("- {}: {}", code_span(name), code_span(to_text(value))));
    }
    after_notes_ = true;
  }

  void title(std::string_view box, Attributes whole) {
    std::string text(box);
    if (starts_with_box(name()) && box.empty()) text += "[ ] ";
    const std::string shown = name() + (name().ends_with(':') ? ":" : ""); // one is taken for the mark before a block
    if (is_link()) {
      text += link(shown, address_of(runbook_file(step_.actions.front())));
    } else {
      text += escaped(shown);
    }
    std::string braces = in_braces(std::move(whole));
    if (ids_.needs(step_)) {
      braces =
          braces.empty() ? fmt::format(" {{#{}}}", step_.id) : fmt::format(" {{#{} {}", step_.id, braces.substr(2));
    }
    if (braces.empty() && text.ends_with('}') && !text.ends_with("}}")) text.insert(text.size() - 1, 1, '\\');
    lines_.push_back(text + braces);
  }

  /// Keeps a list of the notes apart from the list of the steps inside: nobody sees it, and no list goes on over it.
  void part_lists() {
    lines_.emplace_back();
    lines_.emplace_back("<!-- -->");
    after_notes_ = true;
  }

  void block(Lines lines) {
    if (after_notes_) lines_.emplace_back();
    after_notes_ = false;
    std::ranges::move(lines, std::back_inserter(lines_));
  }

  void notes() {
    if (step_.notes.empty()) return;
    lines_.emplace_back();
    std::string_view rest = step_.notes;
    for (std::string_view line; markdown::next_line(rest, line);) lines_.emplace_back(line);
    after_notes_ = true;
  }

  void actions(const std::vector<Action>& all, bool only_looks, std::string_view member, std::string_view label,
               Attributes of_step) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      Lines lines = action_lines(all[i], only_looks, std::exchange(of_step, {}),
                                 fmt::format("{}/{}/{}", pointer_, member, i), problems_);
      if (!label.empty()) lines.insert(lines.begin(), std::string(label));
      block(std::move(lines));
    }
  }

  const Step& step_;
  std::string pointer_;
  const StatedIds& ids_;
  Inexpressible& problems_;
  Lines lines_;
  bool manual_ = false;
  bool after_notes_ = false;
};

} // namespace

StatedIds::StatedIds(const Runbook& book, bool all) : all_(all) {
  for (const auto* steps : {&book.prerequisites, &book.steps, &book.verification, &book.rollback, &book.state}) {
    count(*steps);
  }
}

void StatedIds::count(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    ++titles_[markdown::slug(step.title.empty() ? step.id : step.title)];
    count(step.steps);
  }
}

bool StatedIds::needs(const Step& step) const {
  const std::string slug = markdown::slug(step.title.empty() ? step.id : step.title);
  return all_ || slug != step.id || titles_.at(slug) > 1;
}

std::vector<std::string> step_list(const std::vector<Step>& steps, ListOf kind, const StatedIds& ids,
                                   const std::string& pointer, Inexpressible& problems) {
  const bool numbered = kind == ListOf::steps || kind == ListOf::inner_steps || kind == ListOf::rollback;
  Lines out;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::string mark = numbered ? fmt::format("{}. ", i + 1) : "- ";
    const std::string indent(mark.size(), ' ');
    const std::string_view box = kind == ListOf::prerequisites ? "[ ] " : "";
    const Lines lines = Item(steps[i], fmt::format("{}/{}", pointer, i), ids, problems).lines(kind, box);
    for (const std::string& line : lines) {
      const bool first = &line == &lines.front();
      out.push_back(line.empty() ? std::string() : (first ? mark : indent) + line);
    }
  }
  return out;
}

} // namespace runbook::format
