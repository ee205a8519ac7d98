#include "lint/plan_findings.hpp"

#include <runbook/plan.hpp>

#include <string>
#include <unordered_set>

namespace runbook::linting {

std::vector<Diagnostic> plan_findings(const Parsed& parsed, const HandlerRegistry& handlers) {
  Result<Plan> plan = make_plan(parsed.runbook, handlers);
  std::vector<Diagnostic> found = plan ? plan->warnings() : std::move(plan.error().diagnostics);
  std::unordered_set<std::string> known;
  for (const Diagnostic& diagnostic : parsed.diagnostics) known.insert(to_string(diagnostic));
  std::erase_if(found, [&](const Diagnostic& d) {
    if (d.code == "missing-input" || d.code == "runbook-not-read" || d.path != parsed.runbook.path ||
        !known.insert(to_string(d)).second)
      return true;
    return !parsed.ok() &&
           (d.code == "empty-runbook" || d.code == "empty-step" || d.code == "no-handler" || d.code == "empty-script");
  });
  return found;
}

} // namespace runbook::linting
