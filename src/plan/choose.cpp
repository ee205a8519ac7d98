// Choosing what of a plan is to be done.
#include <runbook/plan.hpp>

#include "plan/items.hpp"
#include "plan/json.hpp"
#include "plan/openers.hpp"
#include "plan/references.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

namespace runbook {

namespace {

Error refused(std::string message) {
  return {errc::invalid_argument, std::move(message), {}};
}

/// The planned steps that ids mean: a step, or for a group those inside of it.
class StepsById {
public:
  explicit StepsById(const Plan& plan) : plan_(plan) {
    for (std::size_t i = 0; i < plan.steps().size(); ++i) numbers_.emplace(plan.steps()[i].id, i);
    const Runbook& book = plan.runbook();
    for (const auto* steps : {&book.prerequisites, &book.steps, &book.verification, &book.rollback}) gather(*steps);
    gather_scopes();
  }

  [[nodiscard]] Result<std::vector<std::size_t>> find(const std::string& id) const {
    if (const auto group = groups_.find(id); group != groups_.end()) return group->second;
    if (const auto step = numbers_.find(id); step != numbers_.end()) return std::vector<std::size_t>{step->second};
    std::vector<std::string> known;
    for (const PlannedStep& step : plan_.steps()) known.push_back(step.id);
    const std::string hint = did_you_mean(id, known);
    return refused(fmt::format("there is no step '{}'{}{}", id, hint.empty() ? "" : "; ", hint));
  }

private:
  void gather(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (!step.steps.empty()) groups_[step.id] = inside(step);
      gather(step.steps);
    }
  }

  /// A step that runs another runbook stands for all of its steps too.
  void gather_scopes() {
    for (std::size_t i = 0; i < plan_.steps().size(); ++i) {
      const PlannedStep& step = plan_.steps()[i];
      if (step.section == Section::rollback) continue;
      for (std::uint32_t scope = step.scope; scope != 0; scope = plan_.scopes()[scope].parent) {
        const std::uint32_t opener = plan_.scopes()[scope].opener;
        std::vector<std::size_t>& group = groups_[plan_.steps()[opener].id];
        if (group.empty()) group.push_back(opener);
        if (group.back() < i) group.push_back(i);
      }
    }
  }

  [[nodiscard]] std::vector<std::size_t> inside(const Step& step) const {
    std::vector<std::size_t> steps;
    if (const auto own = numbers_.find(step.id); own != numbers_.end()) steps.push_back(own->second);
    for (const Step& inner : step.steps) std::ranges::copy(inside(inner), std::back_inserter(steps));
    return steps;
  }

  const Plan& plan_;
  std::unordered_map<std::string_view, std::size_t> numbers_;
  std::unordered_map<std::string_view, std::vector<std::size_t>> groups_;
};

class Choice {
public:
  Choice(const Plan& plan, Plan::Content& content)
      : plan_(plan), content_(content), steps_(content.steps), by_id_(plan) {}

  Result<void> choose(const Selection& selection) {
    if (!selection.from.empty() && !selection.only.empty()) {
      return refused("'from' and 'only' exclude each other");
    }
    if (auto chosen = begin_at(selection.from); !chosen) return chosen;
    if (auto chosen = keep_only(selection.only); !chosen) return chosen;
    for (const std::string& id : selection.skip) {
      auto found = by_id_.find(id);
      if (!found) return found.error();
      for (const std::size_t step : *found) steps_[step].chosen = false;
    }
    keep_openers(content_);
    return check();
  }

private:
  Result<void> begin_at(const std::string& id) {
    if (id.empty()) return {};
    auto found = by_id_.find(id);
    if (!found) return found.error();
    const std::size_t first = found->front();
    if (steps_[first].section != Section::steps) return refused(fmt::format("'{}' is none of the steps", id));
    const PlannedUnit& unit = plan_.units()[steps_[first].unit];
    if (unit.first != first) {
      return refused(fmt::format("'{}' stands in a loop: begin at its first step, '{}'", id, steps_[unit.first].id));
    }
    for (std::size_t i = 0; i < first; ++i) {
      if (steps_[i].section == Section::steps) steps_[i].chosen = false;
    }
    return {};
  }

  Result<void> keep_only(const std::vector<std::string>& ids) {
    if (ids.empty()) return {};
    for (PlannedStep& step : steps_) {
      if (step.section == Section::steps || step.section == Section::verification) step.chosen = false;
    }
    for (const std::string& id : ids) {
      auto found = by_id_.find(id);
      if (!found) return found.error();
      for (const std::size_t step : *found) steps_[step].chosen = true;
    }
    return {};
  }

  [[nodiscard]] Result<void> check() const {
    const std::vector<Captures> scopes = captures_of(steps_);
    for (const PlannedStep& step : steps_) {
      if (!step.chosen || step.section == Section::rollback) continue;
      const Captures& captures = scopes[step.scope];
      for (const ActionKind kind : {ActionKind::forward, ActionKind::check, ActionKind::undo}) {
        for (const PlannedAction& action : step.of(kind)) {
          for (const std::string& name : captures_used(action, captures)) {
            const PlannedStep& source = steps_[captures.find(name)->second.step];
            if (!source.chosen) return missing(step, fmt::format("'{}' from step '{}'", name, source.id));
          }
          if (action.until) {
            if (auto known = check(step, *action.until); !known) return known;
          }
        }
      }
      for (const std::uint32_t condition : step.conditions) {
        if (auto known = check(step, plan_.conditions()[condition]); !known) return known;
      }
      if (const auto& loop = plan_.units()[step.unit].loop) {
        if (auto known = check(step, loop->over); !known) return known;
      }
    }
    return {};
  }

  /// How a left-out step went is known: it was skipped.
  [[nodiscard]] Result<void> check(const PlannedStep& step, const Expression& expression) const {
    for (const Expression::Reference& reference : expression.references()) {
      if (reference.path.size() < 2 || reference.path[0] != "steps") continue;
      if (reference.path.size() > 2 && reference.path[2] == "status") continue;
      const auto found = by_id_.find(plan_.scopes()[step.scope].prefix + reference.path[1]);
      if (found && !steps_[found->front()].chosen) {
        return missing(step, fmt::format("the result of step '{}'", reference.path[1]));
      }
    }
    return {};
  }

  [[nodiscard]] static Error missing(const PlannedStep& step, std::string_view what) {
    return refused(fmt::format("step '{}' needs {}, which is left out", step.id, what));
  }

  const Plan& plan_;
  Plan::Content& content_;
  std::vector<PlannedStep>& steps_;
  StepsById by_id_;
};

} // namespace

Result<Plan> choose(const Plan& plan, const Selection& selection) {
  auto content = std::make_shared<Plan::Content>(plan.content());
  if (auto chosen = Choice(plan, *content).choose(selection); !chosen) return chosen.error();
  content->selections.push_back(selection);
  content->digest = digest_of(*content);
  return Plan(std::move(content));
}

} // namespace runbook
