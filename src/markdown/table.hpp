// Tables as GitHub's Markdown has them, read from a paragraph's own lines: see tree.hpp for why cmark does not.
#pragma once

#include "markdown/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runbook::markdown {

struct Cell {
  std::string text; ///< Markdown, with `\|` as `|`
  SourceSpan span{};
};

struct Row {
  std::vector<Cell> cells; ///< as many as the table has columns
  SourceSpan span{};
};

struct Table {
  Row header;
  std::vector<Row> rows;
};

/// The table that the paragraph holds, or nothing. Takes time with the length of the paragraph.
[[nodiscard]] std::optional<Table> read_table(const Context& context, Node paragraph);

/// The text in one code span or in marks for bold or italic, if that is all there is; else the text itself.
[[nodiscard]] std::string_view without_marks(std::string_view text) noexcept;
/// Whether all of the text is one code span.
[[nodiscard]] bool is_code(std::string_view text) noexcept;

} // namespace runbook::markdown
