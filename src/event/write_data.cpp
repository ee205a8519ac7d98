// Events to JSON.
#include "event/data_json.hpp"

#include "event/value_json.hpp"
#include "names.hpp"

#include <boost/json/array.hpp>

namespace runbook {

namespace {

namespace json = boost::json;

class DataWriter {
public:
  DataWriter(Values& object, const Outline* outline) : object_(object), outline_(outline) {}

  void operator()(const RunCreated& event) {
    static const RunHeader nothing;
    const RunHeader& header = event.header ? *event.header : nothing;
    object_["format"] = event_format;
    text("run", header.run);
    text("title", header.title);
    text("path", header.path);
    text("document_digest", header.document_digest);
    text("plan_digest", header.plan_digest);
    text("actor", header.actor);
    if (!header.continues.empty()) text("continues", header.continues);
    if (!header.secrets.empty()) object_["secrets"] = origins(header.secrets);
    if (!header.selections.empty()) object_["selections"] = selections(header.selections);
    if (!header.runbooks.empty()) object_["runbooks"] = texts(header.runbooks);
    if (header.built_in_code) object_["built_in_code"] = true;
    if (!header.directory.empty()) text("directory", header.directory);
    name("risk_level", header.risk_level);
    name("rollback", header.rollback);
    name("on_rollback_failure", header.on_rollback_failure);
    object_["rules"] = header.rules;
    object_["inputs"] = encode_value(Value(header.inputs));
    object_["parallel"] = header.parallel;
    object_["timeout_ms"] = header.timeout.count();
    steps(header.outline.get());
  }

  void operator()(const Claimed& event) {
    text("owner", event.owner);
    if (event.supervised) object_["supervised"] = true;
  }

  void operator()(const StepIntent& event) {
    action(event.at, event.attempt);
    object_["timeout_ms"] = event.timeout.count();
  }

  void operator()(const StepTakenUp& event) { action(event.at, event.attempt); }

  void operator()(const StepDoubt& event) {
    action(event.at, event.attempt);
    name("doubt", event.kind);
    text("evidence", event.evidence);
  }

  void operator()(const DoubtResolved& event) {
    action(event.at, event.attempt);
    name("decision", event.decision);
    text("who", event.who);
    text("evidence", event.evidence);
  }

  void operator()(const StepOutput& event) {
    action(event.at, event.attempt);
    name("stream", event.stream);
    object_["size"] = event.size;
    object_["kept"] = event.kept;
    text("digest", event.digest);
  }

  void operator()(const StepOutcome& event) {
    action(event.at, event.attempt);
    name("status", event.outcome.status);
    object_["value"] = encode_value(event.outcome.value);
    text("message", event.outcome.message);
    object_["captured"] = encode_value(event.captured);
    if (!event.printed.is_null()) object_["printed"] = encode_value(event.printed);
    if (event.terminal) {
      object_["terminal"] = Values{{"variables", encode_value(Value(event.terminal->variables))},
                                   {"directory", encode_text(event.terminal->directory)}};
    }
  }

  void operator()(const StepSettled& event) {
    if (const StepOutline* step = outlined(event.step)) text("step", step->id);
    object_["index"] = event.step;
    object_["iteration"] = event.iteration;
    name("status", event.outcome.status);
    text("message", event.outcome.message);
  }

  void operator()(const LoopBegun& event) {
    if (const StepOutline* step = outlined(event.step)) text("step", step->id);
    object_["index"] = event.step;
    object_["end"] = event.end;
    text("as", event.as);
    object_["items"] = encode_value(Value(event.items));
  }

  void operator()(const WaitOpened& event) {
    text("token", event.token);
    name("question", event.kind);
    place(event.at, is_about_action(event.kind));
    text("text", event.text);
    wanted(event.wants);
  }

  void operator()(const WaitAnswered& event) {
    text("token", event.token);
    object_["yes"] = event.yes;
    text("who", event.who);
    text("note", event.note);
    if (!event.value.is_null()) object_["value"] = encode_value(event.value);
    if (event.message != 0) object_["message"] = event.message;
  }

  void operator()(const WaitUnreachable& event) {
    text("token", event.token);
    text("reason", event.reason);
  }

  void operator()(const TimerSet& event) {
    action(event.at, event.attempt);
    name("timer", event.kind);
    object_["delay_ms"] = event.delay.count();
  }

  void operator()(const TimerFired& event) {
    action(event.at, event.attempt);
    name("timer", event.kind);
  }
  void operator()(const CancelRequested& event) {
    text("who", event.who);
    if (event.message != 0) object_["message"] = event.message;
  }
  void operator()(const RollbackBegun& event) { text("reason", event.reason); }
  void operator()(const RunParked& event) { text("reason", event.reason); }

  void operator()(const RunClosed& event) {
    name("status", event.status);
    text("reason", event.reason);
    json::array list;
    for (const Residue& left : event.residue) {
      Values entry;
      if (const StepOutline* step = outlined(left.step)) entry["step"] = encode_text(step->id);
      entry["index"] = left.step;
      entry["iteration"] = left.iteration;
      entry["cause"] = name_of(left.cause);
      list.push_back(std::move(entry));
    }
    object_["residue"] = std::move(list);
  }

private:
  static json::array texts(const std::vector<std::string>& all) {
    json::array list;
    for (const std::string& text : all) list.push_back(encode_text(text));
    return list;
  }

  static json::array origins(const SecretOrigins& secrets) {
    json::array list;
    for (const auto& [name, origin] : secrets) {
      list.push_back(Values{{"name", encode_text(name)}, {"from", encode_text(to_string(origin))}});
    }
    return list;
  }

  static json::array selections(const std::vector<Selection>& all) {
    json::array list;
    for (const Selection& one : all) {
      list.push_back(Values{{"from", encode_text(one.from)}, {"only", texts(one.only)}, {"skip", texts(one.skip)}});
    }
    return list;
  }

  void text(std::string_view member, std::string_view value) { object_[member] = encode_text(value); }

  template <class Enum>
  void name(std::string_view member, Enum value) {
    object_[member] = name_of(value);
  }

  [[nodiscard]] const StepOutline* outlined(std::uint32_t index) const {
    return outline_ != nullptr && index < outline_->size() ? &(*outline_)[index] : nullptr;
  }

  void place(const ActionRef& at, bool names_step = true) {
    if (const StepOutline* step = outlined(at.step); names_step && step != nullptr) text("step", step->id);
    object_["index"] = at.step;
    object_["iteration"] = at.iteration;
    object_["part"] = at.part;
    name("kind", at.kind);
  }

  void action(const ActionRef& at, std::uint32_t attempt) {
    place(at);
    object_["attempt"] = attempt;
  }

  void wanted(const AnswerForm& form) {
    name("answer", form.kind);
    json::array choices;
    for (const std::string& choice : form.choices) choices.push_back(encode_text(choice));
    if (!choices.empty()) object_["choices"] = std::move(choices);
    if (!form.pattern.empty()) text("pattern", form.pattern);
  }

  void steps(const Outline* outline) {
    json::array list;
    if (outline != nullptr) {
      for (const StepOutline& step : *outline) {
        list.push_back(Values{{"id", encode_text(step.id)},
                              {"title", encode_text(step.title)},
                              {"section", name_of(step.section)},
                              {"effect", name_of(step.effect)},
                              {"irreversible", step.irreversible},
                              {"has_undo", step.has_undo},
                              {"in_loop", step.in_loop},
                              {"line", step.line}});
      }
    }
    object_["steps"] = std::move(list);
  }

  Values& object_;
  const Outline* outline_;
};

} // namespace

void write_data(Values& object, const EventData& data, const Outline* outline) {
  std::visit(DataWriter(object, outline), data);
}

} // namespace runbook
