#include "markdown/block_text.hpp"

#include "markdown/text.hpp"

namespace runbook::markdown {

BlockText::BlockText(const Context& context, Node fence) : context_(context), fence_(fence), text_(fence.literal()) {
  if (text_.ends_with('\n')) text_.remove_suffix(1);
}

SourceSpan BlockText::span(std::size_t line, std::size_t begin, std::size_t end) const {
  if (lengths_.empty()) {
    std::string_view rest = text_;
    for (std::string_view each; next_line(rest, each);) lengths_.push_back(each.size());
  }
  const auto number = static_cast<std::uint32_t>(fence_.line() + 1 + line);
  const std::size_t whole = context_.source.line(number).size();
  const std::size_t own = line < lengths_.size() ? lengths_[line] : whole;
  const std::size_t indent = whole >= own ? whole - own : 0;
  return context_.source.in_line(number, indent + begin, indent + end);
}

} // namespace runbook::markdown
