#include "markdown/headings.hpp"

#include "markdown/text.hpp"

#include <array>
#include <utility>

namespace runbook::markdown {

namespace {

using Named = std::pair<std::string_view, SectionKind>;

/// Hyphens are left out on both sides, so that Roll-back and Pre-requisites are found too.
constexpr std::array names{
    Named{"steps", SectionKind::steps},
    Named{"procedure", SectionKind::steps},
    Named{"instructions", SectionKind::steps},
    Named{"remediation", SectionKind::steps},
    Named{"mitigation", SectionKind::steps},
    Named{"resolution", SectionKind::steps},
    Named{"rollback", SectionKind::rollback},
    Named{"rollback procedure", SectionKind::rollback},
    Named{"revert", SectionKind::rollback},
    Named{"backout", SectionKind::rollback},
    Named{"verification", SectionKind::verification},
    Named{"verify", SectionKind::verification},
    Named{"validation", SectionKind::verification},
    Named{"prerequisites", SectionKind::prerequisites},
    Named{"before you begin", SectionKind::prerequisites},
    Named{"requirements", SectionKind::prerequisites},
    Named{"inputs", SectionKind::inputs},
    Named{"parameters", SectionKind::inputs},
    Named{"variables", SectionKind::inputs},
    Named{"related runbooks", SectionKind::related},
    Named{"see also", SectionKind::related},
    Named{"state", SectionKind::state},
    Named{"required access", SectionKind::access},
};

/// Takes `1`, `1.2`, `1.2.3` off the front.
bool take_dotted_number(std::string_view& text, std::optional<unsigned long>& number) {
  unsigned long first = 0;
  if (text.empty() || !is_digit(text.front()) || !take_number(text, first)) return false;
  number = first;
  while (text.size() > 1 && text[0] == '.' && is_digit(text[1])) {
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
    number.reset();
  }
  return true;
}

/// Takes the mark between a number and the title off the front.
bool take_mark(std::string_view& text) {
  for (const std::string_view mark : {".", ")", ":", " -", " \xE2\x80\x93", " \xE2\x80\x94"}) {
    const bool ends = text.size() == mark.size() || (text.size() > mark.size() && is_blank(text[mark.size()]));
    if (!text.starts_with(mark) || !ends) continue;
    text.remove_prefix(mark.size());
    return true;
  }
  return false;
}

} // namespace

NumberedTitle numbered_title(std::string_view heading) {
  NumberedTitle result{false, std::nullopt, heading};
  std::string_view rest = trim(heading);
  const bool step = rest.size() > 5 && lower(rest.substr(0, 5)) == "step ";
  if (step) rest = trim_left(rest.substr(5));
  std::optional<unsigned long> number;
  if (!take_dotted_number(rest, number)) return result;
  const bool dotted = !number; // "2.1 Drain" needs no mark: nobody writes a sentence like that
  if (!take_mark(rest) && !((step || dotted) && (rest.empty() || is_blank(rest.front())))) return result;
  result.numbered = true;
  result.number = number;
  if (!trim(rest).empty()) result.title = trim(rest);
  return result;
}

std::optional<SectionKind> section_named(std::string_view heading) {
  std::string name = lower(trim(numbered_title(heading).title));
  std::erase(name, '-');
  while (!name.empty() && name.back() == ':') name.pop_back();
  for (const auto& [known, kind] : names) {
    if (name == known) return kind;
  }
  return std::nullopt;
}

std::string_view section_title(SectionKind kind) noexcept {
  switch (kind) {
  case SectionKind::inputs: return "Inputs";
  case SectionKind::prerequisites: return "Prerequisites";
  case SectionKind::steps: return "Steps";
  case SectionKind::rollback: return "Rollback";
  case SectionKind::verification: return "Verification";
  case SectionKind::related: return "Related Runbooks";
  case SectionKind::state: return "State";
  case SectionKind::access: return "Required Access";
  case SectionKind::prose: break;
  }
  return "prose";
}

} // namespace runbook::markdown
