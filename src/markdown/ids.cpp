#include "markdown/ids.hpp"

#include "markdown/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::size_t longest_slug = 60;

/// What becomes of each character: itself in lower case, a hyphen, or nothing.
constexpr std::array<char, 256> in_slug = [] {
  std::array<char, 256> all{};
  all.fill('-');
  for (std::size_t i = 0; i < 128; ++i) {
    const char c = lower(static_cast<char>(i));
    if (is_letter(c) || is_digit(c)) all[i] = c;
  }
  all['\''] = '\0';
  return all;
}();

std::string base_of(const Draft& draft) {
  const std::string base = slug(draft.step.title);
  if (!base.empty()) return base;
  const std::string section = draft.section == SectionKind::steps ? "step" : slug(section_title(draft.section));
  return fmt::format("{}-{}", section, draft.number.empty() ? std::to_string(draft.among_items) : slug(draft.number));
}

} // namespace

std::string slug(std::string_view text) {
  std::array<char, longest_slug + 1> buffer;
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size() && size < buffer.size(); ++i) {
    const char c = in_slug[static_cast<unsigned char>(text[i])];
    if (c == '-' && (size == 0 || buffer[size - 1] == '-')) continue;
    if (c != '\0') buffer[size++] = c;
  }
  std::string_view out(buffer.data(), size);
  if (size == buffer.size()) {
    const std::size_t word = out.rfind('-', longest_slug);
    out = out.substr(0, word == std::string_view::npos ? longest_slug : word);
  }
  while (out.ends_with('-')) out.remove_suffix(1);
  return std::string(out);
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

std::size_t Ids::claims(std::string_view id) const {
  const auto found = ids_.find(std::pmr::string(id));
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

void Ids::report_taken(const Context& context, const Draft& draft) {
  const StepSettings& settings = draft.settings;
  context.findings.error("duplicate-id", settings.id_span,
                         fmt::format("the id '{}' is taken in line {}", settings.id, known(settings.id).place.line),
                         "choose another id");
  context.findings.name_step(draft.step.id);
}

Ids::Known& Ids::known(std::string_view id) {
  return ids_[std::pmr::string(id, &memory_)];
}

bool Ids::take(std::string_view id, const SourceSpan& place) {
  Known& known = this->known(id);
  if (known.taken) return false;
  known.taken = true;
  known.place = place;
  return true;
}

/// `base`, or `base-2`, `base-3` … if it is taken.
std::string Ids::unique(std::string base) {
  Known& known = this->known(base);
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
