#include "lint/original_text.hpp"

#include "utf8.hpp"

#include <algorithm>

namespace runbook::linting {

OriginalText::OriginalText(std::string_view original) : text_(original) {
  std::size_t at = original.size() - without_bom(original).size();
  starts_.push_back(at);
  for (; at < original.size(); ++at) {
    if (original[at] != '\n' && original[at] != '\r') continue;
    const bool both = original[at] == '\r' && at + 1 < original.size() && original[at + 1] == '\n';
    const std::size_t length = both ? 2 : 1;
    if (starts_.size() == 1) line_end_ = original.substr(at, length);
    at += length - 1;
    starts_.push_back(at + 1);
  }
}

std::size_t OriginalText::offset(std::uint32_t line, std::size_t byte) const noexcept {
  if (line == 0 || line > starts_.size()) return text_.size();
  return std::min(starts_[line - 1] + byte, text_.size());
}

} // namespace runbook::linting
