#include "markdown/labels.hpp"
#include "lint/rules.hpp"
#include "markdown/inline_text.hpp"
#include "markdown/text.hpp"

#include <fmt/format.h>

namespace runbook::linting {

using markdown::Node;
using markdown::NodeType;

namespace {

/// The paragraph's last line, if a block of code follows on it and it is no title.
std::string introduces(Node paragraph) {
  const Node next = paragraph.next();
  if (!next || !next.is(NodeType::code) || !next.is_fenced()) return {};
  const std::string text = markdown::plain_text(paragraph);
  const std::size_t line = text.rfind('\n');
  const bool is_title = line == std::string::npos && paragraph.parent().first_child() == paragraph;
  if (is_title && paragraph.parent().is(NodeType::item)) return {};
  return line == std::string::npos ? text : text.substr(line + 1);
}

void check_paragraph(const Source& source, Node paragraph, Findings& findings) {
  const std::string line = introduces(paragraph);
  if (line.empty() || markdown::trim(line).ends_with(':')) return;
  const auto label = markdown::label_of(std::string(markdown::trim(line)) + ":");
  if (!label || *label == markdown::Label::note) return;
  const std::string_view raw = source.text().line(paragraph.end_line());
  findings.warning(
      "label-without-colon",
      source.text().in_line(paragraph.end_line(), raw.size() - markdown::trim_left(raw).size(),
                            markdown::trim_right(raw).size()),
      fmt::format("'{}' is no label without a colon: it says nothing about the block below it", markdown::trim(line)),
      fmt::format("write {}", markdown::label_text(*label)));
}

} // namespace

void check_labels(const Subject& subject, Findings& findings) {
  if (subject.source == nullptr) return;
  for (const markdown::SectionPart& part : subject.source->document().parts) {
    if (!markdown::has_items(part.kind)) continue;
    for (const Node block : part.blocks) {
      for (Node node = block; node; node = next_block(node, block)) {
        if (node.is(NodeType::paragraph)) check_paragraph(*subject.source, node, findings);
      }
    }
  }
}

} // namespace runbook::linting
