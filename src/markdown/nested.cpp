#include "markdown/nested.hpp"

#include "markdown/fences.hpp"
#include "markdown/inline_text.hpp"
#include "markdown/labels.hpp"
#include "markdown/text.hpp"

#include <algorithm>
#include <charconv>

namespace runbook::markdown {

namespace {

/// The node in reading order behind this one, where lines of text are not looked into.
Node step_over(Node node, Node root, bool into) {
  const bool leaf = node.is(NodeType::paragraph) || node.is(NodeType::heading);
  return leaf || !into ? node.after_in(root) : node.next_in(root);
}

/// "https://example.org/a.md", "mailto:a.md", "//example.org/a.md".
bool is_elsewhere(std::string_view address) {
  if (address.starts_with("//")) return true;
  const std::string_view in_front = address.substr(0, std::min(address.find_first_of(":/"), address.size()));
  const auto may_name_scheme = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '.';
  };
  return in_front.size() < address.size() && address[in_front.size()] == ':' &&
         std::ranges::all_of(in_front, may_name_scheme);
}

/// "my%20runbook.md" is the file "my runbook.md".
std::string decoded(std::string_view address) {
  std::string out;
  for (std::size_t i = 0; i < address.size(); ++i) {
    unsigned code = 0;
    const char* digits = address.data() + i + 1;
    const bool escape = address[i] == '%' && i + 2 < address.size() &&
                        std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2 && code != 0;
    out += escape ? static_cast<char>(code) : address[i];
    if (escape) i += 2;
  }
  return out;
}

} // namespace

bool is_fence(Node node) {
  return node && node.is(NodeType::code) && node.is_fenced();
}

bool is_runnable_fence(const Context& context, Node node) {
  return is_fence(node) && is_runnable(use_of(read_use(context, node), context.options));
}

bool holds_runnable_fence(const Context& context, Node block) {
  for (Node node = block; node;) {
    if (is_runnable_fence(context, node)) return true;
    node = step_over(node, block, !node.is(NodeType::quote));
  }
  return false;
}

bool is_task_list(Node list) {
  const Node first = list.first_child() ? list.first_child().first_child() : Node();
  if (!first || !first.is(NodeType::paragraph)) return false;
  const std::string text = plain_text(first);
  return text.starts_with("[ ]") || text.starts_with("[x]") || text.starts_with("[X]");
}

bool is_comment(Node node) {
  return node.is(NodeType::html) && node.literal().starts_with("<!--");
}

Node next_shown(Node block) {
  Node next = block.next();
  while (next && is_comment(next)) next = next.next();
  return next;
}

void explain_fences_in(const Context& context, Node block, std::string_view where) {
  for (Node node = block; node; node = step_over(node, block, true)) {
    if (node.is(NodeType::code)) explain_unrun(context, node, where);
  }
}

std::string linked_runbook(Node paragraph) {
  const Node link = paragraph.first_child();
  if (!link || !link.is(NodeType::link)) return {};
  if (link.next()) { // "[Restore](restore.md) {#restore}⏎Rollback:"
    const std::string text = plain_text(paragraph);
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view rest = trim(std::string_view(text).substr(0, end).substr(plain_text(link).size()));
    if (!rest.empty() && !(rest.starts_with('{') && rest.ends_with('}'))) return {};
    if (end < text.size() && !label_of(std::string_view(text).substr(end + 1))) return {};
  }
  const std::string_view address = link.url().substr(0, link.url().find_first_of("#?"));
  const bool document = lower(address).ends_with(".md") && !is_elsewhere(address);
  return document ? decoded(address) : std::string();
}

} // namespace runbook::markdown
