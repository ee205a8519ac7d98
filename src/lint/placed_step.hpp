// The steps of a runbook one after the other, those inside of others among them.
#pragma once

#include <runbook/model.hpp>

#include <vector>

namespace runbook::linting {

/// A step where it stands. Refers to its runbook.
struct PlacedStep {
  Section section = Section::steps;
  const Step* step = nullptr; ///< never null
  bool has_way_back = false;  ///< it or a step that it stands in has an undo, or is said to be irreversible
};

/// In the order of a run: prerequisites, steps, verification, general rollback.
[[nodiscard]] inline std::vector<PlacedStep> placed_steps(const Runbook& book) {
  std::vector<PlacedStep> all;
  const auto add = [&all](const auto& self, Section section, const std::vector<Step>& steps, bool outer) -> void {
    for (const Step& step : steps) {
      const bool has_way_back = outer || step.irreversible || !step.undo.empty();
      all.push_back({section, &step, has_way_back});
      self(self, section, step.steps, has_way_back); // nested as deep as a document may be
    }
  };
  add(add, Section::prerequisites, book.prerequisites, false);
  add(add, Section::steps, book.steps, false);
  add(add, Section::verification, book.verification, false);
  add(add, Section::rollback, book.rollback, false);
  return all;
}

} // namespace runbook::linting
