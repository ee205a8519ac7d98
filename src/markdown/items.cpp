#include "markdown/items.hpp"

#include "markdown/inline_text.hpp"
#include "markdown/label_lines.hpp"
#include "markdown/nested.hpp"
#include "markdown/text.hpp"

#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

/// `**Risk Level**: High`: metadata, and no title of the block below it.
bool is_key_line(const Context& context, Node paragraph) {
  const std::string_view line = trim(context.source.line(paragraph.line()));
  return line.starts_with("**") && !line.ends_with(':') && !line.ends_with(":**") &&
         (line.find("**:") != std::string_view::npos || line.find(":**") != std::string_view::npos);
}

/// Goes over the blocks of a part. What stands between the items is read as a person reads it: a fence that is not
/// indented belongs to the item in front of it, and what stands between the items 1 and 2 belongs to item 1.
class ItemReader {
public:
  ItemReader(const Context& context, const SectionPart& part, bool steps_from_prose)
      : context_(context), part_(part), from_prose_(steps_from_prose && part.kind == SectionKind::steps) {}

  std::vector<Item> run() {
    find_next_lists();
    for (at_ = 0; at_ < part_.blocks.size(); ++at_) block(part_.blocks[at_]);
    return std::move(items_);
  }

private:
  enum class Open { none, list_item, loose };

  /// For each block the numbered list that comes next below the same heading.
  void find_next_lists() {
    next_lists_.resize(part_.blocks.size());
    Node next;
    for (std::size_t i = part_.blocks.size(); i-- > 0;) {
      const Node node = part_.blocks[i];
      if (outline_level(node) != 0) next = Node();
      if (node.is(NodeType::list) && node.is_ordered()) next = node;
      next_lists_[i] = next;
    }
  }

  void block(Node node) {
    if (const int level = outline_level(node); level != 0) return heading(node, level);
    if (level_ != 0) return append(context_, items_.back(), node);
    if (is_comment(node)) return;
    if (node.is(NodeType::list)) {
      list(node);
    } else if (node.is(NodeType::paragraph)) {
      paragraph(node);
    } else if (is_fence(node)) {
      fence(node);
    } else if (open_ != Open::none) {
      append(context_, items_.back(), node);
    }
    label_open_ = label_open_ && node.is(NodeType::paragraph);
  }

  // Headings.

  void heading(Node node, int level) {
    if (level_ != 0 && level > level_) return append(context_, items_.back(), node);
    level_ = 0;
    open_ = Open::none;
    if (is_step_heading(context_, node, from_prose_)) {
      level_ = level;
      Item& item = add(node, context_.span(node));
      item.from_heading = true;
      item.number = numbered_title(heading_text(node)).number;
    } else if (!from_prose_ && !holds_list(node)) {
      context_.findings.note(
          "prose-heading", context_.span(node),
          fmt::format("'{}' has no number, no block and no list: it is prose and nothing to do", heading_text(node)),
          "if it is a step, put a number in front of it");
    }
  }

  Item& add(Node title, const SourceSpan& span) {
    Item& item = items_.emplace_back();
    item.section = part_.kind;
    item.title = title;
    item.span = span;
    return item;
  }

  // Lists.

  /// Whether what stands here belongs to the item in front of it: the numbers go on after it, or a label points to it.
  [[nodiscard]] bool continues() const {
    if (open_ != Open::list_item || last_number_ == 0) return false;
    const Node next = next_lists_[at_];
    return next && next.list_start() == last_number_ + 1;
  }

  [[nodiscard]] bool is_next_number(Node list) const {
    return list.is_ordered() && open_ == Open::list_item && last_number_ != 0 && list.list_start() == last_number_ + 1;
  }

  void list(Node node) {
    const bool inside = (label_open_ || continues()) && !is_next_number(node);
    if (open_ != Open::none && inside) return append(context_, items_.back(), node);
    if (!is_of_items(node)) {
      if (open_ == Open::loose)
        append(context_, items_.back(), node);
      else
        open_ = Open::none;
      return;
    }
    int number = node.list_start();
    bool before = open_ != Open::none; // a label speaks of what stands in front of it
    open_ = Open::none;
    for (Node child = node.first_child(); child; child = child.next(), ++number) {
      if (!node.is_ordered() && labels_last(child, before)) continue;
      auto item = read_list_item(context_, child, part_.kind, node.is_ordered() ? std::to_string(number) : "");
      open_ = item ? Open::list_item : Open::none;
      if (item) items_.push_back(std::move(*item));
      before = open_ != Open::none;
    }
    last_number_ = node.is_ordered() ? number - 1 : 0;
    told_ = false;
  }

  /// "- Rollback:" among steps says something of the step in front of it, and is never a step.
  bool labels_last(Node list_item, bool has_last) {
    const Node first = list_item.first_child();
    if (part_.kind != SectionKind::steps || !first || !first.is(NodeType::paragraph)) return false;
    if (!label_alone(first, next_shown(first))) return false;
    for (Node child = first; has_last && child; child = child.next()) append(context_, items_.back(), child);
    return true;
  }

  bool is_of_items(Node list) {
    if (part_.kind != SectionKind::steps) return true;
    const bool runs = (from_prose_ || !list.is_ordered()) && holds_runnable_fence(context_, list);
    if (from_prose_ && !runs) return false;
    if (list.is_ordered() || is_task_list(list)) return true;
    const Node first = list.first_child().first_child();
    const bool label = first && first.is(NodeType::paragraph) && label_alone(first, next_shown(first));
    if (runs && !label) {
      context_.findings.warning("bullet-list", context_.first_line(list),
                                "the list has no numbers; its items are done as steps, one after the other",
                                "number the items, or leave one if they are alternatives");
    } else if (!runs && open_ != Open::loose) {
      context_.findings.warning("bullet-list", context_.first_line(list),
                                "a list without numbers in the steps section is prose: nothing of it is done",
                                "number its items if they are steps");
    }
    return runs;
  }

  // What stands by itself.

  void paragraph(Node node) {
    const Node next = next_shown(node);
    const auto label = label_at_end(context_, node, next);
    if (open_ != Open::none && (label || continues())) {
      label_open_ = label.has_value();
      return append(context_, items_.back(), node);
    }
    const bool leads = is_runnable_fence(context_, next);
    if (leads && label && !(label == Label::check && only_looks(part_.kind))) {
      no_item_ = next; // what the label means is missing in front of it
    } else if (leads && from_prose_ && is_key_line(context_, node)) {
      return;
    } else if (leads) {
      loose(node, next);
    } else if (open_ == Open::loose) {
      append(context_, items_.back(), node);
    } else {
      open_ = Open::none;
    }
  }

  void fence(Node node) {
    if (open_ != Open::none) {
      if (open_ == Open::list_item && !std::exchange(told_, true)) {
        context_.findings.note("not-indented", context_.first_line(node),
                               "the block is not indented; it is taken as a part of the item in front of it",
                               "indent it as far as the item's text");
      }
      append(context_, items_.back(), node);
    } else if (node != no_item_ && is_runnable_fence(context_, node)) {
      loose(Node(), node);
    }
  }

  /// A fence that no item takes is an item, with the paragraph in front of it as its title.
  void loose(Node title, Node fence) {
    if (!from_prose_) {
      context_.findings.note(
          "loose-block", context_.first_line(fence),
          fmt::format("the block stands in none of the section's items; it is taken as one of them{}",
                      title ? ", with the paragraph in front of it as its title" : ""),
          "make it an item of a list, or put a heading above it");
    }
    const bool named = !title && items_.empty() && part_.heading;
    Item& item = add(named ? part_.heading : title, context_.span(title ? title : fence));
    item.from_heading = named;
    if (!title) item.blocks.push_back(fence);
    open_ = Open::loose;
  }

  const Context& context_;
  const SectionPart& part_;
  bool from_prose_;
  std::vector<Item> items_;
  std::vector<Node> next_lists_;
  std::size_t at_ = 0;
  int level_ = 0;           ///< of the heading that the last item starts with; 0: it is no heading, or it is complete
  Open open_ = Open::none;  ///< what the last item is, if it takes blocks that are not indented
  int last_number_ = 0;     ///< of the last item; 0: it has none
  bool label_open_ = false; ///< the block in front is a label
  bool told_ = false;       ///< of a block that is not indented
  Node no_item_;            ///< a fence that must not become an item
};

} // namespace

std::vector<Item> read_items(const Context& context, const SectionPart& part, bool steps_from_prose) {
  return ItemReader(context, part, steps_from_prose).run();
}

std::optional<Item> read_list_item(const Context& context, Node node, SectionKind section, std::string number) {
  Node child = node.first_child();
  if (!child) {
    context.findings.warning("empty-item", context.span(node), "the item is empty",
                             "say what is to be done, or remove it");
    return std::nullopt;
  }
  Item item;
  item.section = section;
  item.number = std::move(number);
  item.span = context.span(node);
  if (child.is(NodeType::paragraph)) {
    item.title = child;
    child = child.next();
  }
  for (; child; child = child.next()) item.blocks.push_back(child);
  return item;
}

void append(const Context& context, Item& item, Node block) {
  item.blocks.push_back(block);
  const SourceSpan end = context.span(block);
  item.span.end_line = end.end_line;
  item.span.end_column = end.end_column;
}

} // namespace runbook::markdown
