#include "model_json/decode.hpp"

#include "model_json/object_reader.hpp"

#include <runbook/parse.hpp>

#include <unordered_map>

namespace runbook::model_json {

namespace {

RetryPolicy decode_retry(const Value& value, const std::string& pointer, Problems& problems) {
  RetryPolicy retry;
  ObjectReader reader(value, pointer, problems);
  reader.count("retries", retry.retries);
  reader.milliseconds("delay_ms", retry.delay);
  reader.milliseconds("max_delay_ms", retry.max_delay);
  reader.finish();
  return retry;
}

Expectation decode_expectation(const Value& value, const std::string& pointer, Problems& problems) {
  Expectation expectation;
  ObjectReader reader(value, pointer, problems);
  reader.name("kind", expectation.kind);
  reader.text("text", expectation.text);
  reader.finish();
  return expectation;
}

Condition decode_condition(ObjectReader& reader, std::string_view key) {
  Condition condition;
  reader.text(key, condition.text);
  return condition;
}

Loop decode_loop(const Value& value, const std::string& pointer, Problems& problems) {
  Loop loop;
  ObjectReader reader(value, pointer, problems);
  reader.required_text("over", loop.over.text);
  reader.text("as", loop.as);
  reader.count("parallel", loop.parallel);
  reader.finish();
  return loop;
}

Flow decode_flow(ObjectReader& reader, Problems& problems) {
  Flow flow;
  flow.when = decode_condition(reader, "when");
  if (const Value* loop = reader.find("foreach")) {
    flow.loop = decode_loop(*loop, reader.pointer_to("foreach"), problems);
  }
  reader.texts("needs", flow.needs);
  return flow;
}

Action decode_action(const Value& value, const std::string& pointer, Problems& problems) {
  Action action;
  ObjectReader reader(value, pointer, problems);
  reader.required_text("handler", action.handler);
  reader.object("params", action.params);
  if (reader.find("effect") != nullptr) reader.name("effect", action.effect.emplace(Effect::mutating));
  if (reader.find("timeout_ms") != nullptr) reader.milliseconds("timeout_ms", action.timeout.emplace(0));
  if (const Value* retry = reader.find("retry")) {
    action.retry = decode_retry(*retry, reader.pointer_to("retry"), problems);
  }
  reader.text("capture", action.capture);
  if (const Value* expect = reader.find("expect")) {
    action.expect = decode_expectation(*expect, reader.pointer_to("expect"), problems);
  }
  if (reader.find("until") != nullptr) action.until = decode_condition(reader, "until");
  reader.finish();
  return action;
}

/// Reads the lists of steps and sees to it that an id is there once and that there are not too many steps.
class Sections {
public:
  explicit Sections(Problems& problems) : problems_(problems) {}

  void read(ObjectReader& reader, std::string_view key, std::vector<Step>& out);

private:
  void check_id(const std::string& id, const std::string& pointer) {
    const auto [first, inserted] = ids_.emplace(id, pointer);
    if (inserted || id.empty()) return;
    problems_.add(pointer + "/id", "duplicate-id", fmt::format("the id '{}' is taken by {}", id, first->second),
                  "give one of them another id");
  }

  Problems& problems_;
  std::unordered_map<std::string, std::string> ids_;
  std::size_t count_ = 0;
};

Step decode_step(const Value& value, const std::string& pointer, Problems& problems, Sections& sections) {
  Step step;
  ObjectReader reader(value, pointer, problems);
  reader.required_text("id", step.id);
  const std::string outer = problems.set_step(step.id);
  reader.text("title", step.title);
  reader.text("notes", step.notes);
  const auto actions = [&](std::string_view key, std::vector<Action>& out) {
    reader.each(
        key, [&](const Value& element, const std::string& at) { out.push_back(decode_action(element, at, problems)); });
  };
  actions("actions", step.actions);
  actions("checks", step.checks);
  actions("undo", step.undo);
  actions("probe", step.probe);
  Flow flow = decode_flow(reader, problems);
  if (flow != Flow()) step.flow = std::move(flow);
  reader.flag("irreversible", step.irreversible);
  reader.flag("isolated", step.isolated);
  reader.name("on_failure", step.on_failure);
  reader.name("on_doubt", step.on_doubt);
  sections.read(reader, "steps", step.steps);
  reader.finish();
  static_cast<void>(problems.set_step(outer));
  return step;
}

Input decode_input(const Value& value, const std::string& pointer, Problems& problems) {
  Input input;
  ObjectReader reader(value, pointer, problems);
  reader.required_text("name", input.name);
  reader.name("type", input.type);
  reader.flag("required", input.required);
  if (const Value* standard = reader.find("default")) input.default_value = *standard;
  reader.text("pattern", input.pattern);
  reader.text("description", input.description);
  reader.finish();
  return input;
}

Link decode_link(const Value& value, const std::string& pointer, Problems& problems) {
  Link link;
  ObjectReader reader(value, pointer, problems);
  reader.text("text", link.text);
  reader.required_text("target", link.target);
  reader.finish();
  return link;
}

void Sections::read(ObjectReader& reader, std::string_view key, std::vector<Step>& out) {
  reader.each(key, [&](const Value& element, const std::string& at) {
    if (++count_ > max_steps) {
      if (count_ == max_steps + 1) problems_.add(at, "limit", fmt::format("more than {} steps", max_steps));
      return;
    }
    Step step = decode_step(element, at, problems_, *this);
    check_id(step.id, at);
    out.push_back(std::move(step));
  });
}

} // namespace

Runbook decode_runbook(const Value& value, Problems& problems) {
  Runbook book;
  ObjectReader reader(value, {}, problems);
  reader.text("title", book.title);
  reader.text("purpose", book.purpose);
  if (std::string text; reader.text("frequency", text), !text.empty()) book.frequency = parse_frequency(text);
  reader.name("risk_level", book.risk_level);
  std::vector<std::string> access;
  reader.texts("required_access", access);
  for (const std::string& text : access) book.required_access.push_back(parse_access(text));
  reader.object("metadata", book.metadata);
  reader.each("inputs", [&](const Value& element, const std::string& at) {
    book.inputs.push_back(decode_input(element, at, problems));
  });
  Sections sections(problems);
  sections.read(reader, "prerequisites", book.prerequisites);
  sections.read(reader, "steps", book.steps);
  sections.read(reader, "verification", book.verification);
  sections.read(reader, "rollback", book.rollback);
  sections.read(reader, "state", book.state);
  reader.each("related", [&](const Value& element, const std::string& at) {
    book.related.push_back(decode_link(element, at, problems));
  });
  reader.finish();
  return book;
}

} // namespace runbook::model_json
