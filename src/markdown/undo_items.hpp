// The rollback section: its items become the undo of the steps that they name, or the general rollback.
#pragma once

#include "markdown/ids.hpp"
#include "markdown/step_reader.hpp"

#include <vector>

namespace runbook::markdown {

/// Moves the actions of each item that names a step to that step's undo. The other items stay in `items`.
void attach_undo_items(const Context& context, const Ids& ids, std::vector<Draft>& steps, std::vector<Draft>& items);

} // namespace runbook::markdown
