// What a command must not hold: characters that make it look like something else than it is.
#pragma once

#include "markdown/context.hpp"

namespace runbook::markdown {

/// Control characters and those that change the direction of text are errors, invisible ones are warnings.
void check_characters(const Context& context, Node fence);

} // namespace runbook::markdown
