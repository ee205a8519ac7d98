#include "markdown/node.hpp"

#include <cmark-gfm.h>

#include <algorithm>

namespace runbook::markdown {

namespace {

std::string_view view(const char* text) noexcept {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::uint32_t positive(int number) noexcept {
  return static_cast<std::uint32_t>(std::max(number, 0));
}

} // namespace

NodeType Node::type() const noexcept {
  switch (cmark_node_get_type(node_)) {
  case CMARK_NODE_DOCUMENT: return NodeType::document;
  case CMARK_NODE_BLOCK_QUOTE: return NodeType::quote;
  case CMARK_NODE_LIST: return NodeType::list;
  case CMARK_NODE_ITEM: return NodeType::item;
  case CMARK_NODE_CODE_BLOCK: return NodeType::code;
  case CMARK_NODE_HTML_BLOCK: return NodeType::html;
  case CMARK_NODE_PARAGRAPH: return NodeType::paragraph;
  case CMARK_NODE_HEADING: return NodeType::heading;
  case CMARK_NODE_TEXT: return NodeType::text;
  case CMARK_NODE_SOFTBREAK:
  case CMARK_NODE_LINEBREAK: return NodeType::line_break;
  case CMARK_NODE_CODE: return NodeType::inline_code;
  case CMARK_NODE_HTML_INLINE: return NodeType::inline_html;
  case CMARK_NODE_LINK: return NodeType::link;
  default: return NodeType::other;
  }
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
