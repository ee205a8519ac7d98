#include "lint/anchors.hpp"

#include "lint/source.hpp"
#include "markdown/inline_text.hpp"
#include "markdown/text.hpp"
#include "suggest.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace runbook::linting {

using markdown::Node;
using markdown::NodeType;

namespace {

std::string without_non_ascii(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) out += c;
  }
  return out;
}

/// Characters beyond ASCII that are no letters: punctuation, symbols, emoji and what joins them.
bool is_symbol(char32_t c) noexcept {
  constexpr std::array<std::pair<char32_t, char32_t>, 7> ranges{
      {{0x80, 0xA9}, {0xAB, 0xB4}, {0xB6, 0xB9}, {0xBB, 0xBF}, {0x2000, 0x2BFF}, {0x3000, 0x3004}, {0xFE00, 0xFE6F}}};
  if (c >= 0x1F000 && c <= 0x1FAFF) return true;
  return std::ranges::any_of(ranges, [c](const auto& range) { return c >= range.first && c <= range.second; });
}

/// `{#name}` at the end of a heading, which some hosts take for its anchor.
std::string stated_anchor(std::string_view text) {
  if (!text.ends_with('}')) return {};
  const std::size_t open = text.rfind("{#");
  if (open == std::string_view::npos) return {};
  const std::string_view name = text.substr(open + 2, text.size() - open - 3);
  return std::string(name.substr(0, name.find(' ')));
}

} // namespace

std::string heading_slug(std::string_view text) {
  std::string out;
  const std::string lowered = markdown::lower(text);
  for (std::size_t at = 0; at < lowered.size();) {
    const char c = lowered[at];
    const CodePoint point = code_point_at(lowered, at);
    const std::size_t size = std::max<std::size_t>(point.size, 1);
    if (static_cast<unsigned char>(c) < 0x80) {
      if (markdown::is_letter(c) || markdown::is_digit(c) || c == '-' || c == '_') out += c;
      if (markdown::is_blank(c)) out += '-';
    } else if (!is_symbol(point.value)) {
      out += lowered.substr(at, size);
    }
    at += size;
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    const char small = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    if (markdown::is_digit(small)) return small - '0';
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escape = text[at] == '%' && at + 2 < text.size() && digit(text[at + 1]) >= 0 && digit(text[at + 2]) >= 0;
    out += escape ? static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2])) : text[at];
    if (escape) at += 2;
  }
  return out;
}

Anchors::Anchors(Node root) {
  add("top");
  for (Node node = root; node; node = node.next_in(root)) {
    if (node.is(NodeType::heading)) heading(node);
    if (node.is(NodeType::html) || node.is(NodeType::inline_html)) html(node.literal());
  }
}

bool Anchors::has(std::string_view fragment) const {
  std::string name = markdown::lower(percent_decoded(fragment));
  if (name.starts_with("user-content-")) name.erase(0, 13);
  if (name.empty() || names_.contains(name)) return true;
  if (name.starts_with(":~:")) return true; // text that a browser looks for
  const std::string plain = without_non_ascii(name);
  return plain.size() != name.size() && plain_.contains(plain);
}

std::string Anchors::near(std::string_view fragment) const {
  const std::string found = did_you_mean(markdown::lower(percent_decoded(fragment)), order_);
  const std::size_t quote = found.find('\'');
  return quote == std::string::npos ? found : found.substr(0, quote + 1) + "#" + found.substr(quote + 1);
}

void Anchors::heading(Node node) {
  const std::string text = markdown::one_line(markdown::plain_text(node));
  if (std::string stated = stated_anchor(text); !stated.empty()) add(markdown::lower(stated));
  const std::string slug = heading_slug(text);
  const std::size_t before = slugs_[slug]++;
  add(before == 0 ? slug : fmt::format("{}-{}", slug, before));
}

/// `<a name="here">`, `<h2 id='here'>`.
void Anchors::html(std::string_view text) {
  for (const std::string_view attribute : {"id=", "name="}) {
    for (std::size_t at = text.find(attribute); at != std::string_view::npos; at = text.find(attribute, at + 1)) {
      std::size_t begin = at + attribute.size();
      const char quote = begin < text.size() ? text[begin] : '\0';
      const bool quoted = quote == '"' || quote == '\'';
      if (quoted) ++begin;
      const std::size_t end = quoted ? text.find(quote, begin) : text.find_first_of(" \t\n/>", begin);
      if (end == std::string_view::npos) continue;
      add(markdown::lower(text.substr(begin, end - begin)));
    }
  }
}

void Anchors::add(std::string name) {
  plain_.insert(without_non_ascii(name));
  if (names_.insert(name).second) order_.push_back(std::move(name));
}

} // namespace runbook::linting
