// Questions whose answer is a secret.
#pragma once

#include "answer_form.hpp"

#include <runbook/plan.hpp>

#include <algorithm>

namespace runbook {

[[nodiscard]] inline bool asks_for_secret(const PlannedAction& action) {
  return action.asks && answer_form(action.action.params).kind == AnswerKind::secret;
}

[[nodiscard]] inline bool asks_for_secret(const PlannedStep& step) {
  const auto asks = [](const std::vector<PlannedAction>& actions) {
    return std::ranges::any_of(actions, [](const PlannedAction& action) { return asks_for_secret(action); });
  };
  return asks(step.forward) || asks(step.checks) || asks(step.undo);
}

} // namespace runbook
