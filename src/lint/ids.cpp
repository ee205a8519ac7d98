#include "lint/rules.hpp"
#include "lint/step_titles.hpp"

#include <unordered_map>

#include <fmt/format.h>

namespace runbook::linting {

using markdown::SectionKind;
using Kind = markdown::UndoReference::Kind;

void check_ids(const Subject& subject, Findings& findings) {
  if (subject.source == nullptr) return;
  std::unordered_map<std::string, std::uint32_t> numbers;
  std::unordered_map<std::string, std::uint32_t> names;
  for (const TitledItem& undo : titled_items(*subject.source, SectionKind::rollback)) {
    if (!undo.settings.undo.empty()) {
      names.emplace(undo.settings.undo, undo.item.span.line);
    } else if (undo.reference.kind == Kind::step) {
      numbers.emplace(undo.reference.number, undo.item.span.line);
    }
  }
  if (numbers.empty() && names.empty()) return;
  std::unordered_map<std::uint32_t, const Step*> steps;
  for (const PlacedStep& place : subject.steps) steps.emplace(place.step->span.line, place.step);
  for (const TitledItem& item : titled_items(*subject.source, SectionKind::steps)) {
    const auto step = steps.find(item.item.span.line);
    if (!item.settings.id.empty() || step == steps.end()) continue;
    const std::string& id = step->second->id;
    const auto number = numbers.find(item.item.number);
    const auto name = names.find(id);
    if (number == numbers.end() && name == names.end()) continue;
    const std::string message =
        name != names.end()
            ? fmt::format("line {} refers to this step by an id that comes from its title", name->second)
            : fmt::format("line {} refers to this step by its number, which changes with the steps before it",
                          number->second);
    findings.note("missing-id", item.title.place, message,
                  fmt::format("write {{#{0}}} at the end of its title, and {{undo={0}}} there", id));
    findings.name_step(id);
  }
}

} // namespace runbook::linting
