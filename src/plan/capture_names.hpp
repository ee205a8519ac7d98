// Whether what actions capture has names of its own that programs can have as variables.
#pragma once

#include "plan/findings.hpp"

#include <runbook/plan.hpp>

#include <vector>

namespace runbook {

void check_capture_names(const Runbook& runbook, const std::vector<PlannedStep>& steps, Findings& findings);

} // namespace runbook
