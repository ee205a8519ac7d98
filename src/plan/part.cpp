#include "plan/part.hpp"

#include "plan/calls.hpp"
#include "plan/capture_names.hpp"
#include "plan/conditions.hpp"
#include "plan/flow.hpp"
#include "plan/merge.hpp"
#include "plan/order.hpp"
#include "plan/references.hpp"
#include "plan/secrets.hpp"
#include "plan/steps.hpp"
#include "plan/structure.hpp"

#include <algorithm>
#include <utility>

namespace runbook {

namespace {

/// Those with the prefix and no further step in front of their names.
SecretOrigins origins_of(const SecretOrigins& all, const std::string& prefix) {
  SecretOrigins own;
  for (const auto& [name, origin] : all) {
    if (!name.starts_with(prefix) || name.find('/', prefix.size()) != std::string::npos) continue;
    own.emplace(name.substr(prefix.size()), origin);
  }
  return own;
}

/// The scope's secrets under the plan's names; those that no other runbook hands over are secrets of the plan.
void name_secrets(const Runbook& runbook, const Given& given, const SecretOrigins& own, Plan::Content& content) {
  PlannedScope& scope = content.scopes.front();
  for (const Input& input : runbook.inputs) {
    const auto origin = own.find(input.name);
    if (origin == own.end()) continue;
    const auto handed = given.secrets.find(input.name);
    const std::string name = handed == given.secrets.end() ? given.prefix + input.name : handed->second;
    scope.secrets.emplace(input.name, name);
    if (handed != given.secrets.end() || !content.secrets.emplace(name, origin->second).second) continue;
    content.secret_inputs.push_back(input);
    content.secret_inputs.back().name = name;
  }
}

void set_general_rollback(Plan::Content& content) {
  const auto is_part = [](const PlannedStep& step) { return step.section == Section::rollback; };
  const auto first = std::ranges::find_if(content.steps, is_part);
  content.scopes.front().rollback_begin = static_cast<std::uint32_t>(first - content.steps.begin());
  content.scopes.front().rollback_end = static_cast<std::uint32_t>(content.steps.size());
}

} // namespace

Plan::Content plan_part(const Runbook& runbook, const Given& given, const SecretOrigins& origins,
                        const HandlerRegistry& handlers, PlannedSoFar& so_far, Findings& findings) {
  Plan::Content content;
  content.scopes.resize(1);
  content.inputs = bind_inputs(runbook.inputs, given.inputs, findings);
  content.scopes.front().inputs = content.inputs;
  const SecretOrigins secrets = bind_secrets(runbook, origins_of(origins, given.prefix), findings);
  name_secrets(runbook, given, secrets, content);
  check_structure(runbook, findings);
  check_conditions(runbook, findings);
  PlannedSteps planned = plan_steps(runbook, handlers, content.inputs, findings);
  so_far.steps += planned.steps.size();
  std::vector<Call> calls = find_calls(runbook, planned.steps, {content, given, origins, handlers, so_far}, findings);
  if (so_far.is_too_much) return content;
  check_capture_names(runbook, planned.steps, findings);
  PlannedFlow flow = plan_flow(runbook, planned.steps, findings);
  check_references(runbook, planned.steps, flow.units, findings);
  check_order(planned.steps, flow, findings);
  check_secret_places(runbook, secrets, planned, flow.units, handlers, findings);
  if (findings.failed()) return content;
  content.steps = std::move(planned.steps);
  content.handlers = std::move(planned.handlers);
  content.units = std::move(flow.units);
  content.conditions = std::move(flow.conditions);
  set_general_rollback(content);
  merge_calls(content, std::move(calls), findings);
  return content;
}

} // namespace runbook
