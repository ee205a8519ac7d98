#include "plan/order.hpp"

#include "plan/references.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

namespace runbook {

namespace {

/// Units that are looked at, for all sources together: a document of a hundred thousand steps must not take minutes.
/// Who is over it is asked to name what the step needs.
constexpr std::size_t most_visits = 20'000'000;

class Order {
public:
  Order(const std::vector<PlannedStep>& steps, const PlannedFlow& flow, Findings& findings)
      : steps_(steps), flow_(flow), findings_(findings), captures_(std::move(captures_of(steps).front())) {
    for (const PlannedStep& step : steps) by_id_.emplace(step.id, &step);
  }

  void check() {
    if (std::ranges::none_of(flow_.units, &PlannedUnit::apart)) return; // each waits for everything in front of it
    for (const PlannedStep& step : steps_) {
      if (step.section != Section::rollback) check(step);
    }
  }

private:
  void check(const PlannedStep& step) {
    for (const auto* actions : {&step.forward, &step.checks}) {
      for (const PlannedAction& action : *actions) {
        for (const std::string& name : captures_used(action, captures_)) {
          check(step, steps_[captures_.find(name)->second.step], fmt::format("'{}'", name));
        }
        if (action.until) check(step, *action.until);
      }
    }
    for (const std::uint32_t condition : step.conditions) check(step, flow_.conditions[condition]);
    if (const auto& loop = flow_.units[step.unit].loop) check(step, loop->over);
  }

  void check(const PlannedStep& step, const Expression& expression) {
    for (const Expression::Reference& reference : expression.references()) {
      if (reference.path.size() < 2 || reference.path[0] != "steps") continue;
      const auto found = by_id_.find(reference.path[1]);
      if (found != by_id_.end()) check(step, *found->second, "the result");
    }
  }

  /// What stands behind the step is reported elsewhere.
  void check(const PlannedStep& step, const PlannedStep& source, std::string_view what) {
    if (source.section == Section::rollback || source.unit >= step.unit || waits(step.unit, source.unit)) return;
    findings_.document_error(
        "not-needed", {step.id, step.span},
        fmt::format("{} of step '{}' may not be there yet: this step does not wait for it", what, source.id),
        fmt::format("add needs={}", source.id));
  }

  /// Whether the unit waits for the other one, through others too.
  [[nodiscard]] bool waits(std::uint32_t unit, std::uint32_t other) {
    const auto [found, is_new] = waiting_.try_emplace(other);
    std::vector<std::uint32_t>& count = found->second;
    if (is_new) count_waiting(other, count);
    return !count.empty() && count[unit + 1] > count[unit];
  }

  /// For each unit how many of those in front of it wait for the other one.
  void count_waiting(std::uint32_t other, std::vector<std::uint32_t>& count) {
    visits_ += flow_.units.size();
    if (visits_ > most_visits) return;
    count.resize(flow_.units.size() + 1);
    for (std::size_t unit = other + std::size_t{1}; unit < flow_.units.size(); ++unit) {
      const auto leads_there = [&](const PlannedUnit::Range& range) {
        return (range.begin <= other && other < range.end) || count[range.end] > count[range.begin];
      };
      count[unit + 1] = count[unit] + (std::ranges::any_of(flow_.units[unit].after, leads_there) ? 1U : 0U);
    }
  }

  const std::vector<PlannedStep>& steps_;
  const PlannedFlow& flow_;
  Findings& findings_;
  Captures captures_;
  std::unordered_map<std::string_view, const PlannedStep*> by_id_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> waiting_; ///< by unit that is waited for
  std::size_t visits_ = 0;
};

} // namespace

void check_order(const std::vector<PlannedStep>& steps, const PlannedFlow& flow, Findings& findings) {
  Order(steps, flow, findings).check();
}

} // namespace runbook
