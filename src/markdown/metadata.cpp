#include "markdown/metadata.hpp"

#include "markdown/text.hpp"
#include "names.hpp"
#include "suggest.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::array<std::string_view, 4> known{"purpose", "frequency", "risk level", "required access"};

std::optional<RiskLevel> risk_level(std::string_view text) {
  const auto level = enum_from<RiskLevel>(lower(trim(text)));
  return level == RiskLevel::unspecified ? std::nullopt : level;
}

/// "risk level" for "Risk Level", "risk_level" and "risk-level".
std::string name_of_key(std::string_view key) {
  std::string name = lower(one_line(key));
  std::ranges::replace(name, '_', ' ');
  std::ranges::replace(name, '-', ' ');
  return name;
}

bool all_strings(const Value& value) {
  return value.is_array() && std::ranges::all_of(value.get_array(), [](const Value& v) { return v.is_string(); });
}

/// The value as one line: what two places must agree on.
std::string as_line(const Value& value) {
  if (!all_strings(value)) return one_line(to_text(value));
  std::string line;
  for (const Value& element : value.get_array()) {
    line.append(line.empty() ? "" : "; ").append(one_line(std::string_view(element.get_string())));
  }
  return line;
}

} // namespace

std::vector<std::pair<std::size_t, std::size_t>> listed_parts(std::string_view text) {
  std::vector<std::pair<std::size_t, std::size_t>> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(';', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    const std::size_t first = begin + (part.size() - trim_left(part).size());
    if (!trim(part).empty()) parts.emplace_back(first, first + trim(part).size());
    begin = end + 1;
  }
  return parts;
}

bool Metadata::knows(std::string_view key) {
  const std::string name = name_of_key(key);
  return name == "risk" || std::ranges::find(known, name) != known.end();
}

void Metadata::front_matter(const std::vector<FrontMember>& members) {
  in_front_matter_ = true;
  for (const FrontMember& member : members) set(member.key, member.value, member.span, member.elements);
  in_front_matter_ = false;
}

void Metadata::set(std::string_view key, const Value& value, const SourceSpan& place,
                   const std::vector<SourceSpan>& elements) {
  std::string name = name_of_key(key);
  if (name == "risk" && value.is_string() && risk_level(value.get_string())) name = "risk level";
  if (is_there(name, key, value, place)) return;
  const bool title = name == "title" && in_front_matter_;
  if (!title && std::ranges::find(known, name) == known.end()) {
    book_.metadata[key] = value;
  } else if (name == "required access") {
    access(key, value, place, elements);
  } else if (const auto text = text_of(key, value, place)) {
    if (title) book_.title = one_line(*text);
    if (name == "purpose") book_.purpose = *text;
    if (name == "frequency") frequency(*text, place);
    if (name == "risk level") risk(*text, place);
  }
}

/// Front matter may say again what the text says, and the other way round, as long as it is the same.
bool Metadata::is_there(const std::string& name, std::string_view key, const Value& value, const SourceSpan& place) {
  const auto [first, inserted] = seen_.emplace(name, Seen{as_line(value), place.line, in_front_matter_});
  if (inserted) return false;
  if (first->second.in_front_matter && !in_front_matter_ && lower(first->second.value) == lower(as_line(value)))
    return true;
  context_.findings.error("duplicate-key", place,
                          fmt::format("'{}' is there twice, first in line {}", key, first->second.line),
                          "keep one of the two");
  return true;
}

std::optional<std::string> Metadata::text_of(std::string_view key, const Value& value, const SourceSpan& place) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string() || all_strings(value))
    return value.is_string() ? std::string(trim(value.get_string())) : as_line(value);
  const bool word = value.is_number() || value.is_bool();
  context_.findings.error("front-matter", place, fmt::format("'{}' is text, and this is none", key),
                          word ? "put quotes around it" : "write it on one line");
  return std::nullopt;
}

void Metadata::access(std::string_view key, const Value& value, const SourceSpan& place,
                      const std::vector<SourceSpan>& elements) {
  if (all_strings(value)) {
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      add_access(value.get_array()[i].get_string(), i < elements.size() ? elements[i] : place);
    }
    return;
  }
  const auto text = text_of(key, value, place);
  if (!text) return;
  const auto parts = listed_parts(*text);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto [begin, end] = parts[i];
    add_access(std::string_view(*text).substr(begin, end - begin),
               parts.size() == elements.size() ? elements[i] : place);
  }
}

/// Code marks around an item do not count.
void Metadata::add_access(std::string_view item, const SourceSpan& place) {
  item = trim(item);
  if (item.size() > 2 && item.starts_with('`') && item.ends_with('`')) item = item.substr(1, item.size() - 2);
  if (item.empty()) return;
  book_.required_access.push_back(parse_access(item));
  book_.required_access.back().span = place;
}

void Metadata::frequency(std::string_view value, const SourceSpan& place) {
  book_.frequency = parse_frequency(value);
  if (book_.frequency.kind != Frequency::Kind::unspecified || book_.frequency.text.empty()) return;
  context_.findings.warning("frequency", place, fmt::format("'{}' is no frequency: nothing follows from it", value),
                            "write daily, weekly, monthly, quarterly, yearly, every 10 days, on demand, per release or "
                            "P2W");
}

void Metadata::risk(std::string_view value, const SourceSpan& place) {
  if (const auto level = risk_level(value)) {
    book_.risk_level = *level;
    return;
  }
  const std::vector<std::string> levels{"Low", "Medium", "High", "Critical"};
  std::string hint = did_you_mean(value, levels);
  context_.findings.error("risk-level", place, fmt::format("'{}' is no risk level", value),
                          hint.empty() ? "use Low, Medium, High or Critical" : hint);
}

} // namespace runbook::markdown
