#include "format/places.hpp"

#include "markdown/inline_text.hpp"
#include "markdown/items.hpp"
#include "markdown/key_line.hpp"
#include "markdown/labels.hpp"
#include "markdown/sections.hpp"
#include "markdown/text.hpp"

#include <fmt/format.h>

namespace runbook::format {

namespace {

using markdown::Label;
using markdown::Node;
using markdown::NodeType;

} // namespace

Places find_places(const markdown::Context& context, Node root, bool titled) {
  Places places;
  const markdown::Document document = markdown::split_sections(context, root, titled);
  for (const markdown::SectionPart& part : document.parts) {
    if (!has_items(part.kind)) continue;
    for (const Node block : part.blocks) places.by_line_[block.line()] = Place::items;
    for (const markdown::Item& item : markdown::read_items(context, part, document.steps_from_prose)) {
      for (const Node block : item.blocks) {
        if (block.parent() == root) places.by_line_[block.line()] = Place::in_step;
      }
    }
  }
  for (const Node block : document.front.blocks) {
    const bool key = block.is(NodeType::paragraph) || !places.by_line_.contains(block.line());
    if (key) places.by_line_[block.line()] = Place::metadata;
  }
  return places;
}

void canonical_keys(std::vector<std::string>& lines) {
  if (lines.empty() || !markdown::key_line(lines.front())) return; // prose
  for (std::string& line : lines) {
    const auto found = markdown::key_line(line);
    if (!found || markdown::label_of(std::string(found->key) + ':') == Label::note) continue;
    const std::string_view end = line.ends_with("  ") ? "  " : "";
    line = fmt::format("**{}**:{}{}{}", found->key, found->value.empty() ? "" : " ", found->value, end);
  }
}

void canonical_label(Node paragraph, std::vector<std::string>& lines, bool starts_item) {
  if (lines.empty() || (starts_item && lines.size() == 1)) return;
  const Node next = paragraph.next();
  if (!next || !(next.is(NodeType::list) || next.is(NodeType::code))) return;
  const std::string text = markdown::plain_text(paragraph);
  const std::size_t last = text.rfind('\n') + 1;  // npos + 1 is 0
  if ((last == 0) != (lines.size() == 1)) return; // a line break within code
  const auto label = markdown::label_of(std::string_view(text).substr(last));
  if (label && *label != Label::note) lines.back() = markdown::trim(std::string_view(text).substr(last));
}

bool is_labelled(Node block, Label label) {
  const Node before = block.previous();
  if (!before || !before.is(NodeType::paragraph)) return false;
  const std::string text = markdown::plain_text(before);
  const std::size_t last = text.rfind('\n') + 1; // npos + 1 is 0
  return markdown::label_of(std::string_view(text).substr(last)) == label;
}

} // namespace runbook::format
