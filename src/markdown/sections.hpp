// A document's blocks, sorted into its sections.
#pragma once

#include "markdown/context.hpp"
#include "markdown/headings.hpp"

#include <string>
#include <vector>

namespace runbook::markdown {

struct SectionPart {
  SectionKind kind = SectionKind::prose;
  Node heading;             ///< none in front of the first heading
  std::string name;         ///< the heading's text
  std::vector<Node> blocks; ///< the headings below the section's own among them
};

struct Document {
  Node title;                     ///< a heading; none if the document has no title
  std::vector<SectionPart> parts; ///< the first one is what stands between title and first section
};

/// A section goes on to the next heading of its own level or above, or to one that opens another section. `titled`: the
/// document has a title already, so that only a heading of the first level is another one.
[[nodiscard]] Document split_sections(Node root, bool titled);

/// Whether a fence stands directly below the heading, with no other heading in between.
[[nodiscard]] bool holds_fence(Node heading);
/// Whether a list stands directly below the heading.
[[nodiscard]] bool holds_list(Node heading);

} // namespace runbook::markdown
