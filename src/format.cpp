#include <runbook/format.hpp>

#include "format/layout.hpp"
#include "format/pretty_json.hpp"
#include "format/same_meaning.hpp"
#include "format/same_tree.hpp"
#include "markdown/clean_text.hpp"
#include "markdown/text.hpp"
#include "markdown/tree.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace runbook {

namespace {

using markdown::Context;
using markdown::Findings;

Error unreadable(Findings& findings) {
  return {errc::invalid_document, "the document cannot be laid out", findings.take()};
}

/// How many bytes at the start are front matter: YAML between two lines `---`.
std::size_t front_matter_size(std::string_view text) {
  if (!text.starts_with("---\n") || text.size() == 4 || text[4] == '\n') return 0;
  std::string_view rest = text.substr(4);
  for (std::string_view line; markdown::next_line(rest, line);) {
    const std::string_view mark = markdown::trim_right(line);
    if (mark == "---" || mark == "...") return text.size() - rest.size();
  }
  return 0;
}

/// The text below the front matter, with its lines where they are.
std::string without_front_matter(std::string_view text, std::size_t front) {
  std::string out(text);
  std::replace_if(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(front), [](char c) { return c != '\n'; }, ' ');
  return out;
}

/// Nothing if another document would come of it.
std::optional<std::string> lay_out(const std::string& clean, const ParseOptions& options, const markdown::Tree& tree,
                                   format::InnerLists inner) {
  const std::size_t front = front_matter_size(clean);
  const std::string body = without_front_matter(clean, front);
  const SourceText source(body);
  Findings ignored(options.path);
  std::string out = clean.substr(0, front);
  if (front > 0 && !out.ends_with('\n')) out += '\n';
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(out, '\n'));
  const std::string blocks = format::lay_out(Context{source, options, ignored}, tree.root(), lines + 1, inner);
  if (front > 0 && !blocks.empty()) out += '\n';
  const std::size_t size = out.size();
  out += blocks;
  const markdown::TreeResult after = markdown::parse_tree(without_front_matter(out, size));
  if (!after.tree || !format::same_tree(tree.root(), after.tree->root())) return std::nullopt;
  return out;
}

Error refused(std::string_view difference) {
  return {errc::unexpected,
          fmt::format("the canonical layout would change {}, so the document is left as it is", difference),
          {}};
}

} // namespace

Result<std::string> format_markdown(std::string_view text, const ParseOptions& options) {
  Findings findings(options.path);
  const std::string clean = markdown::normalised(text.substr(0, max_document_bytes));
  if (!markdown::is_readable(text, SourceText(clean), findings)) return unreadable(findings);
  const std::string body = without_front_matter(clean, front_matter_size(clean));
  const markdown::TreeResult tree = markdown::parse_tree(body);
  if (!tree.tree) {
    findings.error("limit", SourceText(body).in_line(tree.line, 0, 0), tree.limit);
    return unreadable(findings);
  }
  const Parsed before = parse_markdown(clean, options);
  std::string difference;
  for (const auto inner : {format::InnerLists::laid_out, format::InnerLists::kept}) {
    std::optional<std::string> out = lay_out(clean, options, *tree.tree, inner);
    if (!out) return refused("its structure");
    if (*out == clean) return clean;
    difference = format::difference(before, parse_markdown(*out, options));
    if (difference.empty()) return std::move(*out);
  }
  return refused(difference);
}

Result<std::string> format_json_form(std::string_view text, const ParseOptions& options) {
  Parsed parsed = parse_json_form(text, options);
  if (parsed.ok()) return format::pretty_json(to_json(parsed.runbook));
  return Error{errc::invalid_document, "the document cannot be laid out", std::move(parsed.diagnostics)};
}

} // namespace runbook
