#include "format/fence_text.hpp"

#include "markdown/attributes.hpp"
#include "markdown/text.hpp"
#include "names.hpp"
#include "sort_stably.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace runbook::format {

namespace {

using markdown::Attribute;
using markdown::trim;

constexpr std::array<std::string_view, 33> order{
    "handler", "id",           "path",     "mode",       "backup",   "message", "answer", "choices",  "pattern",
    "shell",   "user",         "cwd",      "env",        "when",     "foreach", "as",     "parallel", "needs",
    "timeout", "retries",      "backoff",  "jitter",     "until",    "capture", "expect", "match",    "effect",
    "undo",    "irreversible", "isolated", "on_failure", "on_doubt", "probe"};

constexpr std::size_t longest_mark = 255; // cmark does not tell longer ones apart

bool is_effect(std::string_view name) {
  return enum_from<Effect>(name).has_value();
}

std::string quoted(std::string_view value) {
  const char quote =
      value.find('"') != std::string_view::npos && value.find('\'') == std::string_view::npos ? '\'' : '"';
  std::string out(1, quote);
  for (const char c : value) {
    if (c == quote || c == '\\') out += '\\';
    out += c;
  }
  return out + quote;
}

/// The longest run of the mark at the start of a line, blanks in front of it left out.
std::size_t longest_run(std::string_view text, char mark) {
  std::size_t longest = 0;
  for (std::string_view line; markdown::next_line(text, line);) {
    line = markdown::trim_left(line);
    longest = std::max(longest, std::min(line.find_first_not_of(mark), line.size()));
  }
  return longest;
}

/// Attributes that are all known, each given once.
bool is_plain(const std::vector<Attribute>& attributes) {
  std::vector<std::string> names;
  for (const Attribute& a : attributes) {
    std::string name = a.name.starts_with('#') ? "id" : is_effect(a.name) ? "effect" : a.name;
    if (!markdown::is_format_attribute(name) || std::ranges::find(names, name) != names.end()) return false;
    names.push_back(std::move(name));
  }
  return true;
}

} // namespace

std::string attribute_text(std::string_view name, std::string_view value, bool has_value) {
  if (name.starts_with('#')) return fmt::format("id={}", name.substr(1));
  if (!has_value) return std::string(name);
  if (name == "effect" && is_effect(value)) return std::string(value);
  const bool bare = !value.empty() && value.find_first_of(" \t,{}\"'\\") == std::string_view::npos;
  return fmt::format("{}={}", name, bare ? std::string(value) : quoted(value));
}

bool is_word(std::string_view name) noexcept {
  return is_effect(name) || name == "irreversible" || name == "isolated" || name == "expect";
}

std::size_t attribute_rank(std::string_view name) noexcept {
  if (name.starts_with('#')) name = "id";
  if (is_effect(name)) name = "effect";
  return static_cast<std::size_t>(std::ranges::find(order, name) - order.begin());
}

std::vector<std::string> fence_lines(std::string_view info, std::string_view text, bool empty) {
  const bool backticks = info.find('`') == std::string_view::npos && longest_run(text, '`') < longest_mark;
  const char mark = backticks ? '`' : '~';
  const std::string fence(std::max<std::size_t>(3, longest_run(text, mark) + 1), mark);
  std::vector<std::string> lines{fence + std::string(info)};
  while (!empty) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  lines.push_back(fence);
  return lines;
}

std::string canonical_info(std::string_view raw, const markdown::InfoString& info, bool runnable) {
  raw = trim(raw);
  if (!runnable || !info.flaws.empty() || !is_plain(info.attributes)) return std::string(raw);
  std::vector<Attribute> sorted = info.attributes;
  sort_stably(sorted, [](const Attribute& a) { return attribute_rank(a.name); });
  std::string out = info.language;
  for (const Attribute& a : sorted) {
    out += out.size() == info.language.size() ? " {" : " ";
    out += attribute_text(a.name, a.value, a.has_value);
  }
  return sorted.empty() ? out : out + "}";
}

} // namespace runbook::format
