// From an item of a section to a step.
#pragma once

#include "markdown/attributes.hpp"
#include "markdown/items.hpp"
#include "markdown/undo_reference.hpp"

namespace runbook::markdown {

/// A step that has no id yet: ids need all steps.
struct Draft {
  SectionKind section = SectionKind::steps;
  Step step;
  StepSettings settings;
  std::optional<unsigned long> number;
  std::size_t place_in_section = 0; ///< as in `Item`
  UndoReference reference;          ///< of an item of the rollback section
  SourceSpan place;                 ///< of the title, for findings
  std::size_t first_finding = 0;
  std::size_t last_finding = 0; ///< one past
};

[[nodiscard]] Draft read_step(const Context& context, const Item& item);

} // namespace runbook::markdown
