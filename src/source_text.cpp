#include "source_text.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <limits>

namespace runbook {

namespace {

constexpr std::size_t usual_line = 32; // bytes
constexpr std::size_t block = 1024;    // bytes

} // namespace

SourceText::SourceText(std::string_view text)
    : text_(text.substr(0, std::numeric_limits<std::uint32_t>::max())), ascii_(is_ascii(text_)) {
  starts_.reserve(text_.size() / usual_line + 1);
  starts_.push_back(0);
  for (std::size_t at = text_.find('\n'); at != std::string_view::npos; at = text_.find('\n', at + 1)) {
    starts_.push_back(static_cast<std::uint32_t>(at + 1));
  }
  if (ascii_) return;
  counted_.reserve(text_.size() / block + 1);
  counted_.push_back(0);
  for (std::size_t at = 0; at + block <= text_.size(); at += block) {
    counted_.push_back(counted_.back() + static_cast<std::uint32_t>(count_code_points(text_.substr(at, block))));
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
  return lines(number, begin, number, end);
}

SourceSpan SourceText::lines(std::uint32_t line, std::size_t begin, std::uint32_t end_line, std::size_t end) const {
  const Place from = place_in_line(line, begin);
  const Place to = place_in_line(end_line, line == end_line ? std::max(begin, end) : end);
  return {from.line, from.column, to.line, to.column};
}

SourceText::Place SourceText::place_in_line(std::uint32_t number, std::size_t byte) const {
  if (number == 0 || number > starts_.size()) return place(text_.size());
  const std::size_t begin = starts_[number - 1];
  const std::size_t offset = begin + std::min(byte, line(number).size());
  return {number, static_cast<std::uint32_t>(1 + code_points_between(begin, offset))};
}

SourceText::Place SourceText::place(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto line = static_cast<std::uint32_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin());
  return {line, static_cast<std::uint32_t>(1 + code_points_between(starts_[line - 1], offset))};
}

std::size_t SourceText::code_points_between(std::size_t begin, std::size_t end) const {
  if (ascii_) return end - begin;
  if (end - begin <= block) return count_code_points(text_.substr(begin, end - begin));
  const auto before = [this](std::size_t at) {
    const std::size_t whole = at / block;
    return counted_[whole] + count_code_points(text_.substr(whole * block, at - whole * block));
  };
  return before(end) - before(begin);
}

} // namespace runbook
