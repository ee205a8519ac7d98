// The attributes that are about a step as a whole: its id, when and how often it is done, what its failure means.
#pragma once

#include "markdown/info_string.hpp"
#include "markdown/step_settings.hpp"

#include <string_view>

namespace runbook::markdown {

/// Takes an attribute over if it is one of these; `name` is its name, or `id` for `#name`. False if it is not. What is
/// wrong with its value is a finding.
[[nodiscard]] bool take_step_attribute(Findings& findings, const Attribute& attribute, std::string_view name,
                                       StepSettings& settings);

} // namespace runbook::markdown
