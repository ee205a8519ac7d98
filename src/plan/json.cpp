#include "plan/json.hpp"

#include "digest.hpp"
#include "plan/flow.hpp"

#include <runbook/decider.hpp>

namespace runbook {

namespace {

Values retry_json(const RetryPolicy& retry) {
  Values out{{"retries", retry.retries}, {"delay_ms", retry.delay.count()}, {"max_delay_ms", retry.max_delay.count()}};
  if (retry.jitter > 0) out["jitter_percent"] = retry.jitter;
  return out;
}

Values action_json(const PlannedAction& planned, const std::vector<std::string>& handlers) {
  const Action& action = planned.action;
  Values out;
  out["handler"] = handlers[planned.handler];
  out["params"] = action.params;
  out["effect"] = to_string(planned.effect);
  if (planned.asks) out["asks"] = true;
  if (action.timeout) out["timeout_ms"] = action.timeout->count();
  if (action.retry.retries > 0) out["retry"] = retry_json(action.retry);
  if (!action.capture.empty()) out["capture"] = action.capture;
  if (planned.until) out["until"] = planned.until->text();
  if (action.expect) out["expect"] = {{"kind", to_string(action.expect->kind)}, {"text", action.expect->text}};
  return out;
}

boost::json::array actions_json(const std::vector<PlannedAction>& actions, const std::vector<std::string>& handlers) {
  boost::json::array out;
  for (const PlannedAction& action : actions) out.emplace_back(action_json(action, handlers));
  return out;
}

} // namespace

Values step_json(const PlannedStep& step, const Plan::Content& plan) {
  const std::vector<std::string>& handlers = plan.handlers;
  Values out;
  out["id"] = step.id;
  out["title"] = step.title;
  out["section"] = to_string(step.section);
  out["effect"] = to_string(step.effect);
  out["irreversible"] = step.irreversible;
  out["on_failure"] = to_string(step.on_failure);
  out["actions"] = actions_json(step.forward, handlers);
  out["checks"] = actions_json(step.checks, handlers);
  out["undo"] = actions_json(step.undo, handlers);
  if (!step.probe.empty()) out["probe"] = actions_json(step.probe, handlers);
  if (!step.conditions.empty()) {
    boost::json::array& when = out["when"].emplace_array();
    for (const std::uint32_t condition : step.conditions) when.emplace_back(plan.conditions[condition].text());
  }
  if (!step.chosen) out["chosen"] = false;
  if (!step.group.empty()) out["group"] = step.group;
  if (step.opens != 0 && !plan.scopes[step.opens].secrets.empty()) {
    Values& secrets = out["secrets"].emplace_object();
    for (const auto& [name, of_plan] : plan.scopes[step.opens].secrets) secrets[name] = of_plan;
  }
  if (step.isolated) out["isolated"] = true;
  if (step.on_doubt != OnDoubt::ask) out["on_doubt"] = to_string(step.on_doubt);
  return out;
}

Values unit_json(const PlannedUnit& unit) {
  Values out{{"first", unit.first}, {"end", unit.end}, {"apart", unit.apart}};
  boost::json::array& after = out["after"].emplace_array();
  for (const PlannedUnit::Range& range : unit.after) after.emplace_back(boost::json::array{range.begin, range.end});
  if (unit.loop) {
    out["foreach"] = {{"over", unit.loop->over.text()}, {"as", unit.loop->as}, {"parallel", unit.loop->parallel}};
  }
  return out;
}

Values secrets_json(const SecretOrigins& secrets) {
  Values out;
  for (const auto& [name, origin] : secrets) out[name] = to_string(origin);
  return out;
}

// Of the canonical JSON {"document", "inputs", "rules", "secrets", "steps", "units"}, whose text is never whole in
// memory: a plan may have a hundred thousand steps.
std::string digest_of(const Plan::Content& content) {
  Sha256 digest;
  digest.update(R"({"document":)" + canonical_json(Value(content.document_digest)));
  digest.update(R"(,"inputs":)" + canonical_json(content.inputs));
  digest.update(R"(,"rules":)" + canonical_json(Value(rules_version)));
  if (!content.secrets.empty()) digest.update(R"(,"secrets":)" + canonical_json(secrets_json(content.secrets)));
  digest.update(R"(,"steps":[)");
  std::string_view separator;
  for (const PlannedStep& step : content.steps) {
    digest.update(separator);
    digest.update(canonical_json(step_json(step, content)));
    separator = ",";
  }
  digest.update(R"(],"units":[)");
  separator = {};
  for (std::size_t i = 0; i < content.units.size(); ++i) {
    const PlannedUnit& unit = content.units[i];
    if (follows_everything(unit, i) && !unit.apart && !unit.loop) continue; // the steps' order says it already
    digest.update(separator);
    digest.update(canonical_json(unit_json(unit)));
    separator = ",";
  }
  digest.update("]");
  if (content.continued) {
    const Continued& earlier = *content.continued;
    digest.update(R"(,"continues":)" + canonical_json(Value(earlier.run)));
    for (const Continued::Scope& scope : earlier.scopes)
      digest.update(canonical_json(Value{scope.values, scope.results}));
  }
  digest.update("}");
  return digest.hex();
}

} // namespace runbook
