#include <runbook/plan.hpp>

#include "digest.hpp"
#include "plan/findings.hpp"
#include "plan/json.hpp"
#include "plan/part.hpp"

#include <runbook/parse.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

std::shared_ptr<const Outline> outline_of(const Plan::Content& plan) {
  auto outline = std::make_shared<Outline>();
  outline->reserve(plan.steps.size());
  for (const PlannedStep& step : plan.steps) {
    const bool general = step.section == Section::rollback;
    outline->push_back({.id = step.id,
                        .title = step.title,
                        .section = step.section,
                        .effect = step.effect,
                        .irreversible = step.irreversible,
                        .has_undo = !step.undo.empty(),
                        .line = step.span.line,
                        .in_loop = general ? plan.scopes[step.scope].in_loop : plan.units[step.unit].loop.has_value()});
  }
  return outline;
}

RiskLevel highest_risk(const Runbook& runbook) {
  RiskLevel highest = runbook.risk_level;
  for (const Runbook& other : runbook.runbooks) highest = std::max(highest, highest_risk(other));
  return highest;
}

/// Origins of what is no secret of any runbook that a step runs. The others are looked at where they belong.
void check_inner_secrets(const SecretOrigins& given, const SecretOrigins& known, Findings& findings) {
  for (const auto& [name, origin] : given) {
    if (name.find('/') == std::string::npos || known.contains(name)) continue;
    findings.input_error("unknown-input", {}, fmt::format("there is no secret '{}'", name),
                         "one of a runbook that a step runs is named STEP/NAME");
  }
}

} // namespace

Result<Plan> make_plan(const Runbook& runbook, const HandlerRegistry& handlers, const Values& inputs,
                       const SecretOrigins& secrets) {
  Findings findings(runbook.path);
  PlannedSoFar so_far;
  auto content = std::make_shared<Plan::Content>(
      plan_part(runbook, {.inputs = {inputs, {}}}, secrets, handlers, so_far, findings));
  if (so_far.is_too_much) {
    findings.document_error(
        "limit", {},
        fmt::format("with the runbooks that it runs it has more than {} steps or 64 MiB of text", max_steps),
        "run fewer inside of others");
    return findings.take_error();
  }
  check_inner_secrets(secrets, content->secrets, findings);
  if (findings.failed()) return findings.take_error();
  content->runbook = runbook;
  content->warnings = findings.take_warnings();
  content->outline = outline_of(*content);
  content->risk_level = highest_risk(runbook);
  if (runbook.source.empty()) content->built_document = canonical_json(to_json(runbook));
  content->document_digest = sha256_hex(runbook.source.empty() ? content->built_document : runbook.source);
  content->digest = digest_of(*content);
  return Plan(std::move(content));
}

} // namespace runbook
