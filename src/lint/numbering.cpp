#include "lint/rules.hpp"
#include "lint/step_titles.hpp"
#include "markdown/text.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace runbook::linting {

using markdown::Node;
using markdown::NodeType;
using markdown::SectionKind;

namespace {

/// The number in front of an item, as it is written, and where.
struct Written {
  Node item;
  unsigned long number = 0;
};

std::optional<unsigned long> written_number(const Source& source, Node item) {
  std::string_view line = source.text().line(item.line());
  line.remove_prefix(std::min<std::size_t>(item.byte(), line.size()));
  line = markdown::trim_left(line);
  unsigned long number = 0;
  return markdown::take_number(line, number) ? std::optional(number) : std::nullopt;
}

void check_list(const Source& source, Node list, bool referred, Findings& findings) {
  auto shown = static_cast<unsigned long>(list.list_start());
  const unsigned long first = shown;
  bool same = true; // `1. 1. 1.` is a way to write lists
  std::optional<Written> wrong;
  unsigned long seen = 0;
  for (Node item = list.first_child(); item; item = item.next(), ++shown) {
    const auto number = written_number(source, item);
    if (!number) continue;
    same = same && *number == first;
    if (*number == shown || wrong) continue;
    wrong = Written{item, *number};
    seen = shown;
  }
  if (!wrong || (same && !referred)) return;
  findings.warning("lazy-numbering", source.context().first_line(wrong->item),
                   fmt::format("the number {} that is written here is shown as {}, and so 'Undo step {}' means it",
                               wrong->number, seen, seen),
                   "write the numbers that a reader sees");
}

} // namespace

void check_numbering(const Subject& subject, Findings& findings) {
  if (subject.source == nullptr) return;
  const Source& source = *subject.source;
  const auto undos = titled_items(source, SectionKind::rollback);
  const bool referred = std::ranges::any_of(
      undos, [](const TitledItem& undo) { return undo.reference.kind != markdown::UndoReference::Kind::none; });
  for (const markdown::SectionPart& part : source.document().parts) {
    if (part.kind != SectionKind::steps) continue;
    for (const Node block : part.blocks) {
      if (block.is(NodeType::list) && block.is_ordered()) check_list(source, block, referred, findings);
    }
  }
}

} // namespace runbook::linting
