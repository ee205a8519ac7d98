#include "executor/may_resume.hpp"

#include "executor/engine.hpp"
#include "executor/owner.hpp"
#include "store/status.hpp"

#include <algorithm>
#include <ranges>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

std::string last_owner(std::span<const Event> events) {
  for (const Event& event : events | std::views::reverse) {
    if (const auto* claimed = std::get_if<Claimed>(&event.data)) return claimed->owner;
  }
  return {};
}

/// A parked run has been let go of.
Result<void> is_left(RunStore& store, const RunState& state, std::span<const Event> events, bool take_over) {
  if (state.status() == RunStatus::parked) return {};
  const std::string owner = last_owner(events);
  const std::string& run = std::get<RunCreated>(events.front().data).header->run;
  const std::optional<bool> lives =
      is_of_this_library(owner) ? std::optional(Engine::goes_on(owner, run)) : owner_lives(owner);
  if (lives == false || (!lives && take_over)) return {};
  const auto ownership = store.ownership(run);
  if (!ownership) return ownership.error();
  if (ownership->lease_left && ownership->lease_left->count() < 0) return {};
  return Error{errc::invalid_argument,
               lives ? fmt::format("the run goes on: its owner {} lives", owner)
                     : fmt::format("whether the run's owner {} lives cannot be told from here", owner),
               {}};
}

} // namespace

Result<void> may_resume(RunStore& store, const RunState& state, std::span<const Event> events, bool take_over) {
  if (has_ended(state.status())) {
    return Error{errc::invalid_argument, fmt::format("the run has ended: {}", to_string(state.status())), {}};
  }
  if (auto left = is_left(store, state, events, take_over); !left) return left;
  if (!state.was_told_a_secret()) return {};
  return Error{errc::secret_unavailable,
               "a step of the run has asked for a secret, which no journal keeps: start a new run that continues it",
               {}};
}

} // namespace runbook
