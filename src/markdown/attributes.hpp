// Taking the attributes of a fence or a title over: the common rules. What each of them means is in
// step_attributes.hpp and action_attributes.hpp.
#pragma once

#include "markdown/attribute_set.hpp"
#include "markdown/info_string.hpp"
#include "markdown/step_settings.hpp"

#include <vector>

namespace runbook::markdown {

/// Takes the attributes over. Whatever is unknown, misplaced, given twice or wrong is a finding; nothing is ignored.
/// `action` is null for an expectation and a title.
void apply_attributes(const Context& context, const std::vector<Attribute>& attributes, Bearer bearer, Action* action,
                      StepSettings& settings);

/// Whether the text between the braces at the end of a title is meant as attributes, and is not just text.
[[nodiscard]] bool reads_as_attributes(const std::vector<Attribute>& attributes);

} // namespace runbook::markdown
