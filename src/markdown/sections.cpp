#include "markdown/sections.hpp"

#include "markdown/inline_text.hpp"
#include "markdown/labels.hpp"
#include "markdown/text.hpp"

#include <algorithm>

namespace runbook::markdown {

namespace {

template <class Test>
bool any_below(Node heading, const Test& test) {
  for (Node node = heading.next(); node && !node.is(NodeType::heading); node = node.next()) {
    if (test(node)) return true;
  }
  return false;
}

std::string heading_text(Node heading) {
  return one_line(plain_text(heading));
}

/// The first heading is the title, unless it names a section and none of the others names the steps.
bool is_title(Node heading, bool titled) {
  if (titled && heading.heading_level() != 1) return false;
  if (!section_named(heading_text(heading))) return true;
  for (Node node = heading.next(); node; node = node.next()) {
    if (node.is(NodeType::heading) && section_named(heading_text(node)) == SectionKind::steps) return true;
  }
  return false;
}

/// Goes over the headings and knows which sections are open.
class Splitter {
public:
  Splitter(Node root, bool titled) : root_(root), named_(titled) { document_.parts.emplace_back(); }

  Document run() {
    for (Node block = root_.first_child(); block; block = block.next()) {
      if (!block.is(NodeType::heading)) {
        current().blocks.push_back(block);
      } else if (!titled_ && is_title(block, named_)) {
        document_.title = block;
        titled_ = true;
      } else {
        titled_ = true;
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
    const bool inside = !open_.empty() && has_items(current().kind);
    const bool step = inside && (numbered_title(text).numbered || holds_fence(block));
    const auto kind = inside && numbered_title(text).numbered ? std::nullopt : section_named(text);
    if (kind) {
      open(*kind, block, text, level);
    } else if (!open_.empty() && current().kind != SectionKind::prose) {
      open_.back().step_level = step ? level : 0;
      current().blocks.push_back(block);
    } else {
      open(SectionKind::prose, block, text, level);
    }
  }

  /// Below a step's own heading, "Rollback" and "Verification" speak of that step and open no section.
  bool belongs_to_step(int level, const std::string& text) {
    if (open_.empty() || !has_items(current().kind)) return false;
    const int step_level = open_.back().step_level;
    return step_level != 0 && level > step_level && (heading_label(text) || !section_named(text));
  }

  void open(SectionKind kind, Node block, std::string name, int level) {
    open_.push_back({level, document_.parts.size(), 0});
    document_.parts.push_back({kind, block, std::move(name), {}});
  }

  Node root_;
  Document document_;
  std::vector<Open> open_;
  bool named_ = false;  ///< the document has a title without a heading
  bool titled_ = false; ///< the first heading is behind
};

} // namespace

Document split_sections(Node root, bool titled) {
  return Splitter(root, titled).run();
}

bool holds_fence(Node heading) {
  return any_below(heading, [](Node node) { return node.is(NodeType::code) && node.is_fenced(); });
}

bool holds_list(Node heading) {
  return any_below(heading, [](Node node) { return node.is(NodeType::list); });
}

} // namespace runbook::markdown
