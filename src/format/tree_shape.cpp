#include "format/tree_shape.hpp"

#include "markdown/inline_text.hpp"
#include "markdown/text.hpp"
#include "markdown/tree.hpp"

#include <fmt/format.h>

namespace runbook::format {

namespace {

using markdown::Links;
using markdown::Node;
using markdown::NodeType;

bool is_leaf(Node node) {
  return node.is(NodeType::paragraph) || node.is(NodeType::heading);
}

bool is_all_words(Node block) {
  for (Node node = block.first_child(); node; node = node.next_in(block)) {
    if (node.is(NodeType::inline_code) || node.is(NodeType::inline_html)) return false;
  }
  return true;
}

class Shape {
public:
  std::string of(Node root) {
    for (Node node = root; node;) {
      add(node);
      if (!is_leaf(node) && node.first_child()) {
        node = node.first_child();
        continue;
      }
      while (node && node != root && !node.next()) {
        out_ += ')';
        node = node.parent();
      }
      node = node && node != root ? node.next() : Node();
    }
    return std::move(out_);
  }

private:
  void add(Node node) {
    out_ += fmt::format("({}", static_cast<int>(node.type()));
    switch (node.type()) {
    case NodeType::heading:
      out_ += fmt::format(" {}", node.heading_level());
      text(node);
      break;
    case NodeType::paragraph: text(node); break;
    case NodeType::code:
      out_ += node.is_fenced() ? " f" : " i";
      field(node.literal());
      break;
    case NodeType::html: html(node.literal()); break;
    case NodeType::list: out_ += fmt::format(" {} {} {}", node.is_ordered(), node.is_tight(), node.list_start()); break;
    default: break;
    }
  }

  void field(std::string_view text) { out_ += fmt::format(" {}:{}", text.size(), text); }

  /// Blanks count only where they are code.
  void text(Node block) {
    std::string text = plain_text(block, Links::with_address);
    if (is_all_words(block)) std::erase_if(text, markdown::is_blank);
    field(text);
  }

  /// Lines of HTML may be indented otherwise, and blank lines behind HTML that is never closed are a part of it.
  void html(std::string_view text) {
    text = markdown::trim(text);
    for (std::string_view line; markdown::next_line(text, line);) field(markdown::trim(line));
  }

  std::string out_;
};

} // namespace

std::string shape_of(Node root) {
  return Shape().of(root);
}

std::optional<std::string> shape_of(std::string_view text) {
  const markdown::TreeResult result = markdown::parse_tree(text);
  if (!result.tree) return std::nullopt;
  return shape_of(result.tree->root());
}

} // namespace runbook::format
