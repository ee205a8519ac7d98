// When steps are done, how often and after which others: whether conditions can be read, and what they name is there.
#pragma once

#include "plan/findings.hpp"

#include <runbook/model.hpp>

namespace runbook {

/// A member that a map does not have is null to an expression and no error: so a name that is misspelt must be found
/// here.
void check_conditions(const Runbook& runbook, Findings& findings);

} // namespace runbook
