// The items of a section: list items, headings with what stands below them, and blocks that stand by themselves.
#pragma once

#include "markdown/context.hpp"
#include "markdown/sections.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runbook::markdown {

struct Item {
  SectionKind section = SectionKind::steps;
  Node title;               ///< a paragraph or a heading; none if the item starts with something else
  std::vector<Node> blocks; ///< behind the title
  std::string number;       ///< as it is shown to the reader: "2", inside of that "2.1"; empty: none
  std::uint32_t depth = 0;  ///< how many items it is inside of
  bool from_heading = false;
  bool only_looks = false; ///< a check that follows on steps inside of its step
  SourceSpan span;
};

/// The items of a part that has items, in order. Blocks that belong to none of them stay unaccounted for.
[[nodiscard]] std::vector<Item> read_items(const Context& context, const SectionPart& part, bool steps_from_prose);

/// The item that a node of a list is: its first paragraph is the title. Nothing, and a finding, if it is empty.
[[nodiscard]] std::optional<Item> read_list_item(const Context& context, Node node, SectionKind section,
                                                 std::string number);

/// Adds the block to the item.
void append(const Context& context, Item& item, Node block);

} // namespace runbook::markdown
