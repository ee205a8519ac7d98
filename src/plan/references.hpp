// Which action uses which name: `{{ name }}` in what is filled in, `$name` in scripts.
#pragma once

#include "plan/findings.hpp"

#include <runbook/plan.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// Where a name that is no input comes from.
struct Capture {
  std::size_t step = 0;     ///< index into the plan's steps
  std::size_t position = 0; ///< of its action, counted over all actions of the plan
  bool in_rollback = false; ///< made by an undo or by the general rollback
};

using Captures = std::map<std::string, Capture, std::less<>>;

/// By scope: at least one.
[[nodiscard]] std::vector<Captures> captures_of(const std::vector<PlannedStep>& steps);

/// The captures that an action needs, of those in its scope, each once, in order of first use.
[[nodiscard]] std::vector<std::string> captures_used(const PlannedAction& action, const Captures& captures);

/// The inputs and captures that an expression reads: `version` and `inputs.version`. None of one that cannot be read.
[[nodiscard]] std::vector<std::string> expression_names(std::string_view text);

/// Reports templates that name nothing, or something that is not known yet when they are filled in, and those in
/// scripts, which are never filled in.
void check_references(const Runbook& runbook, const std::vector<PlannedStep>& steps,
                      const std::vector<PlannedUnit>& units, Findings& findings);

} // namespace runbook
