// The blocks of a document in canonical layout.
//
// The tree says what a block is; its text is taken from the document's own lines, never from the tree, so that marks
// within it, links, HTML and spelling stay what they are.
#pragma once

#include "markdown/context.hpp"

#include <string>

namespace runbook::format {

/// Lists inside of steps that hold blocks that could run. Where such a list is steps, it is laid out like any list;
/// where it is shown to a person as a part of the step's text, that text stays as it is.
enum class InnerLists { laid_out, kept };

struct LayoutOptions {
  std::uint32_t first_line = 1; ///< below the front matter
  InnerLists inner = InnerLists::laid_out;
  bool titled = false; ///< by the front matter
};

/// The lines of the document, which `root` is the tree of. A block at the top that cannot be laid out so that it is
/// read as before stays as it is.
[[nodiscard]] std::string lay_out(const markdown::Context& context, markdown::Node root, const LayoutOptions& options);

} // namespace runbook::format
