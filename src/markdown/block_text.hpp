// The text of a fenced block, and where its lines stand in the document.
//
// Ownership: refers to the tree and the context. Thread-safety: belongs to one thread.
#pragma once

#include "markdown/context.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace runbook::markdown {

class BlockText {
public:
  BlockText(const Context& context, Node fence);

  /// Without the end of the last line.
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  /// Bytes of one line of the block; lines count from 0. The document may have the block indented.
  [[nodiscard]] SourceSpan span(std::size_t line, std::size_t begin, std::size_t end) const;
  [[nodiscard]] SourceSpan span(std::size_t line) const { return span(line, 0, 0); }

private:
  const Context& context_;
  Node fence_;
  std::string_view text_;
  mutable std::vector<std::size_t> lengths_; ///< of the lines, counted when a place is first asked for
};

} // namespace runbook::markdown
