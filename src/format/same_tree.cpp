#include "format/same_tree.hpp"

#include "markdown/inline_text.hpp"
#include "markdown/text.hpp"

namespace runbook::format {

namespace {

using markdown::Links;
using markdown::Node;
using markdown::NodeType;

bool is_leaf(Node node) {
  return node.is(NodeType::paragraph) || node.is(NodeType::heading);
}

/// Lines of HTML may be indented otherwise, and blank lines behind HTML that is never closed are a part of it.
bool same_html(std::string_view a, std::string_view b) {
  a = markdown::trim(a);
  b = markdown::trim(b);
  std::string_view left;
  std::string_view right;
  for (;;) {
    const bool more = markdown::next_line(a, left);
    if (more != markdown::next_line(b, right)) return false;
    if (!more) return true;
    if (markdown::trim(left) != markdown::trim(right)) return false;
  }
}

bool is_all_words(Node block) {
  for (Node node = block.first_child(); node; node = node.next_in(block)) {
    if (node.is(NodeType::inline_code) || node.is(NodeType::inline_html)) return false;
  }
  return true;
}

/// Blanks count only where they are code.
bool same_text(Node a, Node b) {
  std::string left = plain_text(a, Links::with_address);
  std::string right = plain_text(b, Links::with_address);
  if (left == right) return true;
  std::erase_if(left, markdown::is_blank);
  std::erase_if(right, markdown::is_blank);
  return left == right && is_all_words(a);
}

bool same_node(Node a, Node b) {
  if (a.type() != b.type()) return false;
  switch (a.type()) {
  case NodeType::heading: return a.heading_level() == b.heading_level() && same_text(a, b);
  case NodeType::paragraph: return same_text(a, b);
  case NodeType::code: return a.is_fenced() == b.is_fenced() && a.literal() == b.literal();
  case NodeType::html: return same_html(a.literal(), b.literal());
  case NodeType::list:
    return a.is_ordered() == b.is_ordered() && a.is_tight() == b.is_tight() && a.list_start() == b.list_start();
  default: return true;
  }
}

} // namespace

bool same_tree(Node a, Node b) {
  Node left = a;
  Node right = b;
  while (left && right) {
    if (!same_node(left, right)) return false;
    const bool leaf = is_leaf(left);
    if (!leaf && static_cast<bool>(left.first_child()) != static_cast<bool>(right.first_child())) return false;
    if (!leaf && left.first_child()) {
      left = left.first_child();
      right = right.first_child();
      continue;
    }
    for (;;) { // to the next block, on the same level of both
      if (left == a || right == b) return left == a && right == b;
      if (static_cast<bool>(left.next()) != static_cast<bool>(right.next())) return false;
      if (left.next()) break;
      left = left.parent();
      right = right.parent();
    }
    left = left.next();
    right = right.next();
  }
  return !left && !right;
}

} // namespace runbook::format
