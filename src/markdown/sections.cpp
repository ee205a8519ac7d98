#include "markdown/sections.hpp"

#include "markdown/inline_text.hpp"
#include "markdown/labels.hpp"
#include "markdown/nested.hpp"
#include "markdown/text.hpp"

#include <algorithm>

namespace runbook::markdown {

namespace {

template <class Test>
bool any_below(Node heading, const Test& test) {
  for (Node node = heading.next(); node && outline_level(node) == 0; node = node.next()) {
    if (test(node)) return true;
  }
  return false;
}

/// Whether such a fence stands directly below the heading, and not behind a numbered list, whose items would be it.
template <class Test>
bool heads_fence(Node heading, const Test& test) {
  for (Node node = heading.next(); node && outline_level(node) == 0; node = node.next()) {
    if (node.is(NodeType::list) && node.is_ordered()) return false;
    if (test(node)) return true;
  }
  return false;
}

/// Whether a list stands directly below the heading whose items hold blocks that run, indented as they have to be.
bool heads_list_with_fences(const Context& context, Node heading) {
  bool found = false;
  bool numbered = false;
  for (Node node = heading.next(); node && outline_level(node) == 0; node = node.next()) {
    if (is_fence(node) && numbered) return false; // the items' own blocks are not all indented
    if (!node.is(NodeType::list)) continue;
    numbered = numbered || node.is_ordered();
    found = found || holds_runnable_fence(context, node);
  }
  return found;
}

template <class Test>
Node find_heading(Node first, const Test& test) {
  for (Node node = first; node; node = node.next()) {
    if (node.is(NodeType::heading) && test(heading_text(node))) return node;
  }
  return {};
}

bool names_steps(std::string_view text) {
  return section_named(text) == SectionKind::steps;
}

/// The first heading is the title, unless it names a section and none of the others names the steps.
/// `titled`: the document has a title without a heading; then only a heading of the first level may be one.
bool is_title(Node heading, bool titled) {
  if (titled && heading.heading_level() != 1) return false;
  return !section_named(heading_text(heading)) || find_heading(heading.next(), names_steps);
}

/// Whether the block, in a section with steps, is one or has some.
bool makes_item(const Context& context, Node block) {
  if (outline_level(block) != 0) return is_step_heading(context, block, false);
  return (block.is(NodeType::list) && (block.is_ordered() || is_task_list(block))) ||
         holds_runnable_fence(context, block);
}

/// Goes over the headings and knows which sections are open.
class Splitter {
public:
  /// `weak_steps` is the heading that opens the steps although its words may mean something else.
  Splitter(const Context& context, Node root, Node weak_steps, bool steps_from_prose, bool named)
      : context_(context), root_(root), weak_steps_(weak_steps), named_(named) {
    document_.steps_from_prose = steps_from_prose;
    document_.parts.emplace_back();
    if (!steps_from_prose) return;
    document_.parts.front().kind = SectionKind::steps;
    open_.push_back({0, 0, 0}); // what is below no other section is below this one
  }

  Document run() {
    bool in_front = true;
    for (Node block = root_.first_child(); block; block = block.next()) {
      if (!block.is(NodeType::heading)) {
        current().blocks.push_back(block);
        if (in_front) document_.front.blocks.push_back(block);
      } else if (!titled_ && is_title(block, named_)) {
        document_.title = block;
        if (document_.steps_from_prose) document_.parts.front().heading = block;
        titled_ = true;
      } else {
        titled_ = true;
        in_front = false;
        heading(block);
      }
    }
    return std::move(document_);
  }

private:
  struct Open {
    int level = 0;
    std::size_t part = 0;
    int step_level = 0; ///< of the heading that is a step just now; 0: none
  };

  SectionPart& current() { return document_.parts[open_.empty() ? 0 : open_.back().part]; }

  void heading(Node block) {
    const int level = block.heading_level();
    while (!open_.empty() && open_.back().level >= level) open_.pop_back();
    const std::string text = heading_text(block);
    if (belongs_to_step(level, text)) {
      current().blocks.push_back(block);
      return;
    }
    const bool inside = !open_.empty() && has_items(current().kind) && open_.back().level > 0;
    const auto kind = kind_of(block, text, inside);
    if (kind) {
      open(*kind, block, text, level);
    } else if (!open_.empty() && current().kind != SectionKind::prose) {
      open_.back().step_level = is_step_heading(context_, block, document_.steps_from_prose) ? level : 0;
      current().blocks.push_back(block);
    } else {
      open(SectionKind::prose, block, text, level);
    }
  }

  /// The section that the heading opens. "Steps" below "Rollback" are that section's own.
  [[nodiscard]] std::optional<SectionKind> kind_of(Node block, const std::string& text, bool inside) const {
    if (block == weak_steps_) return SectionKind::steps;
    if (inside && numbered_title(text).numbered) return std::nullopt;
    const auto kind = section_named(text);
    if (kind == SectionKind::steps && (inside || document_.steps_from_prose)) return std::nullopt;
    return kind == current_kind() ? std::nullopt : kind;
  }

  [[nodiscard]] std::optional<SectionKind> current_kind() const {
    return open_.empty() ? std::nullopt : std::optional(document_.parts[open_.back().part].kind);
  }

  /// Below a step's own heading, "Rollback", "Verification" and "Instructions" speak of that step and open no section.
  bool belongs_to_step(int level, const std::string& text) {
    if (open_.empty() || !has_items(current().kind)) return false;
    const int step_level = open_.back().step_level;
    if (step_level == 0 || level <= step_level) return false;
    const auto section = section_named(text);
    return heading_label(text) || !section || section == SectionKind::steps || section == SectionKind::related;
  }

  void open(SectionKind kind, Node block, std::string name, int level) {
    open_.push_back({level, document_.parts.size(), 0});
    document_.parts.push_back({kind, block, std::move(name), {}});
  }

  const Context& context_;
  Node root_;
  Node weak_steps_;
  Document document_;
  std::vector<Open> open_;
  bool named_ = false;  ///< the document has a title without a heading
  bool titled_ = false; ///< the first heading is behind
};

} // namespace

Document split_sections(const Context& context, Node root, bool titled) {
  Node first = root.first_child();
  while (first && !first.is(NodeType::heading)) first = first.next();
  const Node title = first && is_title(first, titled) ? first : Node();
  Node weak;
  if (!find_heading(title ? title.next() : root.first_child(), names_steps)) {
    weak = find_heading(title ? title.next() : root.first_child(), may_name_steps);
  }
  Document document = Splitter(context, root, weak, false, titled).run();
  const auto has = [&](SectionKind kind, const auto& test) {
    return std::ranges::any_of(document.parts, [&](const SectionPart& part) {
      return part.kind == kind && std::ranges::any_of(part.blocks, test);
    });
  };
  document.names_steps =
      std::ranges::find(document.parts, SectionKind::steps, &SectionPart::kind) != document.parts.end();
  if (has(SectionKind::steps, [&](Node block) { return makes_item(context, block); })) return document;
  const auto runs = [&](Node block) { return holds_runnable_fence(context, block); };
  if (!has(SectionKind::prose, runs)) return document;
  Document prose = Splitter(context, root, {}, true, titled).run();
  prose.names_steps = document.names_steps;
  return prose;
}

bool is_step_heading(const Context& context, Node heading, bool steps_from_prose) {
  if (heads_list_with_fences(context, heading)) return true;
  const std::string text = heading_text(heading);
  if (!steps_from_prose) return numbered_title(text).numbered || heads_fence(heading, is_fence);
  if (numbered_title(text).named) return true;
  if (names_steps(text) && any_below(heading, [](Node node) { return !is_comment(node); })) return true;
  return heads_fence(heading, [&](Node node) { return is_runnable_fence(context, node); });
}

bool holds_list(Node heading) {
  return any_below(heading, [](Node node) { return node.is(NodeType::list); });
}

int outline_level(Node block) {
  if (block.is(NodeType::heading)) return block.heading_level();
  const bool bold = block.is(NodeType::paragraph) && block.first_child() && block.first_child().is(NodeType::strong);
  if (!bold || block.end_line() != block.line()) return 0;
  const std::string text = heading_text(block);
  const NumberedTitle title = numbered_title(text);
  const bool whole = !block.first_child().next(); // else "**Step 2:** Drain"
  return title.named || (whole && title.numbered) ? 7 : 0;
}

std::string heading_text(Node heading) {
  return one_line(without_layout_tags(plain_text(heading)));
}

} // namespace runbook::markdown
