// From items to planned steps: handlers found, effects settled, titles filled in.
#pragma once

#include "plan/findings.hpp"

#include <runbook/plan.hpp>

#include <string>
#include <vector>

namespace runbook {

struct PlannedSteps {
  std::vector<PlannedStep> steps;    ///< one for each item, in their order
  std::vector<std::string> handlers; ///< that they use, in order of first use
};

[[nodiscard]] PlannedSteps plan_steps(const Runbook& runbook, const HandlerRegistry& registry, const Values& inputs,
                                      Findings& findings);

} // namespace runbook
