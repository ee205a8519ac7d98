#include "markdown/inner_items.hpp"

#include "markdown/headings.hpp"
#include "markdown/nested.hpp"

namespace runbook::markdown {

void InnerItems::add(Item item) {
  item.section = outer_.section;
  item.depth = outer_.depth + 1;
  item.only_looks = item.only_looks || outer_.only_looks;
  items_.push_back(std::move(item));
  open_ = false;
}

/// What the reader sees inside of "2." as "1." is 2.1; a heading may say "2.1" itself.
std::string InnerItems::numbered(const std::string& number) const {
  const bool whole = number.empty() || outer_.number.empty() || number.find('.') != std::string::npos;
  return whole ? number : outer_.number + '.' + number;
}

void InnerItems::add_list_item(Node node, int number) {
  auto item = read_list_item(context_, node, outer_.section, number == 0 ? "" : numbered(std::to_string(number)));
  if (item) add(std::move(*item));
}

std::size_t InnerItems::end_of_heading(std::size_t at) const {
  const int level = outline_level(outer_.blocks[at]);
  std::size_t end = at + 1;
  while (end < outer_.blocks.size()) {
    const int next = outline_level(outer_.blocks[end]);
    if (next != 0 && next <= level) break;
    ++end;
  }
  return end;
}

bool InnerItems::holds_work(std::size_t begin, std::size_t end) const {
  for (std::size_t i = begin; i < end; ++i) {
    if (holds_runnable_fence(context_, outer_.blocks[i])) return true;
  }
  return false;
}

bool InnerItems::starts_step(std::size_t at) const {
  if (holds_work(at + 1, end_of_heading(at))) return true;
  const std::string text = heading_text(outer_.blocks[at]);
  const NumberedTitle title = numbered_title(text);
  return title.named || (headings_ && title.numbered);
}

std::size_t InnerItems::add_heading(std::size_t at) {
  const std::size_t end = end_of_heading(at);
  Item item;
  item.title = outer_.blocks[at];
  item.from_heading = true;
  item.span = context_.span(item.title);
  item.number = numbered(numbered_title(heading_text(item.title)).number);
  for (std::size_t i = at + 1; i < end; ++i) markdown::append(context_, item, outer_.blocks[i]);
  add(std::move(item));
  headings_ = true;
  return end - 1;
}

void InnerItems::add_block(Node title, Node block, bool only_looks) {
  Item item;
  item.title = title;
  item.from_heading = title && outline_level(title) != 0;
  item.only_looks = only_looks;
  item.span = context_.span(title && title != last_title_ ? title : block); // one heading may name several blocks
  last_title_ = title;
  markdown::append(context_, item, block);
  add(std::move(item));
  open_ = !only_looks;
}

} // namespace runbook::markdown
