// What planning finds beyond the text itself.
#pragma once

#include <runbook/handler.hpp>
#include <runbook/parse.hpp>

#include <vector>

namespace runbook::linting {

/// Findings of a plan without inputs that reading did not have. Inputs that are missing say nothing; and where the text
/// has errors, what is missing may be what could not be read.
[[nodiscard]] std::vector<Diagnostic> plan_findings(const Parsed& parsed, const HandlerRegistry& handlers);

} // namespace runbook::linting
