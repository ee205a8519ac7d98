// What a plan knows of secrets: their names and where they come from, and that nothing of them is shown.
#pragma once

#include "plan/findings.hpp"
#include "plan/steps.hpp"

#include <runbook/handler.hpp>
#include <runbook/model.hpp>

namespace runbook {

/// The secret inputs and their origins: as `given` says, else as the document says.
[[nodiscard]] SecretOrigins bind_secrets(const Runbook& runbook, const SecretOrigins& given, Findings& findings);

/// Looks for `{{ name }}` of secrets where everybody would see them: of those that are given, and of those that
/// somebody is asked for.
void check_secret_places(const Runbook& runbook, const SecretOrigins& given, const PlannedSteps& planned,
                         const std::vector<PlannedUnit>& units, const HandlerRegistry& handlers, Findings& findings);

} // namespace runbook
