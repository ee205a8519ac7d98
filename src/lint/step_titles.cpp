#include "lint/step_titles.hpp"

namespace runbook::linting {

std::vector<TitledItem> titled_items(const Source& source, markdown::SectionKind kind) {
  std::vector<TitledItem> items;
  for (const markdown::SectionPart& part : source.document().parts) {
    if (part.kind != kind) continue;
    for (markdown::Item& item : markdown::read_items(source.context(), part, source.document().steps_from_prose)) {
      if (items.size() == max_steps) return items;
      TitledItem& titled = items.emplace_back();
      titled.title = markdown::read_title(source.context(), item, titled.settings);
      if (kind == markdown::SectionKind::rollback) titled.reference = markdown::undo_reference(titled.title.text);
      titled.item = std::move(item);
    }
  }
  return items;
}

} // namespace runbook::linting
