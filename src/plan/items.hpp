// Walking through the items of a runbook in the order in which a run goes through them.
#pragma once

#include <runbook/event.hpp>
#include <runbook/model.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace runbook {

/// What a document may ask for in Required Access; what is beyond is an error and no item.
inline constexpr std::size_t max_access = 1000;

/// An item of a section. Refers to its runbook, or to the list that it is in.
struct Item {
  Section section = Section::steps;
  const Step* step = nullptr; ///< never null
  std::string group{};        ///< the titles of the steps that it stands in, outermost first; empty: none
};

/// Everything that a run goes through, in its order: the required access, prerequisites, steps, verification, general
/// rollback. Steps inside of steps follow what they stand in; a group, which does nothing itself, is no item.
///
/// Ownership: owns the items that the required access stands for; refers to the runbook for the others.
class Items {
public:
  explicit Items(const Runbook& runbook);
  Items(const Items&) = delete;
  Items& operator=(const Items&) = delete;

  [[nodiscard]] const std::vector<Item>& all() const noexcept { return all_; }

private:
  void add(Section section, const std::vector<Step>& steps, const std::string& group);
  void add_access(const Runbook& runbook);

  std::vector<Step> access_;
  std::vector<Item> all_;
};

/// Whether the step only holds others.
[[nodiscard]] inline bool is_group(const Step& step) noexcept {
  return !step.steps.empty() && step.actions.empty() && step.checks.empty();
}

/// Calls `visit(kind, action)` for every action of a step: forward, checks, undo; a probe is a check.
template <class Visit>
void for_each_action(const Step& step, const Visit& visit) {
  for (const Action& action : step.actions) visit(ActionKind::forward, action);
  for (const Action& action : step.checks) visit(ActionKind::check, action);
  for (const Action& action : step.undo) visit(ActionKind::undo, action);
  for (const Action& action : step.probe) visit(ActionKind::check, action);
}

} // namespace runbook
