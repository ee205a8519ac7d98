// Plans made by hand, for tests of what comes after planning. No handler has to exist for them.
#pragma once

#include <runbook/plan.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace runbook::testing {

class PlanBuilder {
public:
  /// Adds an item with one action of handler `work`; returns it to be changed.
  PlannedStep& add(Section section, const std::string& id) {
    PlannedStep& step = steps_.emplace_back();
    step.id = step.title = id;
    step.section = section;
    step.forward.push_back(action());
    return step;
  }
  PlannedStep& step(const std::string& id) { return add(Section::steps, id); }
  PlannedStep& step_with_undo(const std::string& id) {
    PlannedStep& step = add(Section::steps, id);
    step.undo.push_back(action());
    return step;
  }

  static PlannedAction action(std::uint32_t retries = 0) {
    PlannedAction action;
    action.action.handler = "work";
    action.action.retry = {.retries = retries, .delay = std::chrono::milliseconds{0}, .max_delay = {}};
    return action;
  }
  static PlannedAction question() {
    PlannedAction action;
    action.action.handler = "confirm";
    action.action.params["prompt"] = "Done?";
    action.handler = 1;
    action.asks = true;
    return action;
  }

  [[nodiscard]] Plan build() const {
    auto content = std::make_shared<Plan::Content>();
    content->runbook = Runbook("made by hand");
    content->steps = steps_;
    for (std::uint32_t i = 0; i < steps_.size() && steps_[i].section != Section::rollback; ++i) {
      content->steps[i].unit = i;
      content->units.push_back({.first = i, .end = i + 1, .after = {{0, i}}});
    }
    PlannedScope& scope = content->scopes.emplace_back();
    scope.rollback_begin = static_cast<std::uint32_t>(content->units.size());
    scope.rollback_end = static_cast<std::uint32_t>(steps_.size());
    content->handlers = {"work", "confirm"};
    auto outline = std::make_shared<Outline>();
    for (const PlannedStep& step : steps_) {
      StepOutline& line = outline->emplace_back();
      line.id = step.id;
      line.title = step.title;
      line.section = step.section;
      line.effect = step.effect;
      line.irreversible = step.irreversible;
      line.has_undo = !step.undo.empty();
    }
    content->outline = outline;
    return Plan(content);
  }

private:
  std::vector<PlannedStep> steps_;
};

} // namespace runbook::testing
