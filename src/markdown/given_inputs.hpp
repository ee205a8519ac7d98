// What a step gives to the runbook that it runs: a list below the link, with an item for each input.
#pragma once

#include "markdown/context.hpp"

namespace runbook::markdown {

/// Whether the list's first item begins as one does: with a name in backticks and a colon.
[[nodiscard]] bool gives_inputs(Node list);

/// Reads each item: `name`: value, or `name`: `value`.
[[nodiscard]] Values read_given_inputs(const Context& context, Node list);

} // namespace runbook::markdown
