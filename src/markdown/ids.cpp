#include "markdown/ids.hpp"

#include "markdown/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::size_t longest_slug = 60;

std::string base_of(const Draft& draft) {
  const std::string base = slug(draft.step.title);
  if (!base.empty()) return base;
  const std::string section = draft.section == SectionKind::steps ? "step" : slug(section_title(draft.section));
  return fmt::format("{}-{}", section, draft.number.empty() ? std::to_string(draft.among_items) : slug(draft.number));
}

} // namespace

std::string slug(std::string_view text) {
  std::string out;
  out.reserve(std::min(text.size(), longest_slug + 1));
  bool cut = false;
  for (const char each : text) {
    const char c = lower(each);
    if (is_letter(c) || is_digit(c)) {
      out += c;
    } else if (c != '\'' && !out.empty() && out.back() != '-') {
      out += '-';
    }
    cut = out.size() > longest_slug;
    if (cut) break;
  }
  if (cut) {
    const std::size_t word = out.rfind('-', longest_slug);
    out.resize(word == std::string::npos ? longest_slug : word);
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

void Ids::assign(const Context& context, std::vector<Draft>& drafts) {
  ids_.reserve(drafts.size());
  for (Draft& draft : drafts) take_stated(context, draft);
  for (Draft& draft : drafts) {
    if (takes_back_a_step(draft)) continue;
    const bool stated = !draft.step.id.empty();
    if (!stated) draft.step.id = unique(base_of(draft));
    context.findings.name_step(draft.first_finding, draft.last_finding, draft.step.id);
    if (!stated && !draft.settings.id.empty()) report_taken(context, draft);
  }
}

std::size_t Ids::claims(const std::string& id) const {
  const auto found = ids_.find(id);
  return found == ids_.end() ? 0 : found->second.titles;
}

void Ids::take_stated(const Context& context, Draft& draft) {
  const StepSettings& settings = draft.settings;
  if (settings.id.empty()) return;
  if (takes_back_a_step(draft)) {
    context.findings.error("attribute", settings.id_span, "an item that takes a step back has no id of its own",
                           "remove the id");
    return;
  }
  if (take(settings.id, settings.id_span)) draft.step.id = settings.id;
}

void Ids::report_taken(const Context& context, const Draft& draft) const {
  const StepSettings& settings = draft.settings;
  context.findings.error("duplicate-id", settings.id_span,
                         fmt::format("the id '{}' is taken in line {}", settings.id, ids_.at(settings.id).place.line),
                         "choose another id");
  context.findings.name_step(draft.step.id);
}

bool Ids::take(const std::string& id, const SourceSpan& place) {
  Known& known = ids_[id];
  if (known.taken) return false;
  known.taken = true;
  known.place = place;
  return true;
}

/// `base`, or `base-2`, `base-3` … if it is taken.
std::string Ids::unique(std::string base) {
  Known& known = ids_[base];
  ++known.titles;
  if (!known.taken) {
    known.taken = true;
    return base;
  }
  std::string id;
  do {
    id = fmt::format("{}-{}", base, ++known.suffix);
  } while (!take(id));
  return id;
}

} // namespace runbook::markdown
