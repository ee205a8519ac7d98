// Strands: what goes on at the same time in a run, and where each of them stands.
#include <runbook/decider.hpp>

#include <algorithm>

namespace runbook {

RunState::Place RunState::place_of(const ActionRef& at) const noexcept {
  return {plan_.steps()[at.step].unit, at.iteration};
}

const RunState::Strand* RunState::find_strand(std::uint32_t step, std::uint32_t iteration) const noexcept {
  if (step >= plan_.steps().size()) return nullptr;
  const auto is_at = [&](const Strand& strand) {
    return strand.cursor.step == step && strand.cursor.iteration == iteration;
  };
  if (phase_ != Phase::forward) return is_at(undoing_) ? &undoing_ : nullptr;
  const Strand* found = strands_.find({plan_.steps()[step].unit, iteration});
  return found != nullptr && is_at(*found) ? found : nullptr;
}

RunState::Strand* RunState::find_strand(std::uint32_t step, std::uint32_t iteration) noexcept {
  return const_cast<Strand*>(std::as_const(*this).find_strand(step, iteration));
}

const RunState::Strand* RunState::strand_at(const ActionRef& at) const noexcept {
  const Strand* strand = find_strand(at.step, at.iteration);
  return strand != nullptr && strand->cursor == at ? strand : nullptr;
}

RunState::Strand* RunState::strand_at(const ActionRef& at) noexcept {
  return const_cast<Strand*>(std::as_const(*this).strand_at(at));
}

std::shared_ptr<const Values> RunState::shared_values_of(const ActionRef& at) const {
  const Strand* strand = in_scope_of_element(at) ? nullptr : find_strand(at.step, at.iteration);
  return strand != nullptr && strand->values ? strand->values : scope_of(at).values;
}

Values& RunState::own(std::shared_ptr<Values>& values) {
  if (values.use_count() > 1) values = std::make_shared<Values>(*values);
  return *values;
}

void RunState::begin_units() {
  while (!is_ending() && running_units_ < std::max(header_->parallel, std::uint32_t{1})) {
    const auto unit = queue_.take();
    if (!unit) return;
    ++running_units_;
    begin_unit(*unit);
  }
}

void RunState::begin_unit(std::uint32_t unit) {
  const PlannedUnit& planned = plan_.units()[unit];
  Strand& strand = strands_.add({unit, 0});
  strand.cursor.step = planned.first;
  strand.end = planned.end;
  strand.opens_loop = planned.loop.has_value();
  if (planned.apart) strand.terminal = scope_of(strand.cursor).terminal;
  go_on(strand);
}

void RunState::begin_elements(std::uint32_t unit) {
  const PlannedUnit& planned = plan_.units()[unit];
  LoopRun& loop = loops_.at(unit);
  while (!is_ending() && loop.begun - loop.ended < planned.loop->parallel && loop.begun < loop.items.size()) {
    const std::uint32_t iteration = ++loop.begun;
    Strand& strand = strands_.add({unit, iteration});
    strand.cursor = {.step = planned.first, .iteration = iteration};
    strand.end = planned.end;
    strand.values = values_of_element(unit, iteration);
    if (planned.apart) strand.terminal = scope_of(strand.cursor).terminal;
    go_on(strand);
  }
}

std::shared_ptr<Values> RunState::values_of_element(std::uint32_t unit, std::uint32_t iteration) const {
  auto shared = std::make_shared<Values>(*scope_of({.step = plan_.units()[unit].first}).values);
  Values& values = *shared;
  const LoopRun& loop = loops_.at(unit);
  for (const auto& [name, list] : loop.captured) {
    if (!list[iteration - 1].is_null()) values[name] = list[iteration - 1];
  }
  values[plan_.units()[unit].loop->as] = loop.items[iteration - 1];
  return shared;
}

// Looks at the strand, which stands at a new action or at its end.
void RunState::go_on(Strand& strand) {
  skip_missing_actions(strand);
  if (strand.cursor.step < strand.end) return attend_to(strand);
  if (phase_ != Phase::forward) return general_rollback_ended();
  strand_ended({plan_.steps()[strand.end - 1].unit, strand.cursor.iteration});
}

void RunState::strand_ended(Place place) {
  strands_.remove(place);
  is_attended_to(place);
  if (place.iteration == 0) return unit_ended(place.unit);
  LoopRun& loop = loops_.at(place.unit);
  ++loop.ended;
  if (loop.ended == loop.items.size()) return loop_ended(place.unit);
  begin_elements(place.unit);
}

void RunState::loop_ended(std::uint32_t unit) {
  ScopeRun& scope = scope_of({.step = plan_.units()[unit].first});
  for (const auto& [name, list] : loops_.at(unit).captured) own(scope.values)[name] = list;
  unit_ended(unit);
}

void RunState::unit_ended(std::uint32_t unit) {
  --running_units_;
  queue_.done(unit);
  begin_units();
}

void RunState::attend_to(const Strand& strand) {
  if (phase_ != Phase::forward) return;
  const Place place{plan_.steps()[strand.end - 1].unit, strand.cursor.iteration};
  const auto at = std::ranges::lower_bound(due_, place);
  if (at == due_.end() || *at != place) due_.insert(at, place);
}

void RunState::is_attended_to(Place place) {
  const auto at = std::ranges::lower_bound(due_, place);
  if (at != due_.end() && *at == place) due_.erase(at);
}

bool RunState::is_under_way(const ActionRef& at) const noexcept {
  const Strand* strand = find_strand(at.step, at.iteration);
  if (strand == nullptr || strand->opens_loop) return false;
  const ActionRef& cursor = strand->cursor;
  if ((cursor.kind == ActionKind::undo) != (at.kind == ActionKind::undo)) return false;
  if (strand->progress != Progress::idle) return true;
  if (phase_ == Phase::forward && is_ending()) return false; // what has not begun never will
  const bool is_later =
      cursor.part > 0 || (cursor.kind == ActionKind::check && !plan_.steps()[at.step].forward.empty());
  return strand->attempt > 0 || is_later;
}

RunState::Strand& RunState::StrandTable::add(Place place) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  entries_.insert(std::ranges::lower_bound(entries_, place, {}, &Entry::place), Entry{place, slot});
  return slots_[slot];
}

void RunState::StrandTable::remove(Place place) {
  const auto at = std::ranges::lower_bound(entries_, place, {}, &Entry::place);
  slots_[at->slot] = Strand();
  free_.push_back(at->slot);
  entries_.erase(at);
}

void RunState::StrandTable::clear() {
  entries_.clear();
  slots_.clear();
  free_.clear();
}

const RunState::Strand* RunState::StrandTable::find(Place place) const noexcept {
  const auto at = std::ranges::lower_bound(entries_, place, {}, &Entry::place);
  return at != entries_.end() && at->place == place ? &slots_[at->slot] : nullptr;
}

void RunState::next_step(Strand& strand) {
  strand.cursor = {.step = strand.cursor.step + 1, .iteration = strand.cursor.iteration};
  strand.armed.reset();
  go_on(strand);
}

// Moves the cursor from the end of a step's actions to its checks, and from there to the next step.
void RunState::skip_missing_actions(Strand& strand) {
  ActionRef& cursor = strand.cursor;
  while (!strand.opens_loop && cursor.step < strand.end && !at_action(strand)) {
    if (cursor.kind == ActionKind::forward) {
      cursor.kind = ActionKind::check;
    } else {
      ++cursor.step;
      cursor.kind = ActionKind::forward;
      strand.armed.reset();
    }
    cursor.part = 0;
  }
}

bool RunState::at_action(const Strand& strand) const noexcept {
  return strand.cursor.part < plan_.steps()[strand.cursor.step].of(strand.cursor.kind).size();
}

void RunState::on(const LoopBegun& event) {
  Strand* strand = find_strand(event.step, 0);
  if (strand == nullptr || !strand->opens_loop) return;
  const std::uint32_t unit = plan_.steps()[event.step].unit;
  strands_.remove({unit, 0});
  is_attended_to({unit, 0});
  loops_[unit].items = event.items;
  if (event.items.empty()) return unit_ended(unit);
  begin_elements(unit);
}

// Of a loop whose list has no value none of its steps is left to be done.
void RunState::on(const StepSettled& event) {
  Strand* strand = find_strand(event.step, event.iteration);
  if (strand == nullptr || strand->progress != Progress::idle) return;
  const ActionRef at{.step = event.step, .iteration = event.iteration};
  note_result(*strand, StepOutcome{.at = at, .attempt = 0, .outcome = event.outcome});
  if (event.outcome.status == OutcomeStatus::skipped) return next_step(*strand);
  if (phase_ != Phase::forward) return undo_failed(*strand);
  if (strand->opens_loop) strand->cursor.step = strand->end - 1;
  step_failed(*strand, at, event.outcome);
}

} // namespace runbook
