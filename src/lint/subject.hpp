// What the rules look at: the runbook, its scripts and, where it is Markdown, the source.
//
// Ownership: refers to all of it. Thread-safety: belongs to one thread.
#pragma once

#include "lint/script.hpp"
#include "lint/source.hpp"
#include "markdown/context.hpp"

#include <runbook/lint.hpp>

#include <string_view>
#include <vector>

namespace runbook::linting {

struct Subject {
  std::string_view text; ///< of the document
  const Runbook& book;
  const HandlerRegistry& handlers;
  const LintOptions& options;
  const Source* source; ///< null: the JSON form, or a text that is no Markdown
  std::vector<PlacedStep> steps;
  std::vector<Script> scripts;
};

using markdown::Findings;

/// Adds a warning that names the step that it is about.
inline void warn(Findings& findings, std::string_view code, const SourceSpan& place, std::string_view step,
                 std::string_view message, std::string_view hint) {
  findings.warning(code, place, message, hint);
  findings.name_step(step);
}

} // namespace runbook::linting
