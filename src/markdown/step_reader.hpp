// From an item of a section to a step.
#pragma once

#include "markdown/attributes.hpp"
#include "markdown/items.hpp"
#include "markdown/undo_reference.hpp"

namespace runbook::markdown {

/// A step that has no id yet: ids need all steps. The steps inside of it are drafts of their own, behind it.
struct Draft {
  SectionKind section = SectionKind::steps;
  Step step;
  StepSettings settings;
  std::string number;          ///< as the reader sees it: "2", "2.1"; empty: none
  std::uint32_t depth = 0;     ///< how many steps it is inside of
  std::size_t among_items = 0; ///< `Item::place`
  UndoReference reference;     ///< of an item of the rollback section
  SourceSpan place;            ///< of the title, for findings
  Values given;                ///< what a step gives to the runbook that it runs
  std::size_t first_finding = 0;
  std::size_t last_finding = 0; ///< one past
};

/// Whether it is an item of the rollback section that names a step.
[[nodiscard]] inline bool takes_back_a_step(const Draft& draft) {
  return draft.section == SectionKind::rollback &&
         (draft.reference.kind == UndoReference::Kind::step || !draft.settings.undo.empty());
}

/// Reads the item into an empty draft. Returns the steps inside of it, to be read in their turn.
[[nodiscard]] std::vector<Item> read_step(const Context& context, const Item& item, Draft& draft);

} // namespace runbook::markdown
