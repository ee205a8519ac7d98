#include <runbook/format.hpp>

#include "format/layout.hpp"
#include "format/pretty_json.hpp"
#include "format/same_meaning.hpp"
#include "format/tree_shape.hpp"
#include "markdown/clean_text.hpp"
#include "markdown/front_matter.hpp"
#include "markdown/metadata.hpp"
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

/// The text with blanks in the place of front matter.
struct Body {
  std::string text;
  std::size_t front = 0; ///< how many bytes that is, the line end behind it included
  bool titled = false;   ///< by the front matter
};

Body without_front_matter(std::string_view text, const ParseOptions& options) {
  Findings findings(options.path);
  Body body;
  std::string_view rest = text;
  const markdown::FrontMatter front = markdown::take_front_matter(rest, body.text, findings);
  if (rest.data() != body.text.data()) body.text = rest;
  body.front = front.size;
  const SourceText source(body.text);
  Runbook said;
  markdown::Metadata(Context{source, options, findings}, said).front_matter(front.members);
  body.titled = !said.title.empty();
  return body;
}

std::string lay_out(std::string_view clean, const Body& body, const ParseOptions& options, const markdown::Tree& tree,
                    format::InnerLists inner) {
  const SourceText source(body.text);
  Findings ignored(options.path);
  std::string out(clean.substr(0, body.front));
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(out, '\n'));
  const Context context{source, options, ignored};
  const std::string blocks = format::lay_out(context, tree.root(), {lines + 1, inner, body.titled});
  if (!out.empty() && !blocks.empty()) out += '\n';
  out += blocks;
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
  std::string changed;
  const std::string_view clean = markdown::normalised(text.substr(0, max_document_bytes), changed);
  if (!markdown::is_readable(text, SourceText(clean), findings)) return unreadable(findings);
  const Body body = without_front_matter(clean, options);
  const markdown::TreeResult tree = markdown::parse_tree(body.text);
  if (!tree.tree) {
    findings.error("limit", SourceText(body.text).in_line(tree.line, 0, 0), tree.limit);
    return unreadable(findings);
  }
  const std::string shape = format::shape_of(tree.tree->root());
  const Parsed before = parse_markdown(clean, options);
  std::string difference;
  for (const auto inner : {format::InnerLists::laid_out, format::InnerLists::kept}) {
    std::string out = lay_out(clean, body, options, *tree.tree, inner);
    if (out == clean) return out;
    if (format::shape_of(without_front_matter(out, options).text) != shape) return refused("its structure");
    difference = format::difference(before, parse_markdown(out, options));
    if (difference.empty()) return out;
  }
  return refused(difference);
}

Result<std::string> format_json_form(std::string_view text, const ParseOptions& options) {
  Parsed parsed = parse_json_form(text, options);
  if (parsed.ok()) return format::pretty_json(to_json(parsed.runbook));
  return Error{errc::invalid_document, "the document cannot be laid out", std::move(parsed.diagnostics)};
}

} // namespace runbook
