// One node of a parsed Markdown document, as this project's words for cmark's C interface.
//
// Ownership: a `Node` refers into its `Tree` (tree.hpp), which must outlive it. Thread-safety: a tree belongs to one
// thread.
#pragma once

#include <cstdint>
#include <string_view>

struct cmark_node;

namespace runbook::markdown {

enum class NodeType : std::uint8_t {
  document,
  quote,
  list,
  item,
  code, ///< a fenced or an indented block of code
  html,
  paragraph,
  heading,
  text,
  line_break, ///< soft or hard
  inline_code,
  inline_html,
  link,
  strong, ///< text in bold
  other,
};

class Node {
public:
  Node() = default;
  explicit Node(cmark_node* node) : node_(node) {}
  explicit operator bool() const noexcept { return node_ != nullptr; }
  friend bool operator==(const Node&, const Node&) = default;

  [[nodiscard]] NodeType type() const noexcept;
  [[nodiscard]] bool is(NodeType wanted) const noexcept { return type() == wanted; }

  [[nodiscard]] Node parent() const noexcept;
  [[nodiscard]] Node first_child() const noexcept;
  [[nodiscard]] Node next() const noexcept;
  [[nodiscard]] Node previous() const noexcept;
  /// The node after this one in reading order within `root`: its first child, else what follows it. A walk needs no
  /// stack, so a hostile depth costs nothing.
  [[nodiscard]] Node next_in(Node root) const noexcept;
  /// What follows this node and everything in it.
  [[nodiscard]] Node after_in(Node root) const noexcept;

  /// The text of `text`, `code`, `inline_code`, `html` and `inline_html`.
  [[nodiscard]] std::string_view literal() const noexcept;
  [[nodiscard]] std::string_view url() const noexcept; ///< of a link
  [[nodiscard]] int heading_level() const noexcept;
  [[nodiscard]] bool is_fenced() const noexcept;  ///< of `code`
  [[nodiscard]] bool is_ordered() const noexcept; ///< of `list`
  [[nodiscard]] bool is_tight() const noexcept;   ///< of `list`: no blank line between its blocks
  [[nodiscard]] int list_start() const noexcept;  ///< the number of an ordered list's first item

  [[nodiscard]] std::uint32_t line() const noexcept;     ///< the first, from 1
  [[nodiscard]] std::uint32_t end_line() const noexcept; ///< the last; cmark counts it wrong for some blocks
  [[nodiscard]] std::uint32_t byte() const noexcept;     ///< of the first line, from 0

  /// A block of code has become an action, an expectation or a finding.
  void mark_accounted() const noexcept;
  [[nodiscard]] bool accounted() const noexcept;

private:
  cmark_node* node_ = nullptr;
};

} // namespace runbook::markdown
