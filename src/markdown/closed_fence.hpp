// Where a fence ends.
#pragma once

#include "markdown/node.hpp"
#include "source_text.hpp"

namespace runbook::markdown {

/// Whether the fence's last line closes it. cmark does not say: a fence also ends with the list or quote that it is in,
/// and with the document. `root` is a block that the fence is in, with all that follows it.
[[nodiscard]] bool is_closed(const SourceText& source, Node fence, Node root);

} // namespace runbook::markdown
