// What every part of the Markdown reader works with: the text, the options and the findings.
//
// Ownership: a `Context` refers to all of them. Thread-safety: belongs to one thread.
#pragma once

#include "findings_limit.hpp"
#include "markdown/node.hpp"
#include "source_text.hpp"

#include <runbook/parse.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::markdown {

/// Gathers diagnostics. Text of the document in them is made printable here, once for all of them.
class Findings {
public:
  explicit Findings(std::string path) : path_(std::move(path)) {}

  void error(std::string_view code, const SourceSpan& span, std::string_view message, std::string_view hint = {});
  void warning(std::string_view code, const SourceSpan& span, std::string_view message, std::string_view hint = {});
  void note(std::string_view code, const SourceSpan& span, std::string_view message, std::string_view hint = {});
  void add(Severity severity, std::string_view code, const SourceSpan& span, std::string_view message,
           std::string_view hint = {});

  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
  /// Whether nothing more will be kept: nobody has to look for a hint then.
  [[nodiscard]] bool full() const noexcept { return limit_.reached(); }
  /// Says which step the findings from index `first` up to `last` are about, where they do not say so already.
  void name_step(std::size_t first, std::size_t last, std::string_view id);
  /// The same for the last finding.
  void name_step(std::string_view id) {
    if (last_is_kept_) name_step(size() - 1, size(), id);
  }
  /// All of them in order of place.
  [[nodiscard]] std::vector<Diagnostic> take();

private:
  std::string path_;
  std::vector<Diagnostic> all_;
  FindingsLimit limit_;
  bool last_is_kept_ = false;
};

struct Context {
  const SourceText& source;
  const ParseOptions& options;
  Findings& findings;

  /// Where a block stands, without the blank lines that cmark counts at its end.
  [[nodiscard]] SourceSpan span(Node block) const;
  [[nodiscard]] SourceSpan first_line(Node block) const;
  /// The lines of a block as they are in the document, without the indentation that its container gives them.
  [[nodiscard]] std::string markdown(Node block) const;
};

} // namespace runbook::markdown
