// Steps that run another runbook: that one is planned with what the step gives it.
#pragma once

#include "plan/findings.hpp"
#include "plan/part.hpp"

#include <runbook/handler.hpp>
#include <runbook/plan.hpp>

#include <cstddef>
#include <vector>

namespace runbook {

/// A step that runs another runbook, and that runbook's plan.
struct Call {
  std::size_t step = 0; ///< index into the steps of the runbook that has the step
  Plan::Content part{};
};

/// What is known of the runbook whose steps are looked at.
struct Caller {
  const Plan::Content& content; ///< its inputs and secrets
  const Given& given;
  const SecretOrigins& origins; ///< of the whole plan's secrets
  const HandlerRegistry& handlers;
  PlannedSoFar& so_far;
};

/// The calls in the order of their steps. Completes the actions of these steps: they know the inputs that the other
/// runbook declares, and no longer hold what is a secret there.
[[nodiscard]] std::vector<Call> find_calls(const Runbook& runbook, std::vector<PlannedStep>& steps,
                                           const Caller& caller, Findings& findings);

} // namespace runbook
