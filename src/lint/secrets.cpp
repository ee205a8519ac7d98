#include "lint/rules.hpp"
#include "lint/secret_shapes.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::linting {

using markdown::NodeType;

namespace {

void report(Findings& findings, const SourceText& text, std::uint32_t line, std::vector<Secret> secrets) {
  std::ranges::sort(secrets, {}, &Secret::begin);
  std::size_t told = 0;
  for (const Secret& secret : secrets) {
    if (secret.begin < told) continue; // a token that is also a password
    told = secret.end;
    findings.warning("secret-in-plain-text", text.in_line(line, secret.begin, secret.end),
                     fmt::format("this looks like {}, for all to read", secret.what),
                     "replace it where it is valid, and let whoever runs this supply it: an input, or a file that only "
                     "they can read");
  }
}

/// For each line whether it is in a block of code.
std::vector<bool> lines_of_code(const Source& source) {
  std::vector<bool> code(source.text().line_count() + 1, false);
  for (markdown::Node node = source.root(); node; node = next_block(node, source.root())) {
    if (!node.is(NodeType::code)) continue;
    const std::size_t last = std::min<std::size_t>(node.end_line(), source.text().line_count());
    for (std::size_t line = node.line(); line <= last; ++line) code[line] = true;
  }
  return code;
}

void check_text(const SourceText& text, const std::vector<bool>& code, Findings& findings) {
  for (std::uint32_t number = 1; number <= text.line_count(); ++number) {
    std::vector<Secret> found = find_tokens(text.line(number));
    if (code.empty() || code[number]) std::ranges::copy(find_credentials(text.line(number)), std::back_inserter(found));
    if (!found.empty()) report(findings, text, number, std::move(found));
  }
}

} // namespace

void check_secrets(const Subject& subject, Findings& findings) {
  if (subject.source != nullptr) return check_text(subject.source->text(), lines_of_code(*subject.source), findings);
  if (!subject.book.source.empty()) check_text(SourceText(subject.text), {}, findings);
}

} // namespace runbook::linting
