#include "markdown/step_settings.hpp"

#include "markdown/expected_output.hpp"

namespace runbook::markdown {

namespace {

/// What says something about a loop goes into it, or there is none.
void settle_loop(Findings& findings, const StepSettings& settings, Flow* flow) {
  const bool loops = flow != nullptr && flow->loop;
  for (const auto& [name, span] : {std::pair{"as", settings.as_span}, std::pair{"parallel", settings.parallel_span}}) {
    if (!span.known() || loops) continue;
    findings.error("attribute", span, std::string("'") + name + "' has no meaning without 'foreach'",
                   R"(add foreach="inputs.hosts", or remove it)");
  }
  if (!loops) return;
  if (!settings.as.empty()) flow->loop->as = settings.as;
  if (settings.parallel != 0) flow->loop->parallel = settings.parallel;
}

} // namespace

void settle_step(const Context& context, StepSettings& settings, SectionKind section, Step& step) {
  Findings& findings = context.findings;
  settle_output(context, settings.output);
  step.irreversible = settings.irreversible;
  step.isolated = settings.isolated;
  step.on_failure = settings.on_failure.value_or(OnFailure::rollback);
  step.on_doubt = settings.on_doubt.value_or(OnDoubt::ask);
  step.flow = std::move(settings.flow);
  settle_loop(findings, settings, step.flow ? &*step.flow : nullptr);
  if (section == SectionKind::steps) return;
  if (step.irreversible) {
    findings.error("attribute", settings.irreversible_span, "only a step can be irreversible", "remove the word");
  }
  if (settings.needs_span.known()) {
    findings.error("attribute", settings.needs_span, "only a step can need other steps",
                   "remove 'needs': the items of this section are done in their order");
  }
}

} // namespace runbook::markdown
