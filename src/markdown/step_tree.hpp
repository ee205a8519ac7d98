// From items to drafts, the steps inside of a step behind it, and from drafts to the tree of steps.
#pragma once

#include "markdown/step_reader.hpp"

#include <vector>

namespace runbook::markdown {

/// Reads the items and all inside of them, in the order of the document. False, and a finding, if there are more than a
/// document may have, or they are nested too deep.
[[nodiscard]] bool read_drafts(const Context& context, std::vector<Item> items, std::vector<Draft>& drafts);

/// Puts the steps into those that they stand in. A draft's depth is at most one more than that of the draft before it.
[[nodiscard]] std::vector<Step> tree_of(std::vector<Draft> drafts);

} // namespace runbook::markdown
