// Lines of a document that belong to a container, without what the container puts in front of them.
//
// Ownership: refers to the text. Thread-safety: as the text's.
#pragma once

#include "source_text.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::format {

/// A list's item, or the document: what its blocks stand in.
struct Frame {
  std::uint32_t first = 1;       ///< line
  std::uint32_t last = 0;        ///< line
  std::uint32_t marker_line = 0; ///< that the item's mark stands in; 0: the document
  std::size_t content = 0;       ///< byte of that line at which the item's text starts
  std::size_t column = 0;        ///< at which its other lines start
  std::size_t depth = 0;
  bool step = false; ///< the blocks belong to a step: what is not run of them is kept as the step's notes
};

/// The mark of a list's item as the document has it.
struct Marker {
  char delimiter = '.';    ///< or the bullet
  std::size_t content = 0; ///< as in `Frame`
  std::size_t column = 0;  ///< as in `Frame`
  bool cuts_a_tab = false; ///< the text starts within a tab
};

[[nodiscard]] Marker read_marker(std::string_view line, std::size_t byte);

[[nodiscard]] std::size_t leading_blanks(std::string_view line) noexcept;
[[nodiscard]] bool is_blank_line(std::string_view line) noexcept;

/// Without blanks at its end, but for the two that make a hard line break within a paragraph.
[[nodiscard]] std::string without_trailing_blanks(std::string_view line, bool last_of_paragraph);

/// Takes as many blanks off all lines as all of them have in front, empty lines left out.
void take_common_indent(std::vector<std::string>& lines);

} // namespace runbook::format
