#include "markdown/node.hpp"

#include <cmark-gfm.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace runbook::markdown {

namespace {

std::string_view view(const char* text) noexcept {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

/// cmark numbers blocks and inlines apart.
constexpr std::size_t index_of(unsigned type) noexcept {
  return (type & 0xFU) + ((type & CMARK_NODE_TYPE_MASK) == CMARK_NODE_TYPE_INLINE ? 16U : 0U);
}

/// A table, because the types of nodes are asked for all the time, in an order that no processor guesses.
constexpr std::array<NodeType, 32> types = [] {
  std::array<NodeType, 32> all{};
  all.fill(NodeType::other);
  all[index_of(CMARK_NODE_DOCUMENT)] = NodeType::document;
  all[index_of(CMARK_NODE_BLOCK_QUOTE)] = NodeType::quote;
  all[index_of(CMARK_NODE_LIST)] = NodeType::list;
  all[index_of(CMARK_NODE_ITEM)] = NodeType::item;
  all[index_of(CMARK_NODE_CODE_BLOCK)] = NodeType::code;
  all[index_of(CMARK_NODE_HTML_BLOCK)] = NodeType::html;
  all[index_of(CMARK_NODE_PARAGRAPH)] = NodeType::paragraph;
  all[index_of(CMARK_NODE_HEADING)] = NodeType::heading;
  all[index_of(CMARK_NODE_TEXT)] = NodeType::text;
  all[index_of(CMARK_NODE_SOFTBREAK)] = NodeType::line_break;
  all[index_of(CMARK_NODE_LINEBREAK)] = NodeType::line_break;
  all[index_of(CMARK_NODE_CODE)] = NodeType::inline_code;
  all[index_of(CMARK_NODE_HTML_INLINE)] = NodeType::inline_html;
  all[index_of(CMARK_NODE_LINK)] = NodeType::link;
  all[index_of(CMARK_NODE_STRONG)] = NodeType::strong;
  return all;
}();

std::uint32_t positive(int number) noexcept {
  return static_cast<std::uint32_t>(std::max(number, 0));
}

} // namespace

NodeType Node::type() const noexcept {
  return types[index_of(cmark_node_get_type(node_))];
}

Node Node::parent() const noexcept {
  return Node(cmark_node_parent(node_));
}

Node Node::first_child() const noexcept {
  return Node(cmark_node_first_child(node_));
}

Node Node::next() const noexcept {
  return Node(cmark_node_next(node_));
}

Node Node::previous() const noexcept {
  return Node(cmark_node_previous(node_));
}

Node Node::next_in(Node root) const noexcept {
  const Node child = first_child();
  return child ? child : after_in(root);
}

Node Node::after_in(Node root) const noexcept {
  for (Node node = *this; node && node != root; node = node.parent()) {
    if (const Node sibling = node.next()) return sibling;
  }
  return {};
}

std::string_view Node::literal() const noexcept {
  return view(cmark_node_get_literal(node_));
}

std::string_view Node::url() const noexcept {
  return view(cmark_node_get_url(node_));
}

int Node::heading_level() const noexcept {
  return cmark_node_get_heading_level(node_);
}

bool Node::is_fenced() const noexcept {
  int length = 0;
  int offset = 0;
  char character = 0;
  return cmark_node_get_fenced(node_, &length, &offset, &character) != 0;
}

bool Node::is_ordered() const noexcept {
  return cmark_node_get_list_type(node_) == CMARK_ORDERED_LIST;
}

bool Node::is_tight() const noexcept {
  return cmark_node_get_list_tight(node_) != 0;
}

int Node::list_start() const noexcept {
  return cmark_node_get_list_start(node_);
}

std::uint32_t Node::line() const noexcept {
  return positive(cmark_node_get_start_line(node_));
}

std::uint32_t Node::end_line() const noexcept {
  return std::max(line(), positive(cmark_node_get_end_line(node_)));
}

std::uint32_t Node::byte() const noexcept {
  return positive(cmark_node_get_start_column(node_) - 1);
}

void Node::mark_accounted() const noexcept {
  cmark_node_set_user_data(node_, node_);
}

bool Node::accounted() const noexcept {
  return cmark_node_get_user_data(node_) != nullptr;
}

} // namespace runbook::markdown
