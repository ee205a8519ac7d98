// Whether a run may be taken up by another owner.
#pragma once

#include <runbook/decider.hpp>
#include <runbook/store.hpp>

#include <span>

namespace runbook {

/// `store`: where the run is. `state`: of the events.
[[nodiscard]] Result<void> may_resume(RunStore& store, const RunState& state, std::span<const Event> events,
                                      bool take_over);

} // namespace runbook
