// Steps that run another runbook, in a plan of which not everything is done.
#pragma once

#include <runbook/plan.hpp>

#include <algorithm>
#include <ranges>

namespace runbook {

/// What is to be done in another runbook needs the step that runs it, which only hands over the inputs.
inline void keep_openers(Plan::Content& content) {
  for (const PlannedStep& step : content.steps | std::views::reverse) { // a runbook stands behind the step that runs it
    if (step.scope == 0 || !step.chosen || step.section == Section::rollback) continue;
    content.steps[content.scopes[step.scope].opener].chosen = true;
  }
}

} // namespace runbook
