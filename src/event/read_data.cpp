// Events from JSON: strict, so that what was read is what was written.
#include "event/data_json.hpp"

#include "event/members.hpp"
#include "printable.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

/// The number of the step that an event is about.
std::uint32_t read_index(Members& members) {
  members.optional_text("step"); // the same as `index`, for people
  return members.unsigned_integer<std::uint32_t>("index");
}

ActionRef read_place(Members& members) {
  ActionRef at;
  at.step = read_index(members);
  at.iteration = members.unsigned_integer<std::uint32_t>("iteration");
  at.part = members.unsigned_integer<std::uint16_t>("part");
  at.kind = members.enumerator<ActionKind>("kind");
  return at;
}

StepOutline read_step(Members& members) {
  StepOutline step;
  step.id = members.text("id");
  step.title = members.text("title");
  step.section = members.enumerator<Section>("section");
  step.effect = members.enumerator<Effect>("effect");
  step.irreversible = members.boolean("irreversible");
  step.has_undo = members.boolean("has_undo");
  step.in_loop = members.has("in_loop") && members.boolean("in_loop");
  step.line = members.unsigned_integer<std::uint32_t>("line");
  return step;
}

/// A secret that is given has no origin to be read.
std::pair<std::string, SecretOrigin> read_origin(Members& members) {
  std::string name = members.text("name");
  const std::string from = members.text("from");
  const auto origin = from.empty() ? SecretOrigin{} : parse_secret_origin(from);
  if (!origin) members.fail("from", "is no origin of a secret");
  return {std::move(name), origin.value_or(SecretOrigin{})};
}

Selection read_selection(Members& members) {
  return {members.text("from"), members.texts("only"), members.texts("skip")};
}

EventData read_run_created(Members& members) {
  auto header = std::make_shared<RunHeader>();
  const auto format = members.unsigned_integer<std::uint32_t>("format");
  if (format != event_format) members.fail("format", fmt::format("is {}, and only {} is known", format, event_format));
  header->run = members.text("run");
  header->title = members.text("title");
  header->path = members.text("path");
  header->document_digest = members.text("document_digest");
  header->plan_digest = members.text("plan_digest");
  header->actor = members.text("actor");
  if (members.has("continues")) header->continues = members.text("continues");
  if (members.has("secrets")) {
    for (auto& [name, origin] : members.list<std::pair<std::string, SecretOrigin>>("secrets", read_origin)) {
      header->secrets.insert_or_assign(std::move(name), std::move(origin));
    }
  }
  if (members.has("selections")) header->selections = members.list<Selection>("selections", read_selection);
  if (members.has("runbooks")) header->runbooks = members.texts("runbooks");
  header->built_in_code = members.has("built_in_code") && members.boolean("built_in_code");
  if (members.has("directory")) header->directory = members.text("directory");
  header->risk_level = members.enumerator<RiskLevel>("risk_level");
  header->rollback = members.enumerator<RollbackMode>("rollback");
  header->on_rollback_failure = members.enumerator<OnRollbackFailure>("on_rollback_failure");
  header->rules = members.unsigned_integer<std::uint32_t>("rules");
  header->inputs = members.object("inputs");
  if (members.has("parallel")) header->parallel = members.unsigned_integer<std::uint32_t>("parallel");
  if (members.has("timeout_ms")) header->timeout = members.milliseconds("timeout_ms");
  header->outline = std::make_shared<const Outline>(members.list<StepOutline>("steps", read_step));
  return RunCreated{std::move(header)};
}

EventData read_claimed(Members& members) {
  Claimed event{members.text("owner")};
  event.supervised = members.has("supervised") && members.boolean("supervised");
  return event;
}

EventData read_step_intent(Members& members) {
  StepIntent event;
  event.at = read_place(members);
  event.attempt = members.unsigned_integer<std::uint32_t>("attempt");
  event.timeout = members.milliseconds("timeout_ms");
  return event;
}

EventData read_step_taken_up(Members& members) {
  StepTakenUp event;
  event.at = read_place(members);
  event.attempt = members.unsigned_integer<std::uint32_t>("attempt");
  return event;
}

EventData read_step_doubt(Members& members) {
  StepDoubt event;
  event.at = read_place(members);
  event.attempt = members.unsigned_integer<std::uint32_t>("attempt");
  event.kind = members.enumerator<DoubtKind>("doubt");
  event.evidence = members.text("evidence");
  return event;
}

EventData read_doubt_resolved(Members& members) {
  DoubtResolved event;
  event.at = read_place(members);
  event.attempt = members.unsigned_integer<std::uint32_t>("attempt");
  event.decision = members.enumerator<DoubtDecision>("decision");
  event.who = members.text("who");
  event.evidence = members.text("evidence");
  return event;
}

EventData read_step_output(Members& members) {
  StepOutput event;
  event.at = read_place(members);
  event.attempt = members.unsigned_integer<std::uint32_t>("attempt");
  event.stream = members.enumerator<Stream>("stream");
  event.size = members.unsigned_integer<std::uint64_t>("size");
  event.kept = members.unsigned_integer<std::uint64_t>("kept");
  event.digest = members.text("digest");
  return event;
}

TerminalChange read_terminal(Members& members) {
  TerminalChange change;
  change.variables = members.object("variables");
  change.directory = members.text("directory");
  for (const auto& [name, value] : change.variables) {
    if (!value.is_string() && !value.is_null()) members.fail(name, "is neither text nor null");
  }
  if (!change.directory.empty() && !change.directory.starts_with('/')) members.fail("directory", "is no absolute path");
  return change;
}

EventData read_step_outcome(Members& members) {
  StepOutcome event;
  event.at = read_place(members);
  event.attempt = members.unsigned_integer<std::uint32_t>("attempt");
  event.outcome.status = members.enumerator<OutcomeStatus>("status");
  event.outcome.value = members.value("value");
  event.outcome.message = members.text("message");
  event.captured = members.value("captured");
  if (members.has("printed")) event.printed = members.value("printed");
  if (auto change = members.optional_object<TerminalChange>("terminal", read_terminal)) {
    event.terminal = std::move(*change);
  }
  return event;
}

EventData read_step_settled(Members& members) {
  StepSettled event;
  event.step = read_index(members);
  event.iteration = members.unsigned_integer<std::uint32_t>("iteration");
  event.outcome.status = members.enumerator<OutcomeStatus>("status");
  event.outcome.message = members.text("message");
  return event;
}

EventData read_loop_begun(Members& members) {
  LoopBegun event;
  event.step = read_index(members);
  event.end = members.unsigned_integer<std::uint32_t>("end");
  event.as = members.text("as");
  Value items = members.value("items");
  if (items.is_array()) {
    event.items = std::move(items.get_array());
  } else {
    members.fail("items", "is no list");
  }
  return event;
}

/// A journal of the first versions says nothing: there was one kind of answer.
AnswerForm read_wanted(Members& members) {
  AnswerForm form;
  if (members.has("answer")) form.kind = members.enumerator<AnswerKind>("answer");
  if (members.has("choices")) form.choices = members.texts("choices");
  if (members.has("pattern")) form.pattern = members.text("pattern");
  return form;
}

EventData read_wait_opened(Members& members) {
  WaitOpened event;
  event.token = members.text("token");
  event.kind = members.enumerator<QuestionKind>("question");
  event.at = read_place(members);
  event.text = members.text("text");
  event.wants = read_wanted(members);
  return event;
}

EventData read_wait_answered(Members& members) {
  WaitAnswered event;
  event.token = members.text("token");
  event.yes = members.boolean("yes");
  event.who = members.text("who");
  event.note = members.text("note");
  if (members.has("value")) event.value = members.value("value");
  if (members.has("message")) event.message = members.unsigned_integer<std::uint64_t>("message");
  return event;
}

EventData read_wait_unreachable(Members& members) {
  WaitUnreachable event;
  event.token = members.text("token");
  event.reason = members.text("reason");
  return event;
}

/// A journal of the first versions says nothing: there was one kind.
TimerKind read_timer_kind(Members& members) {
  return members.has("timer") ? members.enumerator<TimerKind>("timer") : TimerKind::retry;
}

EventData read_timer_set(Members& members) {
  TimerSet event;
  event.at = read_place(members);
  event.attempt = members.unsigned_integer<std::uint32_t>("attempt");
  event.kind = read_timer_kind(members);
  event.delay = members.milliseconds("delay_ms");
  return event;
}

EventData read_timer_fired(Members& members) {
  TimerFired event;
  event.at = read_place(members);
  event.attempt = members.unsigned_integer<std::uint32_t>("attempt");
  event.kind = read_timer_kind(members);
  return event;
}

EventData read_cancel_requested(Members& members) {
  CancelRequested event{members.text("who")};
  if (members.has("message")) event.message = members.unsigned_integer<std::uint64_t>("message");
  return event;
}

EventData read_rollback_begun(Members& members) {
  return RollbackBegun{members.text("reason")};
}

EventData read_run_parked(Members& members) {
  return RunParked{members.text("reason")};
}

Residue read_residue(Members& members) {
  Residue left;
  left.step = read_index(members);
  if (members.has("iteration")) left.iteration = members.unsigned_integer<std::uint32_t>("iteration");
  left.cause = members.enumerator<ResidueCause>("cause");
  return left;
}

EventData read_run_closed(Members& members) {
  RunClosed event;
  event.status = members.enumerator<RunStatus>("status");
  event.reason = members.text("reason");
  event.residue = members.list<Residue>("residue", read_residue);
  return event;
}

using Reader = EventData (*)(Members&);

/// In the order of `EventData`'s alternatives.
constexpr std::array<std::pair<std::string_view, Reader>, std::variant_size_v<EventData>> types{{
    {"run_created", read_run_created},
    {"claimed", read_claimed},
    {"step_intent", read_step_intent},
    {"step_taken_up", read_step_taken_up},
    {"step_doubt", read_step_doubt},
    {"doubt_resolved", read_doubt_resolved},
    {"step_output", read_step_output},
    {"step_outcome", read_step_outcome},
    {"step_settled", read_step_settled},
    {"loop_begun", read_loop_begun},
    {"wait_opened", read_wait_opened},
    {"wait_answered", read_wait_answered},
    {"wait_unreachable", read_wait_unreachable},
    {"timer_set", read_timer_set},
    {"timer_fired", read_timer_fired},
    {"cancel_requested", read_cancel_requested},
    {"rollback_begun", read_rollback_begun},
    {"run_parked", read_run_parked},
    {"run_closed", read_run_closed},
}};

} // namespace

std::string_view type_name(const EventData& data) noexcept {
  return types[data.index()].first;
}

Result<EventData> read_data(std::string_view type, Members& members) {
  const auto known = std::ranges::find(types, type, &std::pair<std::string_view, Reader>::first);
  if (known == types.end()) {
    members.fail("type", fmt::format("has the unknown value \"{}\"", printable(type)));
    return members.finish().error();
  }
  EventData data = known->second(members);
  if (auto complete = members.finish(); !complete) return complete.error();
  return data;
}

} // namespace runbook
