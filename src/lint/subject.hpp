// What the rules look at: the runbook, its scripts and, where it is Markdown, the source.
//
// Ownership: refers to all of it. Thread-safety: belongs to one thread.
#pragma once

#include "lint/script.hpp"
#include "lint/source.hpp"
#include "markdown/context.hpp"

#include <runbook/lint.hpp>

#include <memory>
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

/// The handler of an action, by its name or by a fence language that it claims; or null.
inline std::shared_ptr<const Handler> handler_of(const Subject& subject, const Action& action) {
  auto handler = subject.handlers.find(action.handler);
  return handler ? handler : subject.handlers.find_language(action.handler);
}

/// Adds a warning that names the step that it is about.
inline void warn(Findings& findings, std::string_view code, const SourceSpan& place, std::string_view step,
                 std::string_view message, std::string_view hint) {
  findings.warning(code, place, message, hint);
  findings.name_step(step);
}

} // namespace runbook::linting
