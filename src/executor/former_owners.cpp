#include "executor/former_owners.hpp"

#include "executor/owner.hpp"

#include <utility>
#include <variant>

namespace runbook {

namespace {

auto place_of(const ActionRef& at) {
  return std::tuple(at.step, at.iteration, at.part, at.kind);
}

} // namespace

std::optional<std::string> FormerOwners::Started::why_lost(const Handler& handler,
                                                           const ProcessRunner& processes) const {
  if (!handler.info().takes_up) return "what '" + handler.info().name + "' does ends with its owner";
  if (!owner.supervised) return "no supervisor looked after it";
  if (!processes.outlives_host()) return "this owner has no supervisor that could ask after it";
  if (!is_of_this_host(owner.owner)) return "it was started on another host";
  return std::nullopt;
}

FormerOwners::FormerOwners(std::span<const Event> events) {
  for (const Event& event : events) {
    if (const auto* claimed = std::get_if<Claimed>(&event.data)) owners_.insert_or_assign(event.fence, *claimed);
    if (const auto* intent = std::get_if<StepIntent>(&event.data)) {
      intents_.insert_or_assign(place_of(intent->at), Intent{intent->attempt, event.fence});
    } else if (const auto* outcome = std::get_if<StepOutcome>(&event.data)) {
      intents_.erase(place_of(outcome->at));
    }
  }
}

FormerOwners::Started FormerOwners::started(const ActionRef& at, std::uint32_t attempt) const {
  const auto intent = intents_.find(place_of(at));
  if (intent == intents_.end() || intent->second.attempt != attempt) return {};
  const auto owner = owners_.find(intent->second.fence);
  return {intent->second.fence, owner == owners_.end() ? Claimed{} : owner->second};
}

StepDoubt FormerOwners::judged(StepDoubt doubt) const {
  if (doubt.kind != DoubtKind::not_started) return doubt;
  if (is_of_this_boot(started(doubt.at, doubt.attempt).owner.owner)) return doubt;
  doubt.kind = DoubtKind::unknown;
  doubt.evidence = "the machine was started anew since: " + doubt.evidence;
  return doubt;
}

} // namespace runbook
