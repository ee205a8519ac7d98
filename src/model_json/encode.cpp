#include <runbook/model.hpp>

#include "names.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

namespace runbook {

namespace {

namespace json = boost::json;

/// Builds an object of the members that do not have their default value.
class Members {
public:
  void text(std::string_view key, const std::string& value) {
    if (!value.empty()) object_.emplace(key, value);
  }
  void flag(std::string_view key, bool value) {
    if (value) object_.emplace(key, true);
  }
  template <class Enum>
  void name(std::string_view key, Enum value, Enum standard) {
    if (value != standard) object_.emplace(key, name_of(value));
  }
  void milliseconds(std::string_view key, std::chrono::milliseconds value, std::chrono::milliseconds standard) {
    if (value != standard) object_.emplace(key, std::int64_t{value.count()});
  }
  void object(std::string_view key, const Values& value) {
    if (!value.empty()) object_.emplace(key, value);
  }
  template <class Element, class Encode>
  void list(std::string_view key, const std::vector<Element>& elements, const Encode& encode) {
    if (elements.empty()) return;
    json::array array;
    array.reserve(elements.size());
    for (const Element& element : elements) array.push_back(encode(element));
    object_.emplace(key, std::move(array));
  }
  void always(std::string_view key, Value value) { object_.emplace(key, std::move(value)); }
  Values take() { return std::move(object_); }

private:
  Values object_;
};

Values encode_retry(const RetryPolicy& retry) {
  constexpr RetryPolicy standard;
  Members members;
  if (retry.retries != standard.retries) members.always("retries", retry.retries);
  members.milliseconds("delay_ms", retry.delay, standard.delay);
  members.milliseconds("max_delay_ms", retry.max_delay, standard.max_delay);
  if (retry.jitter != standard.jitter) members.always("jitter_percent", retry.jitter);
  return members.take();
}

Values encode_expectation(const Expectation& expectation) {
  Members members;
  members.name("kind", expectation.kind, Expectation::Kind::text);
  members.text("text", expectation.text);
  return members.take();
}

Value encode_loop(const Loop& loop) {
  Members members;
  members.always("over", Value(loop.over.text));
  if (loop.as != Loop().as) members.always("as", Value(loop.as));
  if (loop.parallel != Loop().parallel) members.always("parallel", loop.parallel);
  return members.take();
}

Value encode_action(const Action& action) {
  Members members;
  members.always("handler", Value(action.handler));
  members.object("params", action.params);
  if (action.effect) members.always("effect", Value(name_of(*action.effect)));
  if (action.timeout) members.always("timeout_ms", std::int64_t{action.timeout->count()});
  members.object("retry", encode_retry(action.retry));
  members.text("capture", action.capture);
  if (action.expect) members.always("expect", encode_expectation(*action.expect));
  if (action.until) members.always("until", Value(action.until->text));
  return members.take();
}

void encode_flow(const Flow& flow, Members& members) {
  members.text("when", flow.when.text);
  if (flow.loop) members.always("foreach", encode_loop(*flow.loop));
  members.list("needs", flow.needs, [](const std::string& id) { return Value(id); });
}

Value encode_step(const Step& step) {
  Members members;
  members.always("id", Value(step.id));
  members.text("title", step.title);
  members.text("notes", step.notes);
  members.list("actions", step.actions, encode_action);
  members.list("checks", step.checks, encode_action);
  members.list("undo", step.undo, encode_action);
  members.list("probe", step.probe, encode_action);
  members.list("steps", step.steps, encode_step);
  if (step.flow) encode_flow(*step.flow, members);
  members.flag("irreversible", step.irreversible);
  members.flag("isolated", step.isolated);
  members.name("on_failure", step.on_failure, OnFailure::rollback);
  members.name("on_doubt", step.on_doubt, OnDoubt::ask);
  return members.take();
}

Value encode_input(const Input& input) {
  Members members;
  members.always("name", Value(input.name));
  members.name("type", input.type, InputType::string);
  members.flag("required", input.required);
  if (input.default_value) members.always("default", *input.default_value);
  members.text("pattern", input.pattern);
  members.text("description", input.description);
  members.text("from", to_string(input.from));
  return members.take();
}

Value encode_link(const Link& link) {
  Members members;
  members.text("text", link.text);
  members.always("target", Value(link.target));
  return members.take();
}

} // namespace

Value to_json(const Runbook& runbook) {
  Members members;
  members.text("title", runbook.title);
  members.text("purpose", runbook.purpose);
  members.text("frequency", runbook.frequency.text);
  members.name("risk_level", runbook.risk_level, RiskLevel::unspecified);
  members.list("required_access", runbook.required_access,
               [](const Access& access) { return Value(to_string(access)); });
  members.object("metadata", runbook.metadata);
  members.list("inputs", runbook.inputs, encode_input);
  members.list("prerequisites", runbook.prerequisites, encode_step);
  members.list("steps", runbook.steps, encode_step);
  members.list("verification", runbook.verification, encode_step);
  members.list("rollback", runbook.rollback, encode_step);
  members.list("state", runbook.state, encode_step);
  members.list("related", runbook.related, encode_link);
  return members.take();
}

} // namespace runbook
