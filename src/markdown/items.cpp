#include "markdown/items.hpp"

#include "markdown/inline_text.hpp"
#include "markdown/text.hpp"

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

class ItemReader {
public:
  ItemReader(const Context& context, const SectionPart& part) : context_(context), part_(part) {}

  std::vector<Item> run() {
    for (const Node block : part_.blocks) {
      if (block.is(NodeType::heading)) {
        heading(block);
      } else if (level_ != 0) {
        items_.back().blocks.push_back(block);
        const SourceSpan end = context_.span(block);
        items_.back().span.end_line = end.end_line;
        items_.back().span.end_column = end.end_column;
      } else if (block.is(NodeType::list)) {
        list(block);
      }
    }
    for (std::size_t i = 0; i < items_.size(); ++i) items_[i].place = i + 1;
    return std::move(items_);
  }

private:
  void heading(Node block) {
    if (level_ != 0 && block.heading_level() > level_) {
      items_.back().blocks.push_back(block);
      return;
    }
    const std::string text = one_line(plain_text(block));
    const NumberedTitle numbered = numbered_title(text);
    level_ = 0;
    if (numbered.numbered || holds_fence(block)) {
      level_ = block.heading_level();
      Item item{part_.kind, block, {}, numbered.number, true, context_.span(block), 0};
      items_.push_back(std::move(item));
    } else if (!holds_list(block)) {
      context_.findings.note(
          "prose-heading", context_.span(block),
          fmt::format("'{}' has no number, no block and no list: it is prose and nothing to do", text),
          "if it is a step, put a number in front of it");
    }
  }

  void list(Node block) {
    if (part_.kind == SectionKind::steps && !block.is_ordered()) {
      context_.findings.warning("bullet-list", context_.first_line(block),
                                "a list without numbers in the steps section is prose: nothing of it is done",
                                "number its items if they are steps");
      return;
    }
    auto number = static_cast<unsigned long>(block.list_start());
    for (Node node = block.first_child(); node; node = node.next()) {
      list_item(node, block.is_ordered() ? std::optional(number++) : std::nullopt);
    }
  }

  void list_item(Node node, std::optional<unsigned long> number) {
    Node child = node.first_child();
    if (!child) {
      context_.findings.warning("empty-item", context_.span(node), "the item is empty",
                                "say what is to be done, or remove it");
      return;
    }
    Item item{part_.kind, {}, {}, number, false, context_.span(node), 0};
    if (child.is(NodeType::paragraph)) {
      item.title = child;
      child = child.next();
    }
    for (; child; child = child.next()) item.blocks.push_back(child);
    items_.push_back(std::move(item));
  }

  const Context& context_;
  const SectionPart& part_;
  std::vector<Item> items_;
  int level_ = 0; ///< of the heading that the last item starts with; 0: it is no heading, or it is complete
};

} // namespace

std::vector<Item> read_items(const Context& context, const SectionPart& part) {
  return ItemReader(context, part).run();
}

} // namespace runbook::markdown
