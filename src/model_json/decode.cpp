#include "model_json/decode.hpp"

#include "model_json/object_reader.hpp"

#include <runbook/parse.hpp>

#include <unordered_map>

namespace runbook::model_json {

namespace {

RetryPolicy decode_retry(const Part& part, Problems& problems) {
  RetryPolicy retry;
  ObjectReader reader(part, problems);
  reader.count("retries", retry.retries);
  reader.milliseconds("delay_ms", retry.delay);
  reader.milliseconds("max_delay_ms", retry.max_delay);
  reader.count("jitter_percent", retry.jitter);
  reader.finish();
  return retry;
}

Expectation decode_expectation(const Part& part, Problems& problems) {
  Expectation expectation;
  expectation.span = part.site.value();
  ObjectReader reader(part, problems);
  reader.name("kind", expectation.kind);
  reader.text("text", expectation.text);
  reader.finish();
  return expectation;
}

Condition decode_condition(ObjectReader& reader, std::string_view key) {
  Condition condition;
  const SourceSpan span = reader.text(key, condition.text);
  if (!condition.text.empty()) condition.span = span;
  return condition;
}

Loop decode_loop(const Part& part, Problems& problems) {
  Loop loop;
  ObjectReader reader(part, problems);
  loop.over.span = reader.required_text("over", loop.over.text);
  reader.text("as", loop.as);
  reader.count("parallel", loop.parallel);
  reader.finish();
  return loop;
}

Flow decode_flow(ObjectReader& reader, Problems& problems) {
  Flow flow;
  flow.when = decode_condition(reader, "when");
  if (const auto loop = reader.find("foreach")) flow.loop = decode_loop(*loop, problems);
  reader.texts("needs", flow.needs);
  return flow;
}

Action decode_action(const Part& part, Problems& problems) {
  Action action;
  action.span = part.site.value();
  ObjectReader reader(part, problems);
  reader.required_text("handler", action.handler);
  reader.object("params", action.params);
  if (reader.find("effect")) reader.name("effect", action.effect.emplace(Effect::mutating));
  if (reader.find("timeout_ms")) reader.milliseconds("timeout_ms", action.timeout.emplace(0));
  if (const auto retry = reader.find("retry")) action.retry = decode_retry(*retry, problems);
  reader.text("capture", action.capture);
  if (const auto expect = reader.find("expect")) action.expect = decode_expectation(*expect, problems);
  if (reader.find("until")) action.until = decode_condition(reader, "until");
  reader.finish();
  return action;
}

/// Reads the lists of steps and sees to it that an id is there once and that there are not too many steps.
class Sections {
public:
  explicit Sections(Problems& problems) : problems_(problems) {}

  void read(ObjectReader& reader, std::string_view key, std::vector<Step>& out);

private:
  void check_id(const std::string& id, const Part& part) {
    const auto [first, inserted] = ids_.emplace(id, part.pointer);
    if (inserted || id.empty()) return;
    const auto place = ObjectReader(part, problems_).find("id");
    problems_.add(place->pointer, place->site.member(), "duplicate-id",
                  fmt::format("the id '{}' is taken by {}", id, first->second), "give one of them another id");
  }

  Problems& problems_;
  std::unordered_map<std::string, std::string> ids_;
  std::size_t count_ = 0;
};

Step decode_step(const Part& part, Problems& problems, Sections& sections) {
  Step step;
  step.span = part.site.value();
  ObjectReader reader(part, problems);
  reader.required_text("id", step.id);
  const std::string outer = problems.set_step(step.id);
  reader.text("title", step.title);
  reader.text("notes", step.notes);
  const auto actions = [&](std::string_view key, std::vector<Action>& out) {
    reader.each(key, [&](const Part& element) { out.push_back(decode_action(element, problems)); });
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

Input decode_input(const Part& part, Problems& problems) {
  Input input;
  input.span = part.site.value();
  ObjectReader reader(part, problems);
  reader.required_text("name", input.name);
  reader.name("type", input.type);
  reader.flag("required", input.required);
  if (const auto standard = reader.find("default")) input.default_value = standard->value;
  reader.text("pattern", input.pattern);
  reader.text("description", input.description);
  reader.origin("from", input.from);
  reader.finish();
  return input;
}

Link decode_link(const Part& part, Problems& problems) {
  Link link;
  link.span = part.site.value();
  ObjectReader reader(part, problems);
  reader.text("text", link.text);
  reader.required_text("target", link.target);
  reader.finish();
  return link;
}

void Sections::read(ObjectReader& reader, std::string_view key, std::vector<Step>& out) {
  reader.each(key, [&](const Part& element) {
    if (++count_ > max_steps) {
      if (count_ == max_steps + 1) {
        problems_.add(element.pointer, element.site.value(), "limit", fmt::format("more than {} steps", max_steps));
      }
      return;
    }
    Step step = decode_step(element, problems_, *this);
    check_id(step.id, element);
    out.push_back(std::move(step));
  });
}

} // namespace

Runbook decode_runbook(const Value& value, Problems& problems, const Origin* origin) {
  Runbook book;
  ObjectReader reader({value, {}, origin == nullptr ? Site() : Site(*origin)}, problems);
  reader.text("title", book.title);
  reader.text("purpose", book.purpose);
  if (std::string text; reader.text("frequency", text), !text.empty()) book.frequency = parse_frequency(text);
  reader.name("risk_level", book.risk_level);
  reader.each_text("required_access", [&](std::string_view text, const SourceSpan& span) {
    book.required_access.push_back(parse_access(text));
    book.required_access.back().span = span;
  });
  reader.object("metadata", book.metadata);
  reader.each("inputs", [&](const Part& element) { book.inputs.push_back(decode_input(element, problems)); });
  Sections sections(problems);
  sections.read(reader, "prerequisites", book.prerequisites);
  sections.read(reader, "steps", book.steps);
  sections.read(reader, "verification", book.verification);
  sections.read(reader, "rollback", book.rollback);
  sections.read(reader, "state", book.state);
  reader.each("related", [&](const Part& element) { book.related.push_back(decode_link(element, problems)); });
  reader.finish();
  return book;
}

} // namespace runbook::model_json
