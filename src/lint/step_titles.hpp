// The items of a document's sections with what their titles say, as the reader of Markdown sees them.
//
// Ownership: refers to the source. Thread-safety: belongs to one thread.
#pragma once

#include "lint/source.hpp"
#include "markdown/item_title.hpp"
#include "markdown/items.hpp"
#include "markdown/undo_reference.hpp"

#include <vector>

namespace runbook::linting {

struct TitledItem {
  markdown::Item item;
  markdown::ItemTitle title;
  markdown::StepSettings settings;
  markdown::UndoReference reference; ///< of an item of the rollback section
};

/// The items of the sections of this kind, in order.
[[nodiscard]] std::vector<TitledItem> titled_items(const Source& source, markdown::SectionKind kind);

} // namespace runbook::linting
