// What an earlier run has left to do.
#include "plan/asked_secrets.hpp"
#include "plan/json.hpp"
#include "plan/openers.hpp"
#include "store/status.hpp"

#include <runbook/decider.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace runbook {

namespace {

Error refused(std::string message) {
  return {errc::invalid_argument, std::move(message), {}};
}

/// Why a run that ended so has nothing that could be gone on from; empty if it has.
std::string_view why_not(RunStatus status) noexcept {
  switch (status) {
  case RunStatus::failed:
  case RunStatus::cancelled: return {};
  case RunStatus::succeeded: return "has succeeded: nothing is left to do";
  case RunStatus::rolled_back:
  case RunStatus::partially_rolled_back: return "was rolled back: what it did is undone, so run it again as a whole";
  case RunStatus::running:
  case RunStatus::parked: break;
  }
  return "has not ended";
}

/// What is done is left out, but not a question about a secret: no journal has the answer. Fails if that was not all
/// that the step did.
Result<void> leave_out(PlannedStep& step, const std::string& run) {
  const auto none = [&](auto is) {
    return std::ranges::none_of(step.forward, is) && std::ranges::none_of(step.checks, is);
  };
  step.chosen = step.chosen && asks_for_secret(step);
  if (!step.chosen || none([](const PlannedAction& action) { return !action.asks; })) return {};
  return refused(
      fmt::format("step '{}' of run {} has asked for a secret, which no journal keeps, and has done more: it "
                  "can neither be left out nor done again",
                  step.id, run));
}

} // namespace

Result<Plan> continue_from(const Plan& plan, std::span<const Event> journal) {
  const auto* created = journal.empty() ? nullptr : std::get_if<RunCreated>(&journal.front().data);
  if (created == nullptr || !created->header) return refused("this is no journal of a run");
  const RunHeader& header = *created->header;
  if (header.plan_digest != plan.digest()) {
    return refused(fmt::format("run {} was of another plan: its document or its inputs were not these", header.run));
  }
  RunState state(plan);
  for (const Event& event : journal) state.apply(event.data);
  if (const std::string_view why = why_not(state.status()); !why.empty()) {
    return refused(fmt::format("run {} {}", header.run, why));
  }
  auto content = std::make_shared<Plan::Content>(plan.content());
  for (PlannedStep& step : content->steps) {
    if (step.section != Section::steps || !state.queue_.is_done(step.unit)) continue;
    if (auto left_out = leave_out(step, header.run); !left_out) return left_out.error();
  }
  for (const auto& [unit, loop] : state.loops_) {
    if (state.queue_.is_done(unit)) continue;
    return refused(
        fmt::format("run {} has done step '{}' for {} of {} elements: nobody can tell which are to be done again",
                    header.run, plan.steps()[plan.units()[unit].first].id, loop.ended, loop.items.size()));
  }
  keep_openers(*content);
  auto continued = std::make_shared<Continued>(Continued{header.run, {}});
  for (const RunState::ScopeRun& scope : state.scopes_) {
    continued->scopes.push_back({*scope.values, scope.results, scope.terminal});
  }
  content->continued = std::move(continued);
  content->digest = digest_of(*content);
  return Plan(std::move(content));
}

} // namespace runbook
