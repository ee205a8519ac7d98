#include "lint/source.hpp"

#include "markdown/clean_text.hpp"
#include "markdown/front_matter.hpp"
#include "utf8.hpp"

#include <algorithm>

namespace runbook::linting {

using markdown::Node;
using markdown::NodeType;

std::unique_ptr<Source> Source::read(std::string_view text, const ParseOptions& options) {
  if (text.size() > max_document_bytes) return nullptr;
  std::unique_ptr<Source> source(new Source(text, options));
  return source->parse() ? std::move(source) : nullptr;
}

bool Source::parse() {
  std::string changed;
  normalised_ = markdown::normalised(given_, changed);
  if (find_invalid_utf8(normalised_) != std::string::npos || normalised_.find('\0') != std::string::npos) return false;
  std::string_view clean = normalised_;
  const std::size_t front = markdown::take_front_matter(clean, normalised_, unheard_).size;
  first_line_ += static_cast<std::uint32_t>(
      std::ranges::count(normalised_.begin(), normalised_.begin() + static_cast<std::ptrdiff_t>(front), '\n'));
  text_.emplace(normalised_);
  markdown::TreeResult result = markdown::parse_tree(normalised_);
  if (!result.tree) return false;
  tree_ = std::move(result.tree);
  context_.emplace(*text_, options_, unheard_);
  document_ = markdown::split_sections(*context_, root(), first_line_ > 1);
  for (Node node = root(); node; node = next_block(node, root())) {
    if (node.is(NodeType::code) && node.is_fenced()) fences_.emplace(node.line(), node);
  }
  return true;
}

Node Source::fence_at(std::uint32_t line) const {
  const auto found = fences_.find(line);
  return found == fences_.end() ? Node() : found->second;
}

Node next_block(Node node, Node root) {
  const bool leaf = node.is(NodeType::paragraph) || node.is(NodeType::heading);
  return leaf ? node.after_in(root) : node.next_in(root);
}

} // namespace runbook::linting
