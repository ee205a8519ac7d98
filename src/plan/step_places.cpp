#include "plan/step_places.hpp"

namespace runbook {

namespace {

constexpr std::size_t most_names = 1000; // that a misspelt one is compared with

} // namespace

StepPlaces::StepPlaces(const Runbook& runbook) {
  add(Section::prerequisites, runbook.prerequisites);
  add(Section::steps, runbook.steps);
  add(Section::verification, runbook.verification);
  add(Section::rollback, runbook.rollback);
}

const StepPlaces::Place* StepPlaces::find(std::string_view id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &found->second;
}

void StepPlaces::add(Section section, const std::vector<Step>& steps, const Step* loop) {
  for (const Step& step : steps) {
    const Step* inside = loop == nullptr && step.flow && step.flow->loop ? &step : loop;
    const auto [at, inserted] = places_.emplace(step.id, Place{next_++, 0, section, &step, inside});
    Place& place = at->second; // stays where it is while others are added
    if (names_.size() < most_names) names_.push_back(step.id);
    add(section, step.steps, inside);
    if (inserted) place.end = next_;
  }
}

} // namespace runbook
