#include <runbook/plan.hpp>

#include "digest.hpp"
#include "plan/conditions.hpp"
#include "plan/findings.hpp"
#include "plan/flow.hpp"
#include "plan/inputs.hpp"
#include "plan/json.hpp"
#include "plan/order.hpp"
#include "plan/references.hpp"
#include "plan/secrets.hpp"
#include "plan/steps.hpp"
#include "plan/structure.hpp"

#include <utility>

namespace runbook {

namespace {

std::shared_ptr<const Outline> outline_of(const std::vector<PlannedStep>& steps,
                                          const std::vector<PlannedUnit>& units) {
  auto outline = std::make_shared<Outline>();
  outline->reserve(steps.size());
  for (const PlannedStep& step : steps) {
    outline->push_back({.id = step.id,
                        .title = step.title,
                        .section = step.section,
                        .effect = step.effect,
                        .irreversible = step.irreversible,
                        .has_undo = !step.undo.empty(),
                        .line = step.span.line,
                        .in_loop = step.section != Section::rollback && units[step.unit].loop.has_value()});
  }
  return outline;
}

} // namespace

Result<Plan> make_plan(const Runbook& runbook, const HandlerRegistry& handlers, const Values& inputs,
                       const SecretOrigins& secrets) {
  Findings findings(runbook.path);
  auto content = std::make_shared<Plan::Content>();
  content->inputs = bind_inputs(runbook, inputs, findings);
  content->secrets = bind_secrets(runbook, secrets, findings);
  check_structure(runbook, findings);
  check_conditions(runbook, findings);
  PlannedSteps planned = plan_steps(runbook, handlers, content->inputs, findings);
  PlannedFlow flow = plan_flow(runbook, planned.steps, findings);
  check_references(runbook, planned.steps, flow.units, findings);
  check_order(planned.steps, flow, findings);
  check_secret_places(runbook, content->secrets, planned, handlers, findings);
  if (findings.failed()) return findings.take_error();
  content->runbook = runbook;
  content->steps = std::move(planned.steps);
  content->handlers = std::move(planned.handlers);
  content->warnings = findings.take_warnings();
  content->units = std::move(flow.units);
  content->conditions = std::move(flow.conditions);
  content->outline = outline_of(content->steps, content->units);
  if (runbook.source.empty()) content->built_document = canonical_json(to_json(runbook));
  content->document_digest = sha256_hex(runbook.source.empty() ? content->built_document : runbook.source);
  content->digest = digest_of(*content);
  return Plan(std::move(content));
}

} // namespace runbook
