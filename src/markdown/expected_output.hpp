// The block that shows what a command prints.
#pragma once

#include "markdown/languages.hpp"
#include "markdown/step_settings.hpp"

namespace runbook::markdown {

/// Whether a fence without a label is expected output, because the command before it or the fence itself says `expect`.
[[nodiscard]] bool is_expected_output(Node fence, const InfoString& info, FenceUse use, const AwaitedOutput& output);

/// The block as what the action prints.
[[nodiscard]] Expectation read_expectation(const Context& context, Node fence, const InfoString& info,
                                           const Action& action, AwaitedOutput& output);

/// Compares what a terminal session shows as the command's `match` says.
void match_session(AwaitedOutput& output, Expectation& expectation);

/// When the next command comes or the step ends: what was announced and has not come is an error.
void settle_output(const Context& context, AwaitedOutput& output);

} // namespace runbook::markdown
