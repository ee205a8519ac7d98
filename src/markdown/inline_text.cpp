#include "markdown/inline_text.hpp"

#include <algorithm>

namespace runbook::markdown {

namespace {

/// Calls `leaf(node)` for each piece of text and `closed(link)` after each link's text.
template <class Leaf, class Closed>
void walk(Node block, const Leaf& leaf, const Closed& closed) {
  for (Node node = block.first_child(); node;) {
    leaf(node);
    if (const Node child = node.first_child()) {
      node = child;
      continue;
    }
    for (; node && node != block; node = node.parent()) {
      if (node.is(NodeType::link)) closed(node);
      if (node.next()) break;
    }
    node = node && node != block ? node.next() : Node();
  }
}

} // namespace

std::string plain_text(Node block, Links links) {
  std::string out;
  const auto leaf = [&](Node node) {
    const NodeType type = node.type();
    if (type == NodeType::line_break) {
      out += '\n';
    } else if (type == NodeType::text || type == NodeType::inline_code || type == NodeType::inline_html) {
      out += node.literal();
    }
  };
  walk(block, leaf, [&](Node link) {
    const std::string_view address = link.url();
    if (links == Links::text_only || address.empty() || out.ends_with(address)) return;
    out.append(" (").append(address).append(")");
  });
  return out;
}

bool holds_link(Node block) noexcept {
  for (Node node = block; node; node = node.next_in(block)) {
    if (node.is(NodeType::link)) return true;
  }
  return false;
}

SpannedText spanned_text(Node block) {
  SpannedText out;
  const auto leaf = [&](Node node) {
    const NodeType type = node.type();
    if (type == NodeType::line_break) {
      out.text += ' ';
    } else if (type == NodeType::inline_code) {
      out.text += '\0';
      out.codes.emplace_back(node.literal());
    } else if (type == NodeType::text || type == NodeType::inline_html) {
      out.text += node.literal();
    }
  };
  walk(block, leaf, [](Node) {});
  return out;
}

std::string with_codes(std::string_view text, const std::vector<std::string>& codes, std::size_t first_code) {
  std::string out;
  for (const char c : text) {
    if (c != '\0') {
      out += c;
      continue;
    }
    const std::string_view code = first_code < codes.size() ? std::string_view(codes[first_code++]) : "";
    out.append("`").append(code).append("`");
  }
  return out;
}

} // namespace runbook::markdown
