// The items of a section: list items, or headings with what stands below them.
#pragma once

#include "markdown/context.hpp"
#include "markdown/sections.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runbook::markdown {

struct Item {
  SectionKind section = SectionKind::steps;
  Node title;                          ///< a paragraph or a heading; none if the item starts with something else
  std::vector<Node> blocks;            ///< behind the title
  std::optional<unsigned long> number; ///< as it is shown to the reader
  bool from_heading = false;
  SourceSpan span;
  std::size_t place =
      0; ///< among the items of its section, from 1: what it is called if it has neither title nor number
};

/// The items of a part that has items, in order. Blocks that belong to none of them stay unaccounted for.
[[nodiscard]] std::vector<Item> read_items(const Context& context, const SectionPart& part);

} // namespace runbook::markdown
