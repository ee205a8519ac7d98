// Random plans without loops and graphs, made without planning.
#pragma once

#include "support/plan_builder.hpp"
#include "support/random_choice.hpp"

#include <chrono>
#include <random>
#include <string>

namespace runbook::testing {

inline PlannedAction random_action(std::mt19937& random) {
  if (chance(random, 15)) return PlanBuilder::question();
  PlannedAction action = PlanBuilder::action(chance(random, 25) ? 2 : 0);
  if (chance(random, 30)) action.action.retry.delay = action.action.retry.max_delay = std::chrono::milliseconds{5};
  return action;
}

inline void add_random_item(PlanBuilder& book, std::mt19937& random, Section section, int number) {
  PlannedStep& step = book.add(section, std::string(to_string(section)) + std::to_string(number));
  step.forward[0] = random_action(random);
  if (chance(random, 20)) step.forward.push_back(random_action(random));
  if (chance(random, 20)) step.checks.push_back(random_action(random));
  if (chance(random, 15)) step.on_failure = chance(random, 50) ? OnFailure::proceed : OnFailure::stop;
  if (section != Section::steps) {
    step.effect = Effect::pure;
    return;
  }
  if (chance(random, 25)) step.effect = Effect::pure;
  if (chance(random, 60)) {
    step.undo.push_back(random_action(random));
    if (chance(random, 20)) step.undo.push_back(random_action(random));
  } else if (chance(random, 20)) {
    step.irreversible = true;
  }
}

inline Plan random_plan(std::mt19937& random) {
  PlanBuilder book;
  const auto count = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  for (int i = count(2); i > 0; --i) add_random_item(book, random, Section::prerequisites, i);
  for (int i = count(6) + 1; i > 0; --i) add_random_item(book, random, Section::steps, i);
  for (int i = count(2); i > 0; --i) add_random_item(book, random, Section::verification, i);
  for (int i = count(2); i > 0; --i) add_random_item(book, random, Section::rollback, i);
  return book.build();
}

} // namespace runbook::testing
