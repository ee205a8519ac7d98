// What a runbook must keep to whatever its handlers are, also one that was built in code and never parsed.
#pragma once

#include "plan/findings.hpp"

#include <runbook/model.hpp>

namespace runbook {

void check_structure(const Runbook& runbook, Findings& findings);

} // namespace runbook
