// Putting the plans of other runbooks into the plan of the one that runs them.
#pragma once

#include "plan/calls.hpp"

namespace runbook {

/// Puts each part behind the step that runs it, its general rollback in front of the content's own.
void merge_calls(Plan::Content& content, std::vector<Call> calls, Findings& findings);

} // namespace runbook
