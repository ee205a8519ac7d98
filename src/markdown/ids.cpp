#include "markdown/ids.hpp"

#include "markdown/text.hpp"

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::size_t longest_slug = 60;

std::string base_of(const Draft& draft) {
  const std::string base = slug(draft.step.title);
  if (!base.empty()) return base;
  const std::string section = draft.section == SectionKind::steps ? "step" : slug(section_title(draft.section));
  return fmt::format("{}-{}", section,
                     draft.number.empty() ? std::to_string(draft.step.span.line) : slug(draft.number));
}

} // namespace

std::string slug(std::string_view text) {
  std::string out;
  for (const char c : lower(text)) {
    if (is_letter(c) || is_digit(c)) {
      out += c;
    } else if (c != '\'' && !out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  if (out.size() > longest_slug) {
    const std::size_t word = out.rfind('-', longest_slug);
    out.resize(word == std::string::npos ? longest_slug : word);
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

void Ids::assign(const Context& context, std::vector<Draft>& drafts) {
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
  const auto found = slugs_.find(id);
  return found == slugs_.end() ? 0 : found->second.titles;
}

void Ids::take_stated(const Context& context, Draft& draft) {
  const StepSettings& settings = draft.settings;
  if (settings.id.empty()) return;
  if (takes_back_a_step(draft)) {
    context.findings.error("attribute", settings.id_span, "an item that takes a step back has no id of its own",
                           "remove the id");
    return;
  }
  if (taken_.emplace(settings.id, settings.id_span).second) draft.step.id = settings.id;
}

void Ids::report_taken(const Context& context, const Draft& draft) const {
  const StepSettings& settings = draft.settings;
  context.findings.error("duplicate-id", settings.id_span,
                         fmt::format("the id '{}' is taken in line {}", settings.id, taken_.at(settings.id).line),
                         "choose another id");
  context.findings.name_step(draft.step.id);
}

/// `base`, or `base-2`, `base-3` … if it is taken.
std::string Ids::unique(const std::string& base) {
  Slug& known = slugs_[base];
  ++known.titles;
  std::string id = base;
  while (!taken_.emplace(id, SourceSpan{}).second) id = fmt::format("{}-{}", base, ++known.suffix);
  return id;
}

} // namespace runbook::markdown
