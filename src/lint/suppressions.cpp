#include "lint/suppressions.hpp"

#include "markdown/text.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace runbook::linting {

using markdown::Node;
using markdown::NodeType;
using markdown::trim;

namespace {

constexpr std::size_t most = 1000; // in one document: each finding is compared with all of them
constexpr std::string_view form = "write <!-- runbook-lint-ignore CODE: why -->";

bool is_comment(Node node) {
  return node.is(NodeType::html) && trim(node.literal()).starts_with("<!--");
}

/// The block that a comment speaks of.
Node target_of(Node comment, Node root) {
  if (comment.is(NodeType::inline_html)) {
    Node block = comment;
    while (block && !block.is(NodeType::paragraph) && !block.is(NodeType::heading)) block = block.parent();
    const Node parent = block ? block.parent() : Node();
    return parent && parent.is(NodeType::item) && parent.first_child() == block ? parent : block;
  }
  Node next = comment.after_in(root);
  while (next && is_comment(next)) next = next.after_in(root);
  return next && next.is(NodeType::list) ? next.first_child() : next;
}

/// The last line of a block; of a heading, of all that stands below it.
std::uint32_t last_line(const Source& source, Node block) {
  Node last = block;
  if (block.is(NodeType::heading)) {
    for (Node node = block.next(); node; node = node.next()) {
      if (node.is(NodeType::heading) && node.heading_level() <= block.heading_level()) break;
      last = node;
    }
  }
  return source.context().span(last).end_line;
}

std::string unknown_code(std::string_view code) {
  std::vector<std::string> known;
  for (const LintRule& rule : lint_rules()) known.emplace_back(rule.code);
  const std::string near = did_you_mean(code, known);
  return near.empty() ? "docs/lint.md lists the codes" : near;
}

} // namespace

Suppressions::Suppressions(const Source& source, Findings& findings) : source_(source), findings_(findings) {
  for (Node node = source.root(); node; node = node.next_in(source.root())) {
    if (node.is(NodeType::html) || node.is(NodeType::inline_html)) read(node);
  }
}

void Suppressions::read(Node node) {
  const std::string_view text = node.literal();
  for (std::size_t at = text.find("<!--"); at != std::string_view::npos; at = text.find("<!--", at + 4)) {
    const std::size_t end = text.find("-->", at);
    if (end == std::string_view::npos) return;
    const std::string_view inside = trim(text.substr(at + 4, end - at - 4));
    if (!inside.starts_with("runbook-lint")) continue;
    const auto before = static_cast<std::uint32_t>(std::ranges::count(text.substr(0, at), '\n'));
    const std::uint32_t line = node.line() + before;
    const std::string_view raw = source_.text().line(line);
    const std::size_t begin = std::min(raw.find("<!--"), raw.size());
    comment(node, inside, source_.text().in_line(line, begin, markdown::trim_right(raw).size()));
  }
}

void Suppressions::comment(Node node, std::string_view text, const SourceSpan& place) {
  const std::size_t end = std::min(text.find_first_of(" \t\n:"), text.size());
  const std::string_view word = text.substr(0, end);
  const bool whole = word == "runbook-lint-ignore-file";
  if (!whole && word != "runbook-lint-ignore") {
    findings_.warning("suppression", place, fmt::format("'{}' is nothing that the linter knows", word), form);
    return;
  }
  const std::string_view rest = text.substr(end);
  const std::size_t colon = std::min(rest.find(':'), rest.size());
  const std::string_view reason = trim(rest.substr(std::min(colon + 1, rest.size())));
  if (reason.empty()) {
    findings_.warning("suppression", place, "a suppression that gives no reason suppresses nothing", form);
  } else if (entries_.size() >= most) {
    findings_.warning("suppression", place,
                      fmt::format("more than {} suppressions: this one counts for nothing", most));
  } else {
    add(node, rest.substr(0, colon), reason, place, whole);
  }
}

void Suppressions::add(Node node, std::string_view codes, std::string_view reason, const SourceSpan& place,
                       bool whole) {
  Entry entry{{}, markdown::one_line(reason), place, 0, std::numeric_limits<std::uint32_t>::max()};
  if (!whole) {
    const Node target = target_of(node, source_.root());
    entry.first = target ? target.line() : place.line;
    entry.last = target ? last_line(source_, target) : place.line;
  }
  bool any = false;
  while (!trim(codes).empty()) {
    codes = codes.substr(std::min(codes.find_first_not_of(", \t\n"), codes.size()));
    const std::size_t end = std::min(codes.find_first_of(", \t\n"), codes.size());
    entry.code = codes.substr(0, end);
    codes.remove_prefix(end);
    if (entry.code.empty()) break;
    any = true;
    if (find_lint_rule(entry.code) != nullptr) {
      entries_.push_back(entry);
    } else {
      findings_.warning("suppression", place, fmt::format("there is no code '{}'", entry.code),
                        unknown_code(entry.code));
    }
  }
  if (!any) findings_.warning("suppression", place, "a suppression that names no code suppresses nothing", form);
}

bool Suppressions::covers(const Entry& entry, const Diagnostic& diagnostic) const {
  return entry.code == diagnostic.code && entry.first <= diagnostic.span.line && diagnostic.span.line <= entry.last;
}

std::vector<Suppressed> Suppressions::take(std::vector<Diagnostic>& diagnostics) {
  std::vector<Suppressed> taken;
  std::vector<Diagnostic> kept;
  for (Diagnostic& diagnostic : diagnostics) {
    const auto entry = std::ranges::find_if(entries_, [&](const Entry& e) { return covers(e, diagnostic); });
    if (entry == entries_.end()) {
      kept.push_back(std::move(diagnostic));
    } else if (diagnostic.severity == Severity::error) {
      entry->refused = true;
      kept.push_back(std::move(diagnostic));
    } else {
      entry->met = true;
      taken.push_back({std::move(diagnostic), entry->reason});
    }
  }
  diagnostics = std::move(kept);
  return taken;
}

void Suppressions::report_unused(Findings& findings) const {
  for (const Entry& entry : entries_) {
    if (entry.met) continue;
    if (entry.refused) {
      findings.warning("suppression", entry.place,
                       fmt::format("'{}' is an error here: it keeps the document from running", entry.code),
                       "an error cannot be suppressed: remove its cause");
    } else {
      findings.warning("unused-suppression", entry.place, fmt::format("nothing here is found as '{}'", entry.code),
                       "remove it from the comment");
    }
  }
}

} // namespace runbook::linting
