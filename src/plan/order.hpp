// Whether what a step uses is known by then, where steps do not just follow each other.
#pragma once

#include "plan/findings.hpp"
#include "plan/flow.hpp"

#include <runbook/plan.hpp>

#include <vector>

namespace runbook {

/// Reports captures and results that a step uses of a step in front of it for which it does not wait.
void check_order(const std::vector<PlannedStep>& steps, const PlannedFlow& flow, Findings& findings);

} // namespace runbook
