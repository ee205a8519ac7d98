// A plan's steps as JSON: what the dry run prints and what the plan's digest is taken of.
#pragma once

#include <runbook/plan.hpp>

namespace runbook {

/// Everything that the step will do. Places in the document are left out.
[[nodiscard]] Values step_json(const PlannedStep& step, const Plan::Content& plan);

/// What the unit waits for and what it is done for, by the numbers of its steps and of the units in front of it.
[[nodiscard]] Values unit_json(const PlannedUnit& unit);

/// Where secrets come from, by name.
[[nodiscard]] Values secrets_json(const SecretOrigins& secrets);

/// SHA-256 of the rules' version, the document's digest, the inputs, where secrets come from, and the steps.
[[nodiscard]] std::string digest_of(const Plan::Content& content);

} // namespace runbook
