#include "markdown/headings.hpp"

#include "markdown/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace runbook::markdown {

namespace {

using Named = std::pair<std::string_view, SectionKind>;

/// Names as they are compared: nothing but small letters.
constexpr std::array names{
    Named{"steps", SectionKind::steps},
    Named{"procedure", SectionKind::steps},
    Named{"procedures", SectionKind::steps},
    Named{"proceduresteps", SectionKind::steps},
    Named{"instructions", SectionKind::steps},
    Named{"stepbystep", SectionKind::steps},
    Named{"stepbystepinstructions", SectionKind::steps},
    Named{"stepbystepprocedure", SectionKind::steps},
    Named{"runbooksteps", SectionKind::steps},
    Named{"executionsteps", SectionKind::steps},
    Named{"deploymentsteps", SectionKind::steps},
    Named{"deploymentprocedure", SectionKind::steps},
    Named{"implementationsteps", SectionKind::steps},
    Named{"remediation", SectionKind::steps},
    Named{"remediationsteps", SectionKind::steps},
    Named{"mitigation", SectionKind::steps},
    Named{"mitigations", SectionKind::steps},
    Named{"mitigationsteps", SectionKind::steps},
    Named{"resolution", SectionKind::steps},
    Named{"resolutionsteps", SectionKind::steps},
    Named{"howtofix", SectionKind::steps},
    Named{"howtofixit", SectionKind::steps},
    Named{"howtoresolve", SectionKind::steps},
    Named{"howtomitigate", SectionKind::steps},
    Named{"whattodo", SectionKind::steps},

    Named{"rollback", SectionKind::rollback},
    Named{"rollbackprocedure", SectionKind::rollback},
    Named{"rollbackplan", SectionKind::rollback},
    Named{"rollbacksteps", SectionKind::rollback},
    Named{"rollbackinstructions", SectionKind::rollback},
    Named{"howtorollback", SectionKind::rollback},
    Named{"rollingback", SectionKind::rollback},
    Named{"revert", SectionKind::rollback},
    Named{"reverting", SectionKind::rollback},
    Named{"revertsteps", SectionKind::rollback},
    Named{"howtorevert", SectionKind::rollback},
    Named{"backout", SectionKind::rollback},
    Named{"backoutplan", SectionKind::rollback},
    Named{"backoutprocedure", SectionKind::rollback},
    Named{"backoutsteps", SectionKind::rollback},
    Named{"undo", SectionKind::rollback},
    Named{"undosteps", SectionKind::rollback},
    Named{"howtoundo", SectionKind::rollback},

    Named{"verification", SectionKind::verification},
    Named{"verificationsteps", SectionKind::verification},
    Named{"verify", SectionKind::verification},
    Named{"verifythefix", SectionKind::verification},
    Named{"verifythefixworked", SectionKind::verification},
    Named{"verifytheresult", SectionKind::verification},
    Named{"verifyresolution", SectionKind::verification},
    Named{"verifytheresolution", SectionKind::verification},
    Named{"verifythatitworked", SectionKind::verification},
    Named{"howtoverify", SectionKind::verification},
    Named{"validation", SectionKind::verification},
    Named{"validationsteps", SectionKind::verification},
    Named{"validate", SectionKind::verification},
    Named{"confirmthefix", SectionKind::verification},
    Named{"postcheck", SectionKind::verification},
    Named{"postchecks", SectionKind::verification},
    Named{"postflight", SectionKind::verification},
    Named{"postflightchecks", SectionKind::verification},
    Named{"postdeploymentchecks", SectionKind::verification},
    Named{"postdeploymentverification", SectionKind::verification},
    Named{"postdeploymentvalidation", SectionKind::verification},
    Named{"finalchecks", SectionKind::verification},
    Named{"smoketest", SectionKind::verification},
    Named{"smoketests", SectionKind::verification},

    Named{"prerequisites", SectionKind::prerequisites},
    Named{"prerequisite", SectionKind::prerequisites},
    Named{"prereqs", SectionKind::prerequisites},
    Named{"beforeyoubegin", SectionKind::prerequisites},
    Named{"beforeyoustart", SectionKind::prerequisites},
    Named{"beforestarting", SectionKind::prerequisites},
    Named{"requirements", SectionKind::prerequisites},
    Named{"whatyouneed", SectionKind::prerequisites},
    Named{"whatyoullneed", SectionKind::prerequisites},
    Named{"whatyouwillneed", SectionKind::prerequisites},
    Named{"youwillneed", SectionKind::prerequisites},
    Named{"preconditions", SectionKind::prerequisites},
    Named{"precheck", SectionKind::prerequisites},
    Named{"prechecks", SectionKind::prerequisites},
    Named{"preflight", SectionKind::prerequisites},
    Named{"preflightcheck", SectionKind::prerequisites},
    Named{"preflightchecks", SectionKind::prerequisites},
    Named{"preflightchecklist", SectionKind::prerequisites},
    Named{"predeploymentchecks", SectionKind::prerequisites},
    Named{"predeploymentchecklist", SectionKind::prerequisites},

    Named{"inputs", SectionKind::inputs},
    Named{"input", SectionKind::inputs},
    Named{"inputparameters", SectionKind::inputs},
    Named{"inputvariables", SectionKind::inputs},
    Named{"requiredinputs", SectionKind::inputs},
    Named{"parameters", SectionKind::inputs},
    Named{"variables", SectionKind::inputs},
    Named{"arguments", SectionKind::inputs},

    Named{"relatedrunbooks", SectionKind::related},
    Named{"relatedalerts", SectionKind::related},
    Named{"relateddocuments", SectionKind::related},
    Named{"relateddocumentation", SectionKind::related},
    Named{"related", SectionKind::related},
    Named{"seealso", SectionKind::related},
    Named{"references", SectionKind::related},
    Named{"links", SectionKind::related},
    Named{"furtherreading", SectionKind::related},
    Named{"additionalresources", SectionKind::related},

    Named{"state", SectionKind::state},
    Named{"observedstate", SectionKind::state},
    Named{"requiredaccess", SectionKind::access},
};

constexpr auto sorted_names = [] {
  auto sorted = names;
  std::ranges::sort(sorted, {}, &Named::first);
  return sorted;
}();

constexpr std::size_t longest_name = 32;
static_assert(std::ranges::all_of(names, [](const Named& named) { return named.first.size() <= longest_name; }));

constexpr std::array<std::string_view, 22> weak_names{
    "action",
    "actions",
    "recommendedactions",
    "recommendedaction",
    "actionstotake",
    "fix",
    "thefix",
    "solution",
    "solutions",
    "workaround",
    "recovery",
    "recoverysteps",
    "recoveryprocedure",
    "response",
    "responsesteps",
    "troubleshootingsteps",
    "execution",
    "implementation",
    "deployment",
    "howto",
    "tasks",
    "runbook",
};

/// Tags that lay text out and say nothing. Others stay: `<pod-name>` is a placeholder.
constexpr std::array<std::string_view, 16> layout_tags{"a",   "b", "i",   "u",    "br",  "em",   "img", "kbd",
                                                       "sub", "p", "sup", "span", "div", "code", "tt",  "strong"};

bool is_layout_tag(std::string_view tag) { // `<a name="x">`
  if (tag.starts_with("<!--")) return true;
  tag.remove_prefix(1);
  if (tag.starts_with('/')) tag.remove_prefix(1);
  std::size_t end = 0;
  while (end < tag.size() && is_letter(tag[end])) ++end;
  const bool ends = end < tag.size() && (is_blank(tag[end]) || tag[end] == '>' || tag[end] == '/');
  return ends && std::ranges::find(layout_tags, lower(tag.substr(0, end))) != layout_tags.end();
}

/// The bytes of the symbol that the text starts with: an emoji, an arrow, the marks that modify them. 0: it is none.
std::size_t symbol_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  if (byte(0) == 0xF0 && byte(1) == 0x9F) return 4;                    // U+1F000 …
  if (byte(0) == 0xE2 && byte(1) >= 0x84 && byte(1) <= 0xAF) return 3; // U+2100 … U+2BFF
  if (byte(0) == 0xE2 && byte(1) == 0x80 && byte(2) == 0x8D) return 3; // joins two emoji
  if (byte(0) == 0xEF && byte(1) == 0xB8 && byte(2) == 0x8F) return 3; // shows a character as an emoji
  if (byte(0) == 0xE2 && byte(1) == 0x83 && byte(2) == 0xA3) return 3; // a key around a digit
  return 0;
}

/// `:rocket:` as code hosts write it.
std::size_t shortcode_at(std::string_view text) {
  if (!text.starts_with(':')) return 0;
  std::size_t end = 1;
  while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]) || text[end] == '_')) ++end;
  return end > 2 && end < text.size() && text[end] == ':' && is_letter(text[1]) ? end + 1 : 0;
}

std::string_view without_symbols(std::string_view text) {
  for (;;) {
    text = trim_left(text);
    const std::size_t symbol = std::max(symbol_at(text), shortcode_at(text));
    if (symbol == 0) return text;
    text.remove_prefix(symbol);
  }
}

/// Takes `1`, `1.2`, `1.2.3` off the front.
bool take_dotted_number(std::string_view& text, std::string& number) {
  const std::string_view start = text;
  unsigned long first = 0;
  if (text.empty() || !is_digit(text.front()) || !take_number(text, first)) return false;
  while (text.size() > 1 && text[0] == '.' && is_digit(text[1])) {
    text.remove_prefix(1);
    while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  }
  number = start.substr(0, start.size() - text.size());
  return true;
}

/// Takes the mark between a number and the title off the front.
bool take_mark(std::string_view& text) {
  constexpr std::string_view keycap = "\xEF\xB8\x8F\xE2\x83\xA3"; // "1" and this are one emoji
  if (text.starts_with(keycap)) {
    text.remove_prefix(keycap.size());
    return true;
  }
  for (const std::string_view mark : {".", ")", ":", " -", " \xE2\x80\x93", " \xE2\x80\x94"}) {
    const bool ends = text.size() == mark.size() || (text.size() > mark.size() && is_blank(text[mark.size()]));
    if (!text.starts_with(mark) || !ends) continue;
    text.remove_prefix(mark.size());
    return true;
  }
  return false;
}

bool take_word(std::string_view& text) {
  if (text.empty() || (lower(text.front()) != 's' && lower(text.front()) != 'p')) return false;
  for (const std::string_view word : {"step ", "phase ", "part ", "stage "}) {
    if (text.size() <= word.size() || lower(text.substr(0, word.size())) != word) continue;
    text = trim_left(text.substr(word.size()));
    return true;
  }
  return false;
}

/// What is compared with a name: letters in lower case; empty if it is none.
class Squashed {
public:
  explicit Squashed(std::string_view text) noexcept {
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      // No name has a digit. The bytes of other letters keep a word from being taken for one of ours; quotes and
      // symbols do not matter.
      const bool foreign = is_digit(c) || (byte >= 0xC3 && byte < 0xE2);
      if (foreign || (is_letter(c) && size_ == letters_.size())) {
        size_ = 0;
        return;
      }
      if (is_letter(c)) letters_[size_++] = lower(c);
    }
  }

  [[nodiscard]] std::string_view text() const noexcept { return {letters_.data(), size_}; }

private:
  std::array<char, longest_name> letters_{};
  std::size_t size_ = 0;
};

/// The part of the heading that may be a section's name.
std::string_view name_in(std::string_view heading) {
  std::string_view text = trim(heading);
  const NumberedTitle numbered = numbered_title(text);
  if (!numbered.named) text = without_symbols(numbered.title);
  while (text.ends_with(':') || text.ends_with('.')) text = trim_right(text.substr(0, text.size() - 1));
  if (text.ends_with(')') && text.rfind('(') != std::string_view::npos)
    text = trim_right(text.substr(0, text.rfind('(')));
  return text;
}

std::optional<SectionKind> named(std::string_view text) {
  const Squashed name(text);
  const auto found = std::ranges::lower_bound(sorted_names, name.text(), {}, &Named::first);
  const bool known = found != sorted_names.end() && found->first == name.text();
  return known ? std::optional(found->second) : std::nullopt;
}

} // namespace

std::string without_layout_tags(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = std::min(text.find('<'), text.size());
    out += text.substr(0, open);
    text.remove_prefix(open);
    if (text.empty()) break;
    const bool comment = text.starts_with("<!--");
    const std::size_t close = comment ? text.find("-->") : text.find('>');
    if (close == std::string_view::npos) return out.append(text);
    const std::size_t end = close + (comment ? 3 : 1);
    if (!is_layout_tag(text.substr(0, end))) out += text.substr(0, end);
    text.remove_prefix(end);
  }
  return out;
}

NumberedTitle numbered_title(std::string_view heading) {
  NumberedTitle result{false, false, {}, heading};
  std::string_view rest = without_symbols(heading);
  const bool word = take_word(rest);
  std::string number;
  if (!take_dotted_number(rest, number)) return result;
  const bool dotted = number.find('.') != std::string::npos; // "2.1 Drain": nobody writes a sentence like that
  if (!take_mark(rest) && !((word || dotted) && (rest.empty() || is_blank(rest.front())))) return result;
  result.numbered = true;
  result.named = word;
  result.number = std::move(number);
  if (!trim(rest).empty()) result.title = trim(rest);
  return result;
}

std::optional<SectionKind> section_named(std::string_view heading) {
  if (heading.size() > 200) return std::nullopt;
  const std::string bare = without_layout_tags(heading);
  std::string_view text = name_in(bare);
  if (const auto kind = named(text)) return kind;
  const std::string lowered = lower(text);
  std::optional<SectionKind> common;
  while (!text.empty()) { // "Mitigation and Resolution", "Verify / Validate"
    std::size_t end = text.size();
    std::size_t next = text.size();
    for (const std::string_view joint : {" and ", " & ", "/", ","}) {
      const std::size_t at = std::string_view(lowered).substr(lowered.size() - text.size()).find(joint);
      if (at < end) {
        end = at;
        next = at + joint.size();
      }
    }
    const auto kind = named(text.substr(0, end));
    if (!kind || (common && common != kind)) return std::nullopt;
    common = kind;
    text.remove_prefix(next);
  }
  return common;
}

bool may_name_steps(std::string_view heading) {
  if (heading.size() > 200) return false;
  const std::string bare = without_layout_tags(heading);
  return std::ranges::find(weak_names, Squashed(name_in(bare)).text()) != weak_names.end();
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
