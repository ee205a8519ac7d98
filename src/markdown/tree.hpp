// Markdown text to a tree of nodes, within limits that keep a hostile document cheap.
//
// cmark-gfm is used without its extensions: a task box is three characters of text, and its reading of tables takes
// time and memory with the square of the text (0.29.0.gfm.6: a table of 50 KB took 350 ms, one of 100 KB with short
// rows all memory, on which cmark aborts the process).
//
// Ownership: a `Tree` owns its nodes. Thread-safety: threads may make trees at the same time; a tree belongs to its
// thread, which has no other at the time (tree_memory.hpp).
#pragma once

#include "markdown/node.hpp"
#include "markdown/tree_memory.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace runbook::markdown {

class Tree {
public:
  [[nodiscard]] Node root() const noexcept { return Node(root_); }

private:
  friend struct TreeResult parse_tree(std::string_view text);
  explicit Tree(std::size_t text_bytes) : memory_(std::make_unique<TreeMemory>(text_bytes)) {}

  std::unique_ptr<TreeMemory> memory_;
  cmark_node* root_ = nullptr;
};

/// A tree, or the limit that the text is over and the line where that shows.
struct TreeResult {
  std::optional<Tree> tree;
  std::uint32_t line = 0;
  std::string limit;
};

/// The text is valid UTF-8 without NUL, its lines end in '\n'.
[[nodiscard]] TreeResult parse_tree(std::string_view text);

} // namespace runbook::markdown
