// Whether a run may be taken up by another owner.
#pragma once

#include <runbook/decider.hpp>

#include <span>

namespace runbook {

/// `state`: of the events.
[[nodiscard]] Result<void> may_resume(const RunState& state, std::span<const Event> events, bool take_over);

} // namespace runbook
