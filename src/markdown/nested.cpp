#include "markdown/nested.hpp"

#include "markdown/fences.hpp"
#include "markdown/text.hpp"

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

bool runs(const Context& context, Node code) {
  return code.is_fenced() && is_runnable(use_of(read_info_string(context, code), context.options));
}

/// Calls `f` for each block of code in the block, or for the block itself if it is one.
template <class F>
void each_code(Node block, const F& f) {
  for (Node node = block; node;) {
    const bool leaf = node.is(NodeType::paragraph) || node.is(NodeType::heading);
    if (node.is(NodeType::code)) f(node);
    node = leaf ? node.after_in(block) : node.next_in(block);
  }
}

} // namespace

bool holds_runnable_fence(const Context& context, Node block) {
  bool found = false;
  each_code(block, [&](Node code) { found = found || runs(context, code); });
  return found;
}

void refuse_fence(const Context& context, Node fence, std::string_view why) {
  fence.mark_accounted();
  context.findings.error("nested-step", context.first_line(fence),
                         fmt::format("this block is not run: {}, which is not supported yet in this version", why),
                         "make it a step of its own");
}

void refuse_fences_in(const Context& context, Node block, std::string_view why) {
  each_code(block, [&](Node code) {
    if (runs(context, code)) {
      refuse_fence(context, code, why);
    } else {
      explain_unrun(context, code, {});
    }
  });
}

void explain_fences_in(const Context& context, Node block, std::string_view where) {
  each_code(block, [&](Node code) { explain_unrun(context, code, where); });
}

bool is_runbook_link(Node paragraph) {
  const Node link = paragraph.first_child();
  if (!link || !link.is(NodeType::link) || link.next()) return false;
  const std::string address = lower(link.url());
  return address.substr(0, address.find('#')).ends_with(".md") && address.find("://") == std::string::npos;
}

} // namespace runbook::markdown
