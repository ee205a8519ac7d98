#include "markdown/undo_items.hpp"

#include "suggest.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

using Kind = UndoReference::Kind;

constexpr std::size_t most_candidates = 1000; // that a misspelt id is compared with

class Attacher {
public:
  Attacher(const Context& context, const Ids& ids, std::vector<Draft>& steps)
      : findings_(context.findings), ids_(ids), steps_(steps) {}

  /// True if the item is no part of the general rollback: it belongs to a step, or it is an error.
  bool take(Draft& item) {
    const bool taken = attach(item);
    if (!taken) return false;
    for (const Action& action : item.step.actions) { // those that no step has taken
      if (action.span == item.step.span) continue;   // a question: the finding about the item says it all
      findings_.note("block-not-run", action.span, "this is not run: it is not clear which step it takes back");
    }
    return true;
  }

private:
  bool attach(Draft& item) {
    if (!item.settings.undo.empty()) return attach(item, by_id(item));
    switch (item.reference.kind) {
    case Kind::step: return attach(item, by_number(item));
    case Kind::several:
      findings_.error("undo-reference", item.place, "the item names several steps",
                      "write one item for each step: each is undone by itself");
      return true;
    case Kind::unclear:
      findings_.warning("undo-reference", item.place,
                        "the item speaks of a step, but is a part of the general rollback, which runs after all undos",
                        "if it takes the step back, start it with: Undo step N");
      findings_.name_step(item.step.id);
      return false;
    case Kind::none: break;
    }
    return false;
  }

  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// Most documents take no step back in this way.
  void know_steps() {
    if (!names_.empty()) return;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (!steps_[i].number.empty()) numbers_[steps_[i].number].push_back(i);
      names_.emplace(steps_[i].step.id, i);
    }
  }

  std::size_t by_id(const Draft& item) {
    know_steps();
    const std::string& id = item.settings.undo;
    const auto found = names_.find(id);
    if (found == names_.end()) {
      return fail(item.settings.undo_span, fmt::format("there is no step '{}'", id), suggestions().for_word(id));
    }
    if (ids_.claims(id) > 1 && steps_[found->second].settings.id.empty()) {
      return fail(item.settings.undo_span, fmt::format("several steps have the title that gives the id '{}'", id),
                  "give the step that is meant an id of its own: {#id} at the end of its title");
    }
    return found->second;
  }

  /// The ids are copied only if one is misspelt.
  Suggestions& suggestions() {
    if (!suggestions_) {
      std::vector<std::string> known;
      for (std::size_t i = 0; i < std::min(steps_.size(), most_candidates); ++i) known.push_back(steps_[i].step.id);
      suggestions_.emplace(std::move(known));
    }
    return *suggestions_;
  }

  std::size_t by_number(const Draft& item) {
    know_steps();
    const auto found = numbers_.find(item.reference.number);
    if (found == numbers_.end()) {
      return fail(item.place, fmt::format("there is no step {}", item.reference.number),
                  numbers_.empty() ? "the steps have no numbers: write {undo=id}"
                                   : "the number is the one that the reader sees");
    }
    if (found->second.size() > 1) {
      return fail(item.place,
                  fmt::format("there are several steps {}, in lines {} and {}", item.reference.number,
                              steps_[found->second[0]].step.span.line, steps_[found->second[1]].step.span.line),
                  "give the step that is meant an id, {#id} at the end of its title, and write {undo=id} here");
    }
    return found->second.front();
  }

  std::size_t fail(const SourceSpan& place, std::string_view message, std::string_view hint) {
    findings_.error("undo-reference", place, message, hint);
    return none;
  }

  bool attach(Draft& item, std::size_t index) {
    if (index == none) return true;
    Step& step = steps_[index].step;
    findings_.name_step(item.first_finding, item.last_finding, step.id);
    const auto [earlier, first] = lines_.emplace(index, item.step.span.line);
    if (!first) {
      findings_.error("duplicate-undo", item.place,
                      fmt::format("the step '{}' is undone by the item in line {} already", step.id, earlier->second),
                      "put both into one item");
      findings_.name_step(step.id);
      return true;
    }
    if (is_group(index)) {
      findings_.error("group", item.place, fmt::format("the step '{}' only holds other steps", step.id),
                      "name the steps inside of it, each in an item of its own");
      findings_.name_step(step.id);
      return true;
    }
    if (!step.undo.empty()) {
      findings_.error("duplicate-undo", item.place,
                      fmt::format("the step '{}' in line {} has a Rollback: of its own", step.id, step.span.line),
                      "keep one of the two");
      findings_.name_step(step.id);
      return true;
    }
    step.undo = std::exchange(item.step.actions, {});
    refuse_settings(item, step.id);
    return true;
  }

  /// The undo is a part of its step: what is said of steps cannot be said of it.
  void refuse_settings(const Draft& item, const std::string& undone) {
    const bool said = item.step.flow || item.step.isolated || item.settings.on_failure || item.settings.on_doubt;
    if (!said) return;
    findings_.error("attribute", item.place, "attributes of a step have no meaning on an item that takes a step back",
                    "say them of the step, or remove them");
    findings_.name_step(undone);
  }

  [[nodiscard]] bool is_group(std::size_t index) const {
    const bool holds_others = index + 1 < steps_.size() && steps_[index + 1].depth > steps_[index].depth;
    return holds_others && steps_[index].step.actions.empty();
  }

  Findings& findings_;
  const Ids& ids_;
  std::vector<Draft>& steps_;
  std::unordered_map<std::string, std::vector<std::size_t>> numbers_;
  std::unordered_map<std::string, std::size_t> names_;
  std::optional<Suggestions> suggestions_;
  std::unordered_map<std::size_t, std::uint32_t> lines_; ///< of the items that are attached already
};

/// One past the last item that stands in this one.
std::size_t end_of(const std::vector<Draft>& items, std::size_t index) {
  std::size_t end = index + 1;
  while (end < items.size() && items[end].depth > items[index].depth) ++end;
  return end;
}

/// A step's undo is a list of actions: what stands in its item is done in the document's order.
void gather(std::vector<Draft>& items, std::size_t index, std::size_t end) {
  std::vector<Action>& actions = items[index].step.actions;
  for (std::size_t i = index + 1; i < end; ++i) {
    std::ranges::move(items[i].step.actions, std::back_inserter(actions));
    items[i].step.actions.clear();
  }
}

/// What held only items that take steps back holds nothing any more.
void drop_empty_groups(std::vector<Draft>& items) {
  std::vector<Draft> kept;
  for (std::size_t i = items.size(); i-- > 0;) {
    const bool holds_others = !kept.empty() && kept.back().depth > items[i].depth;
    if (holds_others || !items[i].step.actions.empty()) kept.push_back(std::move(items[i]));
  }
  std::ranges::reverse(kept);
  items = std::move(kept);
}

} // namespace

void attach_undo_items(const Context& context, const Ids& ids, std::vector<Draft>& steps, std::vector<Draft>& items) {
  Attacher attacher(context, ids, steps);
  std::vector<Draft> general;
  for (std::size_t i = 0; i < items.size();) {
    const std::size_t end = end_of(items, i);
    if (takes_back_a_step(items[i])) gather(items, i, end);
    const bool taken = attacher.take(items[i]);
    if (!taken) general.push_back(std::move(items[i]));
    i = taken ? end : i + 1;
  }
  drop_empty_groups(general);
  items = std::move(general);
  for (const Draft& draft : steps) {
    if (!draft.step.irreversible || draft.step.undo.empty()) continue;
    context.findings.error("irreversible-undo", draft.settings.irreversible_span,
                           "the step is irreversible and has an undo", "remove one of the two");
    context.findings.name_step(draft.step.id);
  }
}

} // namespace runbook::markdown
