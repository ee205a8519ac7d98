#include "source_text.hpp"

#include "utf8.hpp"

#include <algorithm>

namespace runbook {

namespace {

constexpr std::size_t block = 256; // bytes

} // namespace

SourceText::SourceText(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    starts_.push_back(at + 1);
  }
  counts_.reserve(text.size() / block + 1);
  std::size_t count = 0;
  for (std::size_t at = 0; at <= text.size(); at += block) {
    counts_.push_back(static_cast<std::uint32_t>(count));
    count += count_code_points(text.substr(at, block));
  }
}

std::string_view SourceText::line(std::uint32_t number) const noexcept {
  if (number == 0 || number > starts_.size()) return {};
  const std::size_t begin = starts_[number - 1];
  const std::size_t end = number < starts_.size() ? starts_[number] - 1 : text_.size();
  return text_.substr(begin, end - begin);
}

std::size_t SourceText::offset_of(std::uint32_t line) const noexcept {
  return line == 0 || line > starts_.size() ? text_.size() : starts_[line - 1];
}

SourceSpan SourceText::span(std::size_t begin, std::size_t end) const {
  const Place from = place(begin);
  const Place to = place(std::max(begin, end));
  return {from.line, from.column, to.line, to.column};
}

SourceSpan SourceText::in_line(std::uint32_t number, std::size_t begin, std::size_t end) const {
  const std::size_t size = line(number).size();
  const std::size_t start = offset_of(number);
  return span(start + std::min(begin, size), start + std::min(end, size));
}

SourceText::Place SourceText::place(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::ranges::upper_bound(starts_, offset);
  const auto line = static_cast<std::uint32_t>(next - starts_.begin());
  const std::size_t start = starts_[line - 1];
  const std::size_t column = offset - start <= block ? count_code_points(text_.substr(start, offset - start))
                                                     : code_points_before(offset) - code_points_before(start);
  return {line, static_cast<std::uint32_t>(column) + 1};
}

std::size_t SourceText::code_points_before(std::size_t offset) const {
  const std::size_t whole = offset / block;
  return counts_[whole] + count_code_points(text_.substr(whole * block, offset - whole * block));
}

} // namespace runbook
