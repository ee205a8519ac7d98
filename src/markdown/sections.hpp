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
  SectionPart front;              ///< what stands between title and first heading; the parts have it, too
  std::vector<SectionPart> parts; ///< in order of their start
  bool steps_from_prose = false;  ///< no section has the steps: the first part is all that no section takes
  bool names_steps = false;       ///< a heading does
};

/// A section goes on to the next heading of its own level or above, or to one that opens another section. In a document
/// that has blocks that run, but no section with steps, they are looked for in all that would be prose. `titled`: the
/// document has a title already, so that only a heading of the first level is another one.
[[nodiscard]] Document split_sections(const Context& context, Node root, bool titled);

/// Whether a heading among steps is one itself: it has a number, or a fence stands directly below it and not behind a
/// numbered list, whose item it would be, or a list whose items hold fences that run. Where nothing says that these are
/// steps at all, the fence must be one that runs, or the heading must read "Step 3" or "Mitigation".
[[nodiscard]] bool is_step_heading(const Context& context, Node heading, bool steps_from_prose);

/// Whether a list stands directly below the heading.
[[nodiscard]] bool holds_list(Node heading);

/// The level of a heading; 0: the block is none. A line in bold that has a number, as in **Step 2: Drain**, is read as
/// a heading below all others.
[[nodiscard]] int outline_level(Node block);

/// The heading's text in one line.
[[nodiscard]] std::string heading_text(Node heading);

} // namespace runbook::markdown
