#include "markdown/closed_fence.hpp"

#include "markdown/text.hpp"

#include <algorithm>

namespace runbook::markdown {

bool is_closed(const SourceText& source, Node fence, Node root) {
  if (fence.end_line() <= fence.line()) return false;
  // The line that cut a fence off starts the next block, for example with a closing mark that is not indented enough.
  const Node next = fence.after_in(root);
  if (next && next.line() == fence.end_line()) return false;
  const std::string_view opening =
      source.line(fence.line()).substr(std::min<std::size_t>(fence.byte(), source.line(fence.line()).size()));
  const char mark = opening.empty() ? '`' : opening.front();
  const std::size_t length = std::min(opening.find_first_not_of(mark), opening.size());
  const std::string_view line = trim_right(source.line(fence.end_line()));
  const std::size_t start = line.find_last_not_of(mark) + 1; // npos + 1 is 0
  return line.size() - start >= length && line.substr(0, start).find_first_not_of(" \t>") == std::string_view::npos;
}

} // namespace runbook::markdown
