// Reports as JSON: all that the report holds. Text that is not UTF-8 has U+FFFD in its place, so that any reader takes
// it; the journal has the bytes.
#include "event/time_text.hpp"
#include "names.hpp"
#include "report/words.hpp"
#include "utf8.hpp"

#include <boost/json/array.hpp>

#include <cmath>

namespace runbook {

namespace {

namespace json = boost::json;
using TimePoint = std::chrono::system_clock::time_point;

std::string readable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t bad = find_invalid_utf8(text);
    out += text.substr(0, bad);
    if (bad == std::string_view::npos) break;
    out += "\uFFFD";
    text.remove_prefix(bad + 1);
  }
  return out;
}

Value readable(const Value& value) {
  if (value.is_string()) return Value(readable(std::string_view(value.get_string())));
  if (value.is_double() && !std::isfinite(value.get_double())) return nullptr;
  if (const json::array* array = value.if_array()) {
    json::array out;
    for (const Value& element : *array) out.push_back(readable(element));
    return out;
  }
  if (const json::object* object = value.if_object()) {
    json::object out;
    for (const auto& member : *object) out[readable(std::string_view(member.key()))] = readable(member.value());
    return out;
  }
  return value;
}

Value time_or_null(const std::optional<TimePoint>& time) {
  return time ? Value(time_to_text(*time)) : Value(nullptr);
}

Value milliseconds_between(TimePoint start, const std::optional<TimePoint>& end) {
  if (!end) return nullptr;
  return std::chrono::duration_cast<std::chrono::milliseconds>(*end - start).count();
}

Value output_json(const AttemptReport::Output& output) {
  return Values{{"seq", output.seq},   {"stream", name_of(output.stream)},  {"size", output.size},
                {"kept", output.kept}, {"digest", readable(output.digest)}, {"text", readable(output.text)}};
}

Value doubt_json(const std::optional<DoubtReport>& doubt) {
  if (!doubt) return nullptr;
  return Values{{"doubt", name_of(doubt->kind)},
                {"evidence", readable(doubt->evidence)},
                {"decision", doubt->decision ? Value(name_of(*doubt->decision)) : Value(nullptr)},
                {"who", readable(doubt->who)},
                {"reason", readable(doubt->reason)}};
}

Value attempt_json(const AttemptReport& attempt) {
  Values object{{"seq", attempt.seq},
                {"kind", name_of(attempt.kind)},
                {"part", attempt.part},
                {"attempt", attempt.attempt},
                {"status", nullptr},
                {"value", nullptr},
                {"message", ""},
                {"started", time_to_text(attempt.started)},
                {"ended", time_or_null(attempt.ended)},
                {"duration_ms", milliseconds_between(attempt.started, attempt.ended)},
                {"answered_by", readable(attempt.answered_by)},
                {"note", readable(attempt.note)},
                {"doubt", doubt_json(attempt.doubt)}};
  if (attempt.outcome) {
    object["status"] = name_of(attempt.outcome->status);
    object["value"] = readable(attempt.outcome->value);
    object["message"] = readable(attempt.outcome->message);
  }
  json::array outputs;
  for (const auto& output : attempt.outputs) outputs.push_back(output_json(output));
  object["outputs"] = std::move(outputs);
  return object;
}

Value step_json(const StepReport& step) {
  json::array attempts;
  for (const AttemptReport& attempt : step.attempts) attempts.push_back(attempt_json(attempt));
  const StepOutline& outline = step.outline;
  return Values{{"id", readable(outline.id)},
                {"title", readable(outline.title)},
                {"section", name_of(outline.section)},
                {"effect", name_of(outline.effect)},
                {"irreversible", outline.irreversible},
                {"has_undo", outline.has_undo},
                {"line", outline.line},
                {"index", step.index},
                {"iteration", step.iteration},
                {"element", readable(step.element)},
                {"result", result_words(step)},
                {"attempts", std::move(attempts)}};
}

class JsonWriter {
public:
  explicit JsonWriter(const Report& report) : report_(report), steps_(report) {}

  Value write() {
    Values object = head();
    object["steps"] = list(report_.steps, step_json);
    object["residue"] = list(report_.residue, [this](const Residue& left) { return residue_json(left); });
    object["questions"] =
        list(report_.questions, [this](const QuestionReport& question) { return question_json(question); });
    return object;
  }

private:
  template <class Entry, class ToJson>
  static json::array list(const std::vector<Entry>& entries, ToJson to_json) {
    json::array array;
    for (const Entry& entry : entries) array.push_back(Value(to_json(entry)));
    return array;
  }

  static Value text(const std::string& words) { return Value(readable(words)); }

  [[nodiscard]] Values head() const {
    const RunHeader& header = report_.header;
    return Values{{"run", readable(header.run)},
                  {"title", readable(header.title)},
                  {"status", name_of(report_.status)},
                  {"reason", readable(report_.reason)},
                  {"path", readable(header.path)},
                  {"document_digest", readable(header.document_digest)},
                  {"plan_digest", readable(header.plan_digest)},
                  {"actor", readable(header.actor)},
                  {"continues", readable(header.continues)},
                  {"risk_level", name_of(header.risk_level)},
                  {"rollback", name_of(header.rollback)},
                  {"on_rollback_failure", name_of(header.on_rollback_failure)},
                  {"rules", header.rules},
                  {"inputs", readable(Value(header.inputs))},
                  {"started", time_to_text(report_.started)},
                  {"ended", time_or_null(report_.ended)},
                  {"duration_ms", milliseconds_between(report_.started, report_.ended)},
                  {"updated", time_to_text(report_.updated)},
                  {"rollback_begun", report_.rollback_begun},
                  {"cancelled_by", list(report_.cancelled_by, text)},
                  {"owners", list(report_.owners, text)}};
  }

  [[nodiscard]] Value step_id(std::uint32_t index, std::uint32_t iteration) const {
    const StepReport* step = steps_.find(index, iteration);
    return step == nullptr ? Value(nullptr) : Value(readable(step->outline.id));
  }

  [[nodiscard]] Value residue_json(const Residue& left) const {
    return Values{{"step", step_id(left.step, left.iteration)},
                  {"index", left.step},
                  {"iteration", left.iteration},
                  {"cause", name_of(left.cause)}};
  }

  [[nodiscard]] Value question_json(const QuestionReport& question) const {
    return Values{
        {"question", name_of(question.kind)},
        {"step", is_about_action(question.kind) ? step_id(question.step, question.iteration) : Value(nullptr)},
        {"text", readable(question.text)},
        {"asked", time_to_text(question.asked)},
        {"wants", name_of(question.wants.kind)},
        {"answer", question.answer ? Value(*question.answer) : Value(nullptr)},
        {"value", readable(question.value)},
        {"who", readable(question.who)},
        {"note", readable(question.note)},
        {"unreachable", readable(question.unreachable)}};
  }

  const Report& report_;
  StepIndex steps_;
};

} // namespace

Value to_json(const Report& report) {
  return JsonWriter(report).write();
}

} // namespace runbook
