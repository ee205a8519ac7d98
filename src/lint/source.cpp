#include "lint/source.hpp"

#include "markdown/text.hpp"
#include "utf8.hpp"

#include <algorithm>

namespace runbook::linting {

using markdown::Node;
using markdown::NodeType;

namespace {

/// Blanks front matter out, so that it is not taken for Markdown, and returns the first line behind it.
std::uint32_t blank_front_matter(std::string& text) {
  if (!text.starts_with("---\n")) return 1;
  std::size_t at = 4;
  for (std::uint32_t number = 2; at < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = markdown::trim_right(std::string_view(text).substr(at, end - at));
    if (number == 2 && line.empty()) return 1; // a rule and not front matter
    at = end + 1;
    if (line != "---" && line != "...") continue;
    std::replace_if(
        text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), [](char c) { return c != '\n'; }, ' ');
    return number + 1;
  }
  return 1;
}

} // namespace

std::unique_ptr<Source> Source::read(std::string_view text, const ParseOptions& options) {
  if (text.size() > max_document_bytes) return nullptr;
  std::unique_ptr<Source> source(new Source(text, options));
  return source->parse() ? std::move(source) : nullptr;
}

bool Source::parse() {
  normalised_ = original_.normalised();
  if (find_invalid_utf8(normalised_) != std::string::npos || normalised_.find('\0') != std::string::npos) return false;
  first_line_ = blank_front_matter(normalised_);
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
