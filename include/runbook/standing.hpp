// How a run stands, seen from outside: from its journal, and from whether its owner lives.
//
// Ownership: plain values. Thread-safety: plain functions; a store's may be called from any thread.
#pragma once

#include <runbook/event.hpp>
#include <runbook/store.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

enum class StandingKind : std::uint8_t {
  running,   ///< its owner lives, or nobody can tell from here
  waiting,   ///< as `running`, and a person is asked
  in_doubt,  ///< nobody can tell how an action went, and a person is asked about it
  parked,    ///< its owner has let go of it
  abandoned, ///< its owner is gone, or its lease is over
  ended,
};

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(StandingKind kind) noexcept;

struct Standing {
  StandingKind kind = StandingKind::running;
  RunStatus status = RunStatus::running;
  std::string owner{};                 ///< the last one, as in its `Claimed` event
  std::vector<WaitOpened> questions{}; ///< that are open
  std::vector<StepDoubt> doubts{};     ///< of which nothing is made yet
  std::vector<StepIntent> under_way{}; ///< whose ends are not recorded, but for those in doubt
};

/// How the run stands. Fails as `RunStore::load` does.
[[nodiscard]] RUNBOOK_EXPORT Result<Standing> standing_of(RunStore& store, const std::string& run);
/// The same of its events, as far as they tell: nothing is said of its owner.
[[nodiscard]] RUNBOOK_EXPORT Standing standing_of(std::span<const Event> events);

} // namespace runbook
