// What the format says about the blocks of a document that has to be known to lay them out.
//
// Ownership: plain values. Thread-safety: as with any value type.
#pragma once

#include "markdown/context.hpp"
#include "markdown/labels.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace runbook::format {

/// Of a block at the top.
enum class Place : std::uint8_t {
  prose,
  metadata, ///< in front of the first section
  items,    ///< in a section with items
  in_step,  ///< below the heading of a step
};

class Places {
public:
  [[nodiscard]] Place of(markdown::Node block) const {
    const auto found = by_line_.find(block.line());
    return found == by_line_.end() ? Place::prose : found->second;
  }

private:
  friend Places find_places(const markdown::Context& context, markdown::Node root, bool titled);
  std::unordered_map<std::uint32_t, Place> by_line_;
};

/// `titled`: by front matter.
[[nodiscard]] Places find_places(const markdown::Context& context, markdown::Node root, bool titled);

/// Writes the lines of metadata in a paragraph as `**Key**: value`.
void canonical_keys(std::vector<std::string>& lines);

/// Writes a label at the end of a paragraph without bold and the like. `starts_item`: its first line is a title.
void canonical_label(markdown::Node paragraph, std::vector<std::string>& lines, bool starts_item);

/// Whether the paragraph in front of the block ends in the label.
[[nodiscard]] bool is_labelled(markdown::Node block, markdown::Label label);

} // namespace runbook::format
