// The steps inside of a step: items of lists and headings below it that hold fences, and what follows on them.
#pragma once

#include "markdown/context.hpp"
#include "markdown/items.hpp"

#include <string>
#include <vector>

namespace runbook::markdown {

/// Gathers them for one item.
///
/// Ownership: refers to the context and the item. Thread-safety: belongs to one thread.
class InnerItems {
public:
  InnerItems(const Context& context, const Item& outer) : context_(context), outer_(outer) {}

  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] std::vector<Item> take() { return std::move(items_); }

  /// An item of a list. `number` counts within the list; 0: the list has none.
  void add_list_item(Node node, int number);
  /// Whether the heading at this index of the item's blocks starts a step: a fence that runs stands below it, or it has
  /// a number and others inside of the same step do.
  [[nodiscard]] bool starts_step(std::size_t at) const;
  /// A heading and all below it. Returns the index of the last block that it takes.
  std::size_t add_heading(std::size_t at);
  /// A fence, or a list of checks, that follows on other inner steps; it comes after them, so it is one itself.
  void add_block(Node title, Node block, bool only_looks);
  /// Whether blocks without a place of their own belong to the last of them, as they do behind `add_block`.
  [[nodiscard]] bool open() const noexcept { return open_; }
  void append(Node block) { markdown::append(context_, items_.back(), block); }
  void close() noexcept { open_ = false; }

private:
  [[nodiscard]] std::size_t end_of_heading(std::size_t at) const;
  [[nodiscard]] bool holds_work(std::size_t begin, std::size_t end) const;
  [[nodiscard]] std::string numbered(const std::string& number) const;
  void add(Item item);

  const Context& context_;
  const Item& outer_;
  std::vector<Item> items_;
  Node last_title_; ///< of the last block
  bool open_ = false;
  bool headings_ = false; ///< one of them is a heading
};

} // namespace runbook::markdown
