// Where fences stand: in lists inside of steps, in quotes.
#pragma once

#include "markdown/context.hpp"

#include <string_view>

namespace runbook::markdown {

[[nodiscard]] bool is_fence(Node node);
/// Whether the node is a fence of a language that runs. It may be none at all.
[[nodiscard]] bool is_runnable_fence(const Context& context, Node node);
/// Whether some fence in the block, or the block itself, is one. Those in quotes do not count: nothing of them is run.
[[nodiscard]] bool holds_runnable_fence(const Context& context, Node block);

/// Whether the list's items have boxes to tick.
[[nodiscard]] bool is_task_list(Node list);

/// A comment, which is neither shown nor read.
[[nodiscard]] bool is_comment(Node node);
/// What follows the block in its container, comments left out.
[[nodiscard]] Node next_shown(Node block);

/// Says of each block of code in the block, none of which is run, why that is so.
void explain_fences_in(const Context& context, Node block, std::string_view where);

/// The file that the text is a link to, if the text is one link to another document in Markdown and nothing else but a
/// label. Else empty. The part behind '#' is left out: a runbook is run as a whole.
[[nodiscard]] std::string linked_runbook(Node paragraph);

} // namespace runbook::markdown
