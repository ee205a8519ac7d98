// The attributes that are about one command: how long, how often, what becomes of its output, and what its script finds
// around it.
#pragma once

#include "markdown/info_string.hpp"
#include "markdown/step_settings.hpp"

#include <string_view>

namespace runbook::markdown {

/// Takes an attribute over if it is one of these. False if it is not. What is wrong with its value is a finding. What
/// belongs to a handler (`cwd env user shell`) goes into the action's parameters, `handler` into its handler.
[[nodiscard]] bool take_action_attribute(Findings& findings, const Attribute& attribute, Action& action);

/// The same for what is said of the expected output: `expect` and `match`.
[[nodiscard]] bool take_output_attribute(Findings& findings, const Attribute& attribute, AwaitedOutput& output);

} // namespace runbook::markdown
