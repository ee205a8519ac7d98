#include "plan/flow.hpp"

#include "plan/items.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

namespace runbook {

namespace {

using Range = PlannedUnit::Range;
using Numbers = std::vector<std::uint32_t>;

/// Adds a range behind the others; ranges that touch become one.
void add(std::vector<Range>& ranges, Range range) {
  if (range.begin >= range.end) return;
  if (!ranges.empty() && ranges.back().end >= range.begin && ranges.back().begin <= range.begin) {
    ranges.back().end = std::max(ranges.back().end, range.end);
  } else {
    ranges.push_back(range);
  }
}

class FlowPlanning {
public:
  FlowPlanning(std::vector<PlannedStep>& steps, Findings& findings) : steps_(steps), findings_(findings) {}

  PlannedFlow plan(const Runbook& runbook) {
    const std::size_t listed = count_items(runbook);
    while (next_ + listed < steps_.size()) add_unit(next_, next_ + 1, everything_before(), false); // required access
    for (const auto* section : {&runbook.prerequisites, &runbook.steps, &runbook.verification}) {
      const Around around{.begin = 0, .apart = has_needs(*section)};
      section_begin_ = units();
      for (const Step& step : *section) take(step, around);
    }
    for (const Step& step : runbook.rollback) take_part_of_rollback(step, {});
    mark_observed();
    return std::move(flow_);
  }

private:
  /// What a step stands in.
  struct Around {
    std::uint32_t begin = 0;    ///< the unit from which on it waits for everything, if it does not say what it needs
    std::vector<Range> after{}; ///< what it waits for in any case
    Numbers conditions{};
    bool apart = false;
  };

  [[nodiscard]] std::uint32_t units() const { return static_cast<std::uint32_t>(flow_.units.size()); }
  [[nodiscard]] std::vector<Range> everything_before() const {
    std::vector<Range> after;
    add(after, {0, units()});
    return after;
  }

  static std::size_t count_items(const std::vector<Step>& steps) {
    std::size_t count = 0;
    for (const Step& step : steps) count += (is_group(step) ? 0U : 1U) + count_items(step.steps);
    return count;
  }
  static std::size_t count_items(const Runbook& runbook) {
    return count_items(runbook.prerequisites) + count_items(runbook.steps) + count_items(runbook.verification) +
           count_items(runbook.rollback);
  }

  static bool has_needs(const std::vector<Step>& steps) {
    return std::ranges::any_of(
        steps, [](const Step& step) { return (step.flow && !step.flow->needs.empty()) || has_needs(step.steps); });
  }

  void take(const Step& step, const Around& around) {
    Around inside{.begin = units(),
                  .after = waits(step, around),
                  .conditions = conditions(step, around.conditions),
                  .apart = around.apart};
    if (step.flow && step.flow->loop) return take_loop(step, around, inside);
    const std::uint32_t first = units();
    if (!is_group(step)) {
      steps_[next_].conditions = inside.conditions;
      read_untils(step, steps_[next_]);
      add_unit(next_, next_ + 1, inside.after, around.apart);
    }
    for (const Step& inner : step.steps) take(inner, inside);
    units_of_.emplace(step.id, Range{first, units()});
  }

  void take_loop(const Step& step, const Around& around, const Around& inside) {
    const Loop& loop = *step.flow->loop;
    const std::uint32_t first = next_;
    take_in_loop(step, inside.conditions, true);
    PlannedUnit& unit = add_unit(first, next_, inside.after, around.apart || loop.parallel > 1);
    auto over = Expression::parse(loop.over.text);
    if (!over) return; // reported with the conditions
    unit.loop = PlannedLoop{std::move(*over), loop.as, loop.parallel, around.conditions};
  }

  /// A loop is one unit: what is inside of it is done in the document's order.
  void take_in_loop(const Step& step, const Numbers& conditions_here, bool is_loop) {
    if (!is_loop && step.flow && step.flow->loop)
      refuse(step, "a loop inside of a loop", "loop over one list of all that is to be done");
    if (!is_loop && step.flow && !step.flow->needs.empty()) {
      refuse(step, "'needs' inside of a loop", "the steps of a loop are done one after the other: remove it");
    }
    units_of_.emplace(step.id, Range{units(), units() + 1});
    if (!is_group(step)) {
      steps_[next_].conditions = conditions_here;
      read_untils(step, steps_[next_]);
      ++next_;
    }
    for (const Step& inner : step.steps) take_in_loop(inner, conditions(inner, conditions_here), false);
  }

  void take_part_of_rollback(const Step& step, const Numbers& conditions_around) {
    if (step.flow && step.flow->loop)
      refuse(step, "a loop in the general rollback", "undo each element in a Rollback of its own step");
    const Numbers inside = conditions(step, conditions_around);
    if (!is_group(step)) {
      steps_[next_].conditions = inside;
      read_untils(step, steps_[next_]);
      ++next_;
    }
    for (const Step& inner : step.steps) take_part_of_rollback(inner, inside);
  }

  void refuse(const Step& step, std::string_view what, std::string_view hint) {
    findings_.document_error("flow", {step.id, step.span}, fmt::format("{} is not possible", what), hint);
  }

  [[nodiscard]] std::vector<Range> waits(const Step& step, const Around& around) const {
    std::vector<Range> after = around.after;
    if (!step.flow || step.flow->needs.empty()) {
      add(after, {around.begin, units()});
      return after;
    }
    add(after, {0, section_begin_});
    for (const std::string& id : step.flow->needs) {
      if (const auto found = units_of_.find(id); found != units_of_.end()) add(after, found->second);
    }
    return after;
  }

  Numbers conditions(const Step& step, Numbers around) {
    if (!step.flow || step.flow->when.text.empty()) return around;
    auto read = Expression::parse(step.flow->when.text);
    if (!read) return around; // reported with the conditions
    around.push_back(static_cast<std::uint32_t>(flow_.conditions.size()));
    flow_.conditions.push_back(std::move(*read));
    return around;
  }

  void read_untils(const Step& step, PlannedStep& planned) {
    read_untils(step, planned.forward);
    read_untils(step, planned.checks);
    read_untils(step, planned.undo);
  }

  void read_untils(const Step& step, std::vector<PlannedAction>& actions) {
    for (PlannedAction& action : actions) {
      if (!action.action.until) continue;
      if (auto read = Expression::parse(action.action.until->text)) action.until = std::move(*read);
      if (action.action.retry.retries > 0 || action.action.timeout) continue;
      findings_.document_error("endless-until", {step.id, action.action.until->span},
                               "'until' does not say for how long", "add timeout=5m or retries=10");
    }
  }

  PlannedUnit& add_unit(std::uint32_t first, std::uint32_t end, std::vector<Range> after, bool apart) {
    for (std::uint32_t step = first; step < end; ++step) steps_[step].unit = units();
    next_ = end;
    return flow_.units.emplace_back(PlannedUnit{first, end, std::move(after), apart, std::nullopt});
  }

  void mark_observed() {
    std::unordered_map<std::string_view, PlannedStep*> by_id;
    for (PlannedStep& step : steps_) by_id.emplace(step.id, &step);
    const auto look = [&](const Expression& expression) {
      for (const Expression::Reference& reference : expression.references()) {
        if (reference.path.front() != "steps") continue;
        if (reference.path.size() < 2) {
          for (PlannedStep& step : steps_) step.observed = true;
        } else if (const auto found = by_id.find(reference.path[1]); found != by_id.end()) {
          found->second->observed = true;
        }
      }
    };
    for (const Expression& condition : flow_.conditions) look(condition);
    for (const PlannedUnit& unit : flow_.units) {
      if (unit.loop) look(unit.loop->over);
    }
    for (const PlannedStep& step : steps_) {
      for (const auto* actions : {&step.forward, &step.checks, &step.undo}) {
        for (const PlannedAction& action : *actions) {
          if (action.until) look(*action.until);
        }
      }
    }
  }

  std::vector<PlannedStep>& steps_;
  Findings& findings_;
  PlannedFlow flow_;
  std::unordered_map<std::string_view, Range> units_of_;
  std::uint32_t section_begin_ = 0; ///< the first unit of the section
  std::uint32_t next_ = 0;          ///< the step that is taken next
};

} // namespace

PlannedFlow plan_flow(const Runbook& runbook, std::vector<PlannedStep>& steps, Findings& findings) {
  return FlowPlanning(steps, findings).plan(runbook);
}

} // namespace runbook
