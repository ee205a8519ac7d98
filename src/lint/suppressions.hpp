// Comments in a document that say which findings are to be left out, and why:
//
//   <!-- runbook-lint-ignore CODE, CODE: reason -->       of the block, list item or headed section that follows
//   <!-- runbook-lint-ignore-file CODE, CODE: reason -->  of the whole document
//
// Ownership: refers to the source. Thread-safety: belongs to one thread.
#pragma once

#include "lint/subject.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace runbook::linting {

class Suppressions {
public:
  /// Reads the comments. What is wrong with them becomes a finding.
  Suppressions(const Source& source, Findings& findings);

  /// Takes what is suppressed out of `diagnostics`. Errors stay: they keep the document from running.
  [[nodiscard]] std::vector<Suppressed> take(std::vector<Diagnostic>& diagnostics);
  /// Reports the suppressions that nothing was left out for.
  void report_unused(Findings& findings) const;

private:
  struct Entry {
    std::string code;
    std::string reason;
    SourceSpan place;
    std::uint32_t first = 0; ///< line
    std::uint32_t last = 0;
    bool met = false;     ///< something was left out
    bool refused = false; ///< what it names is an error
  };
  void read(markdown::Node node);
  void comment(markdown::Node node, std::string_view text, const SourceSpan& place);
  void add(markdown::Node node, std::string_view codes, std::string_view reason, const SourceSpan& place, bool whole);
  [[nodiscard]] bool covers(const Entry& entry, const Diagnostic& diagnostic) const;

  const Source& source_;
  Findings& findings_;
  std::vector<Entry> entries_;
};

} // namespace runbook::linting
