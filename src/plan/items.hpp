// Walking through the items of a runbook in the order in which a run goes through them.
#pragma once

#include <runbook/event.hpp>
#include <runbook/model.hpp>

#include <cstddef>
#include <vector>

namespace runbook {

/// An item of a section. Refers to its runbook.
struct Item {
  Section section = Section::steps;
  const Step* step = nullptr; ///< never null
};

/// Prerequisites, steps, verification, general rollback: the order of a plan's steps.
[[nodiscard]] inline std::vector<Item> items_of(const Runbook& runbook) {
  std::vector<Item> items;
  const auto add = [&items](Section section, const std::vector<Step>& steps) {
    for (const Step& step : steps) items.push_back({section, &step});
  };
  add(Section::prerequisites, runbook.prerequisites);
  add(Section::steps, runbook.steps);
  add(Section::verification, runbook.verification);
  add(Section::rollback, runbook.rollback);
  return items;
}

/// Calls `visit(kind, action)` for every action of a step: forward, checks, undo.
template <class Visit>
void for_each_action(const Step& step, const Visit& visit) {
  for (const Action& action : step.actions) visit(ActionKind::forward, action);
  for (const Action& action : step.checks) visit(ActionKind::check, action);
  for (const Action& action : step.undo) visit(ActionKind::undo, action);
}

} // namespace runbook
