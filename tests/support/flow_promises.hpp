// What every run promises, looked for in what it has done. What is broken is collected in words, so that who looks need
// not be a test.
#pragma once

#include <runbook/decider.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook::testing {

using Element = std::pair<std::uint32_t, std::uint32_t>; // step and iteration, or scope and iteration

struct Broken {
  std::vector<std::string> promises;
  void unless(bool kept, std::string_view promise) {
    if (!kept) promises.emplace_back(promise);
  }
  [[nodiscard]] std::string words() const {
    std::string text;
    for (const std::string& promise : promises) text += promise + '\n';
    return text;
  }
};

/// What the journal says of the order of things, by the numbers of its events.
struct Observed {
  std::map<std::uint32_t, std::size_t> first_of_unit;
  std::map<std::uint32_t, std::size_t> last_of_unit;
  std::vector<Element> armed;  // in order: steps with an undo that started, first items of general rollbacks
  std::vector<Element> undone; // in order: steps, items of general rollbacks
  std::set<Element> touched;
  std::set<Element> undone_well;
  std::set<Element> failed_items; // of general rollbacks
  std::set<Element> opened;       // scopes
  std::set<Element> changed;      // scopes
  std::size_t rollback = SIZE_MAX;
  int cancels = 0; // beyond one that ended the run: whoever is asked because of them may give the rollback up
};

class RunObserver {
public:
  RunObserver(const Plan& plan, Broken& broken) : plan_(plan), broken_(broken) {}

  Observed observe(const std::vector<EventData>& events) {
    open(0, 0);
    for (number_ = 0; number_ < events.size(); ++number_) std::visit(*this, events[number_]);
    return std::move(seen_);
  }

  void operator()(const StepIntent& event) {
    const Element element{event.at.step, event.at.iteration};
    const PlannedStep& step = plan_.steps()[event.at.step];
    broken_.unless(seen_.opened.contains(scope_of(step.scope, event.at.iteration)), "a step begins before its runbook");
    if (event.at.kind == ActionKind::probe) return;
    const bool is_first = event.attempt == 1 && event.at.part == 0 && event.at.kind != ActionKind::check;
    if (event.at.kind == ActionKind::undo || step.section == Section::rollback) {
      broken_.unless(number_ > seen_.rollback, "an undo begins before the rollback");
      if (is_first) seen_.undone.push_back(element);
      if (event.attempt > 1) seen_.failed_items.erase(element);
      return;
    }
    note(event.at.step);
    broken_.unless(number_ < seen_.rollback, "a step begins after the rollback has");
    if (!seen_.touched.insert(element).second) return;
    if (step.effect != Effect::pure) has_changed(step.scope, event.at.iteration);
    if (!step.undo.empty()) seen_.armed.push_back(element);
  }
  void operator()(const TimerSet& event) {
    if (event.kind == TimerKind::retry) seen_.failed_items.erase({event.at.step, event.at.iteration});
  }
  void operator()(const StepOutcome& event) {
    if (event.at.kind == ActionKind::probe) return;
    const Element element{event.at.step, event.at.iteration};
    const PlannedStep& step = plan_.steps()[event.at.step];
    if (step.section == Section::rollback) {
      const bool is_last = event.at.part + 1U == step.of(event.at.kind).size() &&
                           (event.at.kind == ActionKind::check || step.checks.empty());
      if (is_last || !event.outcome.ok()) ended_item(element, event.outcome.ok());
      return;
    }
    if (event.at.kind == ActionKind::undo) {
      if (event.outcome.ok() && event.at.part + 1U == step.undo.size()) seen_.undone_well.insert(element);
      return;
    }
    note(event.at.step);
    if (event.outcome.ok() && step.opens != 0) open(step.opens, event.at.iteration);
  }
  void operator()(const StepSettled& event) {
    const Element element{event.step, event.iteration};
    if (plan_.steps()[event.step].section != Section::rollback) return note(event.step);
    seen_.undone.push_back(element);
    ended_item(element, event.outcome.status == OutcomeStatus::skipped);
  }
  void operator()(const LoopBegun& event) { note(event.step); }
  void operator()(const RollbackBegun&) { seen_.rollback = number_; }
  void operator()(const CancelRequested&) {
    if (is_cancelled_ || seen_.rollback < number_) ++seen_.cancels;
    is_cancelled_ = true;
  }
  void operator()(const auto&) {}

private:
  void note(std::uint32_t step) {
    const std::uint32_t unit = plan_.steps()[step].unit;
    seen_.first_of_unit.emplace(unit, number_);
    seen_.last_of_unit[unit] = number_;
  }

  [[nodiscard]] Element scope_of(std::uint32_t scope, std::uint32_t iteration) const {
    return {scope, plan_.scopes()[scope].in_loop ? iteration : 0};
  }

  void open(std::uint32_t scope, std::uint32_t iteration) {
    const PlannedScope& planned = plan_.scopes()[scope];
    const Element opened = scope_of(scope, iteration);
    broken_.unless(seen_.opened.insert(opened).second, "a runbook is opened twice");
    if (planned.rollback_begin < planned.rollback_end) seen_.armed.emplace_back(planned.rollback_begin, opened.second);
  }

  void has_changed(std::uint32_t scope, std::uint32_t iteration) {
    for (; scope != 0; scope = plan_.scopes()[scope].parent) seen_.changed.insert(scope_of(scope, iteration));
    seen_.changed.emplace(0, 0);
  }

  void ended_item(const Element& item, bool well) {
    if (well) {
      seen_.undone_well.insert(item);
      seen_.failed_items.erase(item);
    } else {
      seen_.failed_items.insert(item);
    }
  }

  const Plan& plan_;
  Broken& broken_;
  Observed seen_;
  std::size_t number_ = 0;
  bool is_cancelled_ = false;
};

inline void check_order(const Plan& plan, const Observed& seen, Broken& broken) {
  for (const auto& [unit, first] : seen.first_of_unit) {
    for (const PlannedUnit::Range& range : plan.units()[unit].after) {
      for (std::uint32_t other = range.begin; other < range.end; ++other) {
        const auto last = seen.last_of_unit.find(other);
        broken.unless(last != seen.last_of_unit.end() && last->second < first, "a unit did not wait for another");
      }
    }
  }
}

/// Newest first, each once, a general rollback where its runbook began; all of it if nobody has cut it short.
inline void check_undos(const Plan& plan, const RunState& state, const Observed& seen, bool to_the_end,
                        Broken& broken) {
  std::vector<Element> expected;
  for (const auto& [step, iteration] : std::ranges::reverse_view(seen.armed)) {
    const PlannedStep& planned = plan.steps()[step];
    if (planned.section != Section::rollback) {
      expected.emplace_back(step, iteration);
    } else if (seen.changed.contains({planned.scope, iteration})) {
      for (std::uint32_t item = step; item < plan.scopes()[planned.scope].rollback_end; ++item)
        expected.emplace_back(item, iteration);
    }
  }
  broken.unless(seen.undone.size() <= expected.size() &&
                    std::equal(seen.undone.begin(), seen.undone.end(), expected.begin()),
                "undos did not begin newest first, each once");
  const bool is_over = state.status() == RunStatus::rolled_back || state.status() == RunStatus::partially_rolled_back;
  if (is_over && to_the_end && seen.cancels == 0)
    broken.unless(seen.undone.size() == expected.size(), "an undo was left out");
}

/// Whether all of a general rollback went well that speaks of the step.
inline bool rolled_back(const Plan& plan, const Observed& seen, std::uint32_t scope, std::uint32_t iteration) {
  while (true) {
    const PlannedScope& planned = plan.scopes()[scope];
    bool well = planned.rollback_begin < planned.rollback_end;
    for (std::uint32_t item = planned.rollback_begin; item < planned.rollback_end; ++item) {
      well = well && seen.undone_well.contains({item, planned.in_loop ? iteration : 0});
    }
    if (well || scope == 0) return well;
    scope = planned.parent;
  }
}

/// Every step that was started and is not pure is undone, covered by a general rollback that succeeded, or named.
inline void check_nothing_hidden(const Plan& plan, const RunState& state, const Observed& seen, Broken& broken) {
  if (state.status() == RunStatus::succeeded || state.status() == RunStatus::parked) return;
  std::set<Element> left = seen.failed_items;
  for (const Element& element : seen.touched) {
    const PlannedStep& step = plan.steps()[element.first];
    if (step.effect == Effect::pure || seen.undone_well.contains(element)) continue;
    if (!step.undo.empty() || step.irreversible || !rolled_back(plan, seen, step.scope, element.second))
      left.insert(element);
  }
  std::set<Element> named;
  for (const Residue& residue : state.residue()) {
    const PlannedStep& step = plan.steps()[residue.step];
    const bool counts = step.effect != Effect::pure || step.section == Section::rollback;
    if (counts) named.emplace(residue.step, residue.iteration);
  }
  broken.unless(named == left, "the residue is not what is left");
}

/// What has no outcome is started again only if it may be, or if somebody says that it was not done.
inline void check_nothing_is_repeated(const Plan& plan, const std::vector<EventData>& events, Broken& broken) {
  std::map<std::string, bool> under_way; // by path: whether it may be started again
  for (const EventData& event : events) {
    if (const auto* intent = std::get_if<StepIntent>(&event)) {
      const auto [at, is_new] = under_way.emplace(action_path(*plan.outline(), intent->at), false);
      broken.unless(is_new || at->second, "what may have been done was started again");
      at->second = plan.action(intent->at).asks || intent->at.kind == ActionKind::probe;
    } else if (const auto* outcome = std::get_if<StepOutcome>(&event)) {
      under_way.erase(action_path(*plan.outline(), outcome->at));
    } else if (const auto* doubt = std::get_if<StepDoubt>(&event)) {
      if (doubt->kind == DoubtKind::not_started) under_way[action_path(*plan.outline(), doubt->at)] = true;
    } else if (const auto* resolved = std::get_if<DoubtResolved>(&event)) {
      if (resolved->decision == DoubtDecision::repeat) under_way[action_path(*plan.outline(), resolved->at)] = true;
    }
  }
}

/// `to_the_end`: a failed undo does not keep the others from running.
inline Broken broken_promises(const Plan& plan, const RunState& state, const std::vector<EventData>& events,
                              bool to_the_end = true) {
  Broken broken;
  const Observed seen = RunObserver(plan, broken).observe(events);
  check_order(plan, seen, broken);
  check_undos(plan, state, seen, to_the_end, broken);
  check_nothing_hidden(plan, state, seen, broken);
  return broken;
}

} // namespace runbook::testing
