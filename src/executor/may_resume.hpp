// Whether a run may be taken up by another owner.
#pragma once

#include <runbook/decider.hpp>

#include <span>

namespace runbook {

class Engine;

/// By a run of the engine. `state`: of the events.
[[nodiscard]] Result<void> may_resume(Engine& engine, const RunState& state, std::span<const Event> events,
                                      bool take_over);

} // namespace runbook
