// From what the steps say of their flow to what a run takes up as a whole, and after what.
#pragma once

#include "plan/findings.hpp"

#include <runbook/plan.hpp>

#include <vector>

namespace runbook {

struct PlannedFlow {
  std::vector<PlannedUnit> units;
  std::vector<Expression> conditions;
};

/// Completes the planned steps, which stand in the order of `Items`: their units, their conditions, what conditions ask
/// about. `check_conditions` must have found nothing wrong.
///
/// A step that does not say what it needs waits for everything in front of it; one that does waits for that, and for
/// what the step waits for that it stands in. In a section where a step says so, every step is apart.
[[nodiscard]] PlannedFlow plan_flow(const Runbook& runbook, std::vector<PlannedStep>& steps, Findings& findings);

/// Whether the unit with this number waits for all in front of it, as it does if the document says nothing.
[[nodiscard]] inline bool follows_everything(const PlannedUnit& unit, std::size_t number) {
  if (number == 0) return unit.after.empty();
  return unit.after == std::vector<PlannedUnit::Range>{{0, static_cast<std::uint32_t>(number)}};
}

} // namespace runbook
