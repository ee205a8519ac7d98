// Fences that stand where this version runs nothing: in quotes, in lists inside of steps.
#pragma once

#include "markdown/context.hpp"

#include <string_view>

namespace runbook::markdown {

[[nodiscard]] bool holds_runnable_fence(const Context& context, Node block);

/// An error: the document means it to be run, and this version would leave it out. `why` completes "…: it is …".
void refuse_fence(const Context& context, Node fence, std::string_view why);
/// Refuses the fences in the block that would run; explains the others.
void refuse_fences_in(const Context& context, Node block, std::string_view why);

/// Says of each block of code in the block, none of which is run, why that is so.
void explain_fences_in(const Context& context, Node block, std::string_view where);

/// Whether the text is one link to another document in Markdown and nothing else.
[[nodiscard]] bool is_runbook_link(Node paragraph);

} // namespace runbook::markdown
