#include "markdown/step_finish.hpp"

#include "markdown/labels.hpp"
#include "markdown/nested.hpp"
#include "markdown/text.hpp"
#include "runbook_action.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

class Finish {
public:
  Finish(const Context& context, const Item& item, const std::string& prompt, Draft& draft)
      : context_(context), findings_(context.findings), item_(item), prompt_(prompt), draft_(draft), step_(draft.step) {
  }

  void run(bool has_inner) {
    if (has_inner) {
      group();
    } else if (step_.actions.empty()) {
      manual();
    }
    effects();
    if (step_.title.empty()) {
      step_.title = fmt::format("{} {}", section_title(item_.section),
                                item_.number.empty() ? std::to_string(item_.place) : item_.number);
      findings_.note("no-title", item_.span, "the item has no text in front of its block",
                     "say what it does: it is shown while it runs");
    }
    settle_step(context_, draft_.settings, item_.section, step_);
    condition_in_words(has_inner);
    called_like_undo(has_inner);
  }

private:
  /// A step that holds others. Without commands of its own it has nothing to check, to undo or to probe.
  void group() {
    if (!step_.actions.empty()) return;
    step_.actions = std::exchange(step_.checks, {}); // they stand in front of the steps inside
    if (!step_.actions.empty()) return;
    for (auto* actions : {&step_.undo, &step_.probe}) {
      for (const Action& action : *actions) {
        findings_.error("group", action.span, "the step does nothing itself: it only holds other steps",
                        "say this of the steps inside of it");
      }
      actions->clear();
    }
  }

  /// A step that is run and is called like what takes a step back.
  void called_like_undo(bool has_inner) {
    if (item_.section != SectionKind::steps || label_word(step_.title) != Label::rollback) return;
    if (step_.actions.empty() && !has_inner) return;
    findings_.warning("unclear-label", draft_.place, "the step is called like a rollback and is run as a step",
                      "if it takes a step back, put it into that step, or into a section Rollback");
  }

  /// "If the pods are not ready, delete them": to a person a condition, and here a title.
  void condition_in_words(bool has_inner) {
    const std::string title = lower(step_.title);
    if (item_.section != SectionKind::steps || !(title.starts_with("if ") || title.starts_with("optional"))) return;
    const bool asked = std::ranges::all_of(step_.actions, [](const Action& a) { return a.handler == "confirm"; });
    if (asked && !has_inner) return;
    if (step_.flow && !step_.flow->when.text.empty()) return; // it is said for the engine too
    findings_.warning("condition-in-words", draft_.place,
                      "the title speaks of a condition; the step is done in any case",
                      "say the condition with when, or let a person do it");
  }

  void effects() {
    if (!only_looks(item_.section) && !item_.only_looks) return;
    for (Action& action : step_.actions) {
      if (!action.effect) action.effect = Effect::pure;
      if (item_.section != SectionKind::state || action.effect == Effect::pure) continue;
      findings_.error("attribute", action.span, "what shows the state must not change it", "write pure, or remove it");
    }
  }

  /// An item without a command is something that a person does, or another runbook.
  void manual() {
    if (item_.section == SectionKind::state) {
      findings_.warning("empty-item", item_.span, "the item has no block that shows anything of the state",
                        "write the command that prints it");
      return;
    }
    Action action;
    action.span = item_.span;
    const bool may_be_link = item_.title && (step_.notes.empty() || !draft_.given.empty());
    std::string file = may_be_link ? linked_runbook(item_.title) : std::string();
    if (!file.empty()) {
      action.handler = runbook_handler;
      action.params["file"] = std::move(file);
      if (!draft_.given.empty()) action.params["inputs"] = std::move(draft_.given);
    } else {
      std::string text = prompt_;
      if (!step_.notes.empty()) text += (text.empty() ? "" : "\n\n") + step_.notes;
      if (text.empty()) {
        findings_.error("empty-item", item_.span, "the item says nothing that could be done or asked", "remove it");
        return;
      }
      action.handler = "confirm";
      action.params["prompt"] = std::move(text);
    }
    step_.actions.push_back(std::move(action));
  }

  const Context& context_;
  Findings& findings_;
  const Item& item_;
  const std::string& prompt_;
  Draft& draft_;
  Step& step_;
};

} // namespace

void finish_step(const Context& context, const Item& item, const std::string& prompt, bool has_inner, Draft& draft) {
  Finish(context, item, prompt, draft).run(has_inner);
}

} // namespace runbook::markdown
