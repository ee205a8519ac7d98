// Whether two texts are the same Markdown.
#pragma once

#include "markdown/node.hpp"

namespace runbook::format {

/// The same blocks in the same order, with the same code and the same text. The marks that Markdown is written with,
/// and which words are bold, do not count.
[[nodiscard]] bool same_tree(markdown::Node a, markdown::Node b);

} // namespace runbook::format
