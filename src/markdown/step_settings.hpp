// What is said of a step as a whole, in its title or on its fences, until all of it has been read.
#pragma once

#include "markdown/headings.hpp"
#include "markdown/info_string.hpp"

#include <optional>
#include <string>

namespace runbook::markdown {

/// What a command says of the output that is expected of it, until that has come.
struct AwaitedOutput {
  SourceSpan expect;                      ///< of the word `expect`, while the block that it announces has not come
  std::optional<Expectation::Kind> match; ///< how the output is compared
  SourceSpan match_span;                  ///< while nothing has been compared that way
};

struct StepSettings {
  std::string id;
  SourceSpan id_span;
  std::string undo; ///< the id of the step that this item takes back
  SourceSpan undo_span;
  bool irreversible = false;
  SourceSpan irreversible_span;
  std::optional<OnFailure> on_failure;
  std::optional<OnDoubt> on_doubt;
  bool isolated = false;
  Boxed<Flow> flow;
  std::string as;             ///< the name of a loop's value
  std::uint32_t parallel = 0; ///< how many of a loop at once; 0: nothing is said
  SourceSpan as_span;
  SourceSpan parallel_span;
  SourceSpan needs_span;
  AwaitedOutput output; ///< of the command that was read last
};

/// Puts all of it into the step when the step has been read. What contradicts or has no meaning is a finding.
void settle_step(const Context& context, StepSettings& settings, SectionKind section, Step& step);

} // namespace runbook::markdown
