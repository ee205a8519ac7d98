// Markdown text to a tree of nodes, within limits that keep a hostile document cheap.
//
// cmark-gfm is used without its extensions: a task box is three characters of text, and its reading of tables takes
// time and memory with the square of the text (0.29.0.gfm.6: a table of 50 KB took 350 ms, one of 100 KB with short
// rows all memory, on which cmark aborts the process).
//
// Ownership: a `Tree` owns its nodes. Thread-safety: any number of trees may be made at once; one belongs to a thread.
#pragma once

#include "markdown/node.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace runbook::markdown {

class Tree {
public:
  [[nodiscard]] Node root() const noexcept { return Node(root_.get()); }

private:
  friend struct TreeResult parse_tree(std::string_view text);
  struct Free {
    void operator()(cmark_node* node) const noexcept;
  };
  explicit Tree(cmark_node* root) : root_(root) {}
  std::unique_ptr<cmark_node, Free> root_;
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
