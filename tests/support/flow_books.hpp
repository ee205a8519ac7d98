// Runbooks with a flow, for tests of the decider: every action is `work`, which no test carries out.
#pragma once

#include <runbook/handlers.hpp>
#include <runbook/plan.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace runbook::testing {

inline HandlerRegistry flow_handlers() {
  HandlerRegistry handlers = builtin_handlers();
  handlers.add({.name = "work"}, [](StepContext&) -> Result<Value> { return Value(); });
  return handlers;
}

inline Step work(std::string id) {
  Step step;
  step.id = std::move(id);
  step.use("work");
  return step;
}

inline Step work_with_undo(std::string id) {
  Step step = work(std::move(id));
  step.rollback("work");
  return step;
}

inline Step question(std::string id) {
  Step step;
  step.id = std::move(id);
  step.use("confirm", {{"prompt", "Done?"}});
  return step;
}

inline Step when(std::string condition, Step step) {
  if (!step.flow) step.flow.emplace();
  step.flow->when.text = std::move(condition);
  return step;
}

inline Step for_each(std::string over, Step step, std::uint32_t parallel = 1) {
  if (!step.flow) step.flow.emplace();
  step.flow->loop = Loop{.over = {.text = std::move(over)}, .parallel = parallel};
  return step;
}

inline Step needs(std::vector<std::string> ids, Step step) {
  if (!step.flow) step.flow.emplace();
  step.flow->needs = std::move(ids);
  return step;
}

inline Step until(std::string condition, std::uint32_t retries, Step step) {
  step.actions[0].until.emplace().text = std::move(condition);
  step.actions[0].retry = {.retries = retries, .delay = std::chrono::milliseconds{0}, .max_delay = {}};
  return step;
}

inline Step group(std::string id, std::vector<Step> steps) {
  Step step;
  step.id = std::move(id);
  step.steps = std::move(steps);
  return step;
}

inline Plan flow_plan(std::vector<Step> steps) {
  Runbook book("flow");
  book.steps = std::move(steps);
  auto plan = make_plan(book, flow_handlers());
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  return std::move(*plan);
}

} // namespace runbook::testing
