#include "plan/merge.hpp"

#include "plan/asked_secrets.hpp"
#include "plan/flow.hpp"

#include <runbook/parse.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

std::uint32_t count(const auto& list) {
  return static_cast<std::uint32_t>(list.size());
}

class Merge {
public:
  Merge(Plan::Content& content, std::vector<Call>& calls) : whole_(content), calls_(calls) {}

  void merge() {
    const std::vector<PlannedUnit> units = std::exchange(whole_.units, {});
    own_ = std::exchange(whole_.steps, {});
    for (std::uint32_t i = 0; i < whole_.handlers.size(); ++i) handlers_.emplace(whole_.handlers[i], i);
    for (const PlannedUnit& unit : units) take(unit);
    for (std::size_t i = 0; i < calls_.size(); ++i) take_rollback(calls_[i].part, first_scopes_[i]);
    PlannedScope& scope = whole_.scopes.front();
    const std::uint32_t begin = count(whole_.steps);
    for (std::uint32_t i = scope.rollback_begin; i < scope.rollback_end; ++i)
      whole_.steps.push_back(std::move(own_[i]));
    scope.rollback_begin = begin;
    scope.rollback_end = count(whole_.steps);
  }

private:
  /// Where the parts of a plan come to stand in the whole.
  struct Bases {
    std::uint32_t step = 0;
    std::uint32_t unit = 0;
    std::uint32_t scope = 0;
    std::uint32_t condition = 0;
    std::uint32_t opener = 0;
  };

  [[nodiscard]] bool is_called(std::uint32_t step) const {
    return next_call_ < calls_.size() && calls_[next_call_].step == step;
  }

  void take(const PlannedUnit& unit) {
    units_.push_back(count(whole_.units));
    PlannedUnit moved = unit;
    moved.first = count(whole_.steps);
    for (PlannedUnit::Range& range : moved.after) range = {units_[range.begin], end_of(range.end)};
    whole_.units.push_back(std::move(moved));
    const std::size_t number = whole_.units.size() - 1;
    for (std::uint32_t step = unit.first; step < unit.end; ++step) {
      own_[step].unit = static_cast<std::uint32_t>(number);
      whole_.steps.push_back(std::move(own_[step]));
      if (is_called(step)) take(calls_[next_call_++].part, unit.loop.has_value(), static_cast<std::uint32_t>(number));
    }
    whole_.units[number].end = unit.loop ? count(whole_.steps) : whole_.units[number].first + 1;
  }

  /// The units of a runbook that a unit runs belong to it.
  [[nodiscard]] std::uint32_t end_of(std::uint32_t unit) const {
    return unit < units_.size() ? units_[unit] : count(whole_.units);
  }

  void take(Plan::Content& part, bool in_loop, std::uint32_t unit) {
    const Bases bases{count(whole_.steps), count(whole_.units), count(whole_.scopes), count(whole_.conditions),
                      count(whole_.steps) - 1};
    first_scopes_.push_back(bases.scope);
    PlannedStep& opener = whole_.steps.back();
    opener.opens = bases.scope;
    const std::string prefix = opener.id + "/";
    const std::string group = opener.group.empty() ? opener.title : fmt::format("{} › {}", opener.group, opener.title);
    for (PlannedStep& step : part.steps) {
      adopt(step, part, prefix, group, bases);
      step.unit = in_loop ? unit : step.unit + bases.unit;
      if (step.section == Section::rollback) continue;
      step.section = Section::steps;
      whole_.steps.push_back(std::move(step));
    }
    if (!in_loop) take_units(part, bases, unit);
    for (PlannedScope& scope : part.scopes) {
      const bool is_first = &scope == &part.scopes.front();
      scope.opener = is_first ? bases.opener : scope.opener + bases.step;
      scope.parent = is_first ? 0 : scope.parent + bases.scope;
      scope.in_loop = scope.in_loop || in_loop;
      scope.prefix = prefix + scope.prefix;
      whole_.scopes.push_back(std::move(scope));
    }
    std::ranges::move(part.conditions, std::back_inserter(whole_.conditions));
    whole_.secrets.merge(part.secrets);
    std::ranges::move(part.secret_inputs, std::back_inserter(whole_.secret_inputs));
  }

  void adopt(PlannedStep& step, const Plan::Content& part, const std::string& prefix, const std::string& group,
             const Bases& bases) {
    step.id = prefix + step.id;
    step.group = step.group.empty() ? group : fmt::format("{} › {}", group, step.group);
    step.scope += bases.scope;
    if (step.opens != 0) step.opens += bases.scope;
    for (std::uint32_t& condition : step.conditions) condition += bases.condition;
    for (auto* actions : {&step.forward, &step.checks, &step.undo, &step.probe}) {
      for (PlannedAction& action : *actions) action.handler = handler_of(part.handlers[action.handler]);
    }
  }

  std::uint32_t handler_of(const std::string& name) {
    const auto [known, is_new] = handlers_.emplace(name, count(whole_.handlers));
    if (is_new) whole_.handlers.push_back(name);
    return known->second;
  }

  void take_units(Plan::Content& part, const Bases& bases, std::uint32_t opener) {
    const bool in_order = follows_everything(whole_.units[opener], opener);
    for (std::size_t i = 0; i < part.units.size(); ++i) {
      PlannedUnit& unit = part.units[i];
      const bool goes_on = in_order && follows_everything(unit, i);
      unit.first += bases.step;
      unit.end += bases.step;
      for (PlannedUnit::Range& range : unit.after) range = {range.begin + bases.unit, range.end + bases.unit};
      if (unit.after.empty()) unit.after.push_back({opener, opener + 1});
      if (goes_on) unit.after = {{0, count(whole_.units)}}; // the same in fewer words
      if (unit.loop) {
        for (std::uint32_t& condition : unit.loop->conditions) condition += bases.condition;
      }
      whole_.units.push_back(std::move(unit));
    }
  }

  /// Each scope's general rollback, in the order of the part.
  void take_rollback(Plan::Content& part, std::uint32_t first_scope) {
    const auto first = std::ranges::find(part.steps, Section::rollback, &PlannedStep::section);
    const auto before = static_cast<std::uint32_t>(first - part.steps.begin());
    const std::uint32_t base = count(whole_.steps);
    std::ranges::move(first, part.steps.end(), std::back_inserter(whole_.steps));
    for (std::uint32_t scope = first_scope; scope < first_scope + count(part.scopes); ++scope) {
      whole_.scopes[scope].rollback_begin += base - before;
      whole_.scopes[scope].rollback_end += base - before;
    }
  }

  Plan::Content& whole_;
  std::vector<Call>& calls_;
  std::vector<PlannedStep> own_;
  std::vector<std::uint32_t> units_;        // by the number of an own unit its number in the whole
  std::vector<std::uint32_t> first_scopes_; // by call
  std::unordered_map<std::string, std::uint32_t> handlers_;
  std::size_t next_call_ = 0;
};

/// Why a loop cannot run it; empty if it can.
std::string_view obstacle_in_loop(const Plan::Content& part) {
  if (std::ranges::any_of(part.units, [](const PlannedUnit& unit) { return unit.apart || unit.loop; })) {
    return "a loop runs a runbook that has a loop or 'needs' of its own";
  }
  const auto asks = [](const PlannedStep& step) { return asks_for_secret(step); };
  if (std::ranges::any_of(part.steps, asks)) return "a loop runs a runbook that asks for a secret";
  return {};
}

} // namespace

void merge_calls(Plan::Content& content, std::vector<Call> calls, Findings& findings) {
  if (calls.empty()) return;
  std::size_t steps = content.steps.size();
  for (const Call& call : calls) {
    const PlannedStep& step = content.steps[call.step];
    steps += call.part.steps.size();
    if (!content.units[step.unit].loop) continue;
    if (const std::string_view why = obstacle_in_loop(call.part); !why.empty()) {
      findings.document_error("flow", {step.id, step.span}, why,
                              "what a loop runs is done in order: keep the two apart");
    }
  }
  if (steps > max_steps) {
    findings.document_error(
        "limit", {},
        fmt::format("with the runbooks that it runs it has {} steps; at most {} are possible", steps, max_steps),
        "run fewer inside of others");
  }
  if (!findings.failed()) Merge(content, calls).merge();
}

} // namespace runbook
