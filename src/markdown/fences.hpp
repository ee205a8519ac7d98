// From a fenced block to an action.
#pragma once

#include "markdown/attributes.hpp"
#include "markdown/expected_output.hpp"
#include "markdown/info_string.hpp"
#include "markdown/languages.hpp"

#include <string_view>

namespace runbook::markdown {

/// The action of a block whose use is runnable. What is wrong with it is a finding.
[[nodiscard]] Action read_action(const Context& context, Node fence, const InfoString& info, Bearer bearer,
                                 StepSettings& settings);

/// Says what is wrong with how the attributes are written.
void report_flaws(const Context& context, const InfoString& info);

/// Says of a block that is not run why that is so. `why` completes "… is shown and not run". In prose nobody expects it
/// to be run, so there it is a note.
void explain_unrun(const Context& context, Node code, std::string_view why, Severity severity = Severity::warning);

} // namespace runbook::markdown
