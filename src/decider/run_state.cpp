// Folding events into the state of a run.
#include <runbook/decider.hpp>

#include "plan/captures.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook {

namespace {

/// Most actions ask nothing.
void forget(auto& question) {
  if (!question.token.empty()) question = {};
}

/// What a step that runs another runbook has bound.
Values inputs_in(const Value& value) {
  const Value* inputs = value.is_object() ? value.get_object().if_contains("inputs") : nullptr;
  return inputs != nullptr && inputs->is_object() ? inputs->get_object() : Values();
}

// Whether a secret is one, only the host can tell, which has it.
bool is_answer(const AnswerForm& wants, const WaitAnswered& event) {
  if (!event.yes || wants.kind == AnswerKind::secret) return true;
  const auto* text = event.value.if_string();
  return !answer_flaw(wants, text == nullptr ? std::string_view() : std::string_view(*text));
}

} // namespace

RunState::RunState(Plan plan)
    : plan_(std::move(plan)), queue_(plan_.units()), marks_(plan_.steps().size(), Mark::untouched),
      scopes_(plan_.scopes().size()) {
  open_scope(0, 0, plan_.inputs());
}

void RunState::apply(const EventData& event) {
  if (phase_ == Phase::ended) return;
  std::visit([this](const auto& e) { on(e); }, event);
}

template <class Visit>
void RunState::for_each_question(const Visit& visit) {
  strands_.for_each([&](Strand& strand) { visit(strand.question); });
  visit(undoing_.question);
  for (AskedQuestion& question : questions_) visit(question);
}

template <class Visit>
void RunState::for_each_question(const Visit& visit) const {
  strands_.for_each([&](const Strand& strand) { visit(strand.question); });
  visit(undoing_.question);
  for (const AskedQuestion& question : questions_) visit(question);
}

std::optional<OpenQuestion> RunState::open_question(std::string_view token) const {
  std::optional<OpenQuestion> found;
  for_each_question([&](const AskedQuestion& q) {
    if (q.open && q.token == token) found = OpenQuestion{q.at, q.wants};
  });
  return found;
}

std::vector<std::pair<QuestionKind, std::string>> RunState::open_questions() const {
  std::vector<std::pair<QuestionKind, std::string>> open;
  for_each_question([&](const AskedQuestion& question) {
    if (question.open) open.emplace_back(question.kind, question.token);
  });
  return open;
}

void RunState::on(const RunCreated& event) {
  header_ = event.header;
  phase_ = Phase::forward;
  begin_units();
}

// A new owner asks again, and no timer of the former one will fire.
void RunState::on(const Claimed&) {
  if (status_ == RunStatus::parked) status_ = RunStatus::running;
  for_each_question([](AskedQuestion& question) { question.open = question.unreachable = false; });
  strands_.for_each([this](Strand& strand) { begin_times_anew(strand); });
  begin_times_anew(undoing_);
  timer_set_ = false;
  strands_.for_each([this](const Strand& strand) { attend_to(strand); });
}

void RunState::on(const StepIntent& event) {
  if (event.at.kind == ActionKind::probe) return begin_probe(event);
  Strand* strand = strand_at(event.at);
  if (strand == nullptr) return;
  strand->progress = Progress::running;
  strand->attempt = event.attempt;
  strand->verdict = Verdict::none;
  if (strand->resolved) strand->resolved = {};
  forget(strand->question);
  is_attended_to(place_of(event.at));
  const PlannedAction& planned = plan_.action(event.at);
  if (planned.asks || (planned.until && planned.action.timeout)) attend_to(*strand);
  question(QuestionKind::continue_rollback) = {};
  undo_failed_unseen_ = false;
  if (event.at.kind == ActionKind::undo) return;
  if (strand->armed) undo_finds(*strand, terminal_of(event.at));
  Mark& mark_of_step = mark(event.at.step, event.at.iteration);
  if (mark_of_step != Mark::untouched) return;
  mark_of_step = Mark::started;
  const PlannedStep& step = plan_.steps()[event.at.step];
  if (step.section == Section::rollback) return;
  if (step.effect != Effect::pure) has_changed(event.at);
  if (step.undo.empty()) return;
  strand->armed = stack_.size();
  stack_.arm({event.at.step, event.at.iteration, terminal_of(event.at)});
}

void RunState::on(const StepOutput&) {}

void RunState::on(const StepOutcome& event) {
  Strand* strand = strand_at(event.at);
  if (strand == nullptr || event.attempt != strand->attempt) return;
  const bool overdue = strand->deadline == Deadline::passed && strand->progress != Progress::idle;
  const bool waits = strand->progress == Progress::running || strand->progress == Progress::adrift ||
                     strand->progress == Progress::doubtful;
  if (!waits && !overdue) return;
  if (event.at.kind == ActionKind::probe) return probe_ended(*strand, event);
  forget(strand->question);
  is_attended_to(place_of(event.at));
  note_result(*strand, event);
  capture(*strand, event);
  take_over(*strand, event);
  if (!event.outcome.ok()) return action_failed(*strand, event);
  if (const std::uint32_t scope = plan_.steps()[event.at.step].opens; scope != 0) {
    open_scope(scope, event.at.iteration, inputs_in(event.outcome.value));
  }
  action_succeeded(*strand);
}

void RunState::on(const WaitOpened& event) {
  Strand* strand = is_about_action(event.kind) ? strand_at(event.at) : nullptr;
  if (is_about_action(event.kind) && strand == nullptr) return;
  AskedQuestion& asked = strand != nullptr ? strand->question : question(event.kind);
  asked = AskedQuestion{.kind = event.kind,
                        .token = event.token,
                        .open = true,
                        .unreachable = false,
                        .answer = {},
                        .who = {},
                        .note = {},
                        .at = event.at,
                        .wants = event.wants};
  if (strand != nullptr) is_attended_to(place_of(event.at));
}

void RunState::on(const WaitAnswered& event) {
  last_message_ = std::max(last_message_, event.message);
  for_each_question([&](AskedQuestion& question) {
    if (!question.open || question.token != event.token) return;
    if (!is_answer(question.wants, event)) return;
    question.open = false;
    question.answer = event.yes;
    told_a_secret_ = told_a_secret_ || (event.yes && question.wants.kind == AnswerKind::secret);
    question.who = event.who;
    question.note = event.note;
    question.value = event.value;
  });
  strands_.for_each([&](const Strand& strand) {
    if (strand.question.token == event.token) attend_to(strand);
  });
}

void RunState::on(const WaitUnreachable& event) {
  for_each_question([&](AskedQuestion& question) {
    if (question.open && question.token == event.token) question.unreachable = true;
  });
  strands_.for_each([&](const Strand& strand) {
    if (strand.question.token == event.token) attend_to(strand);
  });
}

void RunState::on(const TimerSet& event) {
  if (event.kind == TimerKind::run) {
    timer_set_ = true;
    return;
  }
  Strand* strand = strand_at(event.at);
  if (strand == nullptr) return;
  if (event.kind == TimerKind::deadline) strand->deadline = Deadline::set;
  if (event.kind == TimerKind::retry && strand->progress == Progress::retrying) strand->progress = Progress::pausing;
  if (!plan_.action(event.at).asks) is_attended_to(place_of(event.at));
}

bool RunState::awaits(const TimerFired& event) const {
  if (event.kind == TimerKind::run) return phase_ == Phase::forward && !is_ending();
  const Strand* strand = strand_at(event.at);
  if (strand == nullptr) return false;
  if (event.kind == TimerKind::deadline) return strand->deadline == Deadline::set;
  return strand->progress == Progress::pausing && event.attempt == strand->attempt + 1;
}

void RunState::on(const TimerFired& event) {
  if (!awaits(event)) return;
  if (event.kind == TimerKind::run) {
    cancelled_ = true;
    reason_ = fmt::format("not done after {} ms", header_->timeout.count());
    return;
  }
  Strand& strand = *strand_at(event.at);
  if (event.kind == TimerKind::deadline) {
    strand.deadline = Deadline::passed;
  } else {
    strand.progress = Progress::idle;
  }
  attend_to(strand);
}

// A second cancel asks whether to give the rollback up, also if it comes while the first one still stops the step. What
// comes before that question was asked cannot be its answer.
void RunState::on(const CancelRequested& event) {
  last_message_ = std::max(last_message_, event.message);
  if (phase_ != Phase::forward) {
    ++rollback_cancels_;
    return;
  }
  if (cancelled_) {
    rollback_cancels_ = 1;
    return;
  }
  cancelled_ = true;
  if (!failed_) reason_ = event.who.empty() ? "cancelled" : fmt::format("cancelled by {}", event.who);
}

void RunState::on(const RollbackBegun&) {
  phase_ = Phase::rollback;
  strands_.clear();
  due_.clear();
  next_undo();
}

void RunState::on(const RunParked&) {
  status_ = RunStatus::parked;
}

void RunState::on(const RunClosed& event) {
  status_ = event.status;
  reason_ = event.reason;
  residue_ = event.residue;
  phase_ = Phase::ended;
}

void RunState::capture(Strand& strand, const StepOutcome& event) {
  const std::uint32_t iteration = event.at.iteration;
  const bool alone = iteration == 0 || in_scope_of_element(event.at);
  for_each_captured(plan_.action(event.at), event, [&](std::string_view name, const Value& value) {
    if (alone) {
      own(scope_of(event.at).values)[name] = value;
      return;
    }
    if (strand.values) own(strand.values)[name] = value;
    LoopRun& loop = loops_.at(plan_.steps()[event.at.step].unit);
    boost::json::array& list = loop.captured[std::string(name)];
    list.resize(loop.items.size());
    list[iteration - 1] = value;
  });
}

void RunState::action_succeeded(Strand& strand) {
  strand.progress = Progress::idle;
  strand.deadline = Deadline::none;
  strand.attempt = 0;
  ++strand.cursor.part;
  if (phase_ == Phase::forward || in_general_rollback(strand)) return go_on(strand);
  if (!at_action(strand)) undo_ended(true);
}

void RunState::action_failed(Strand& strand, const StepOutcome& event) {
  if (is_tried_again(strand, event)) {
    strand.progress = Progress::retrying;
    attend_to(strand);
    return;
  }
  strand.progress = Progress::idle;
  strand.deadline = Deadline::none;
  strand.attempt = 0;
  if (phase_ == Phase::forward) return step_failed(strand, event.at, event.outcome);
  undo_failed(strand);
}

bool RunState::is_tried_again(const Strand& strand, const StepOutcome& event) const {
  if (event.outcome.ok() || event.outcome.status == OutcomeStatus::cancelled) return false;
  if (phase_ == Phase::forward && is_ending()) return false;
  if (strand.deadline == Deadline::passed) return false;
  const PlannedAction& planned = plan_.action(event.at);
  const bool until_time_is_over = planned.until && planned.action.timeout && planned.action.retry.retries == 0;
  return !planned.asks && (until_time_is_over || strand.attempt <= planned.action.retry.retries);
}

void RunState::step_failed(Strand& strand, const ActionRef& at, const Outcome& outcome) {
  const PlannedStep& step = plan_.steps()[at.step];
  const OnFailure on_failure = step.section == Section::prerequisites ? OnFailure::rollback : step.on_failure;
  if (on_failure == OnFailure::proceed && !cancelled_) return next_step(strand);
  if (failed_) return; // the first failure says why
  failed_ = true;
  stop_at_failure_ = on_failure == OnFailure::stop;
  if (!cancelled_) reason_ = describe_failure(at, outcome);
}

void RunState::undo_failed(Strand& strand) {
  undo_failed_unseen_ = true;
  if (!in_general_rollback(strand)) return undo_ended(false);
  scope_of(strand.cursor).rollback_failed = true;
  mark(strand.cursor.step, strand.cursor.iteration) = Mark::undo_failed;
  next_step(strand);
}

void RunState::undo_ended(bool undone) {
  mark(undoing_.cursor.step, undoing_.cursor.iteration) = undone ? Mark::undone : Mark::undo_failed;
  static_cast<void>(stack_.take());
  next_undo();
}

// Sets the cursor to the newest undo that is armed. A general rollback has a meaning only when something may have been
// changed.
void RunState::next_undo() {
  for (; !stack_.empty(); static_cast<void>(stack_.take())) {
    undoing_ = {};
    const Armed& armed = stack_.newest();
    undoing_.cursor = {.step = armed.step, .iteration = armed.iteration, .kind = ActionKind::undo};
    undoing_.end = armed.step + 1;
    if (in_general_rollback(undoing_)) {
      if (!scope_of(undoing_.cursor).changed) continue;
      undoing_.cursor.kind = ActionKind::forward;
      undoing_.end = plan_.scopes()[plan_.steps()[armed.step].scope].rollback_end;
      skip_missing_actions(undoing_);
    } else if (armed.iteration > 0 && !in_scope_of_element(undoing_.cursor)) {
      undoing_.values = values_of_element(plan_.steps()[armed.step].unit, armed.iteration);
    }
    return;
  }
  undoing_ = {};
  undoing_.cursor.step = static_cast<std::uint32_t>(marks_.size());
}

void RunState::general_rollback_ended() {
  ScopeRun& scope = scope_of({.step = undoing_.end - 1, .iteration = undoing_.cursor.iteration});
  scope.rolled_back = !scope.rollback_failed;
  static_cast<void>(stack_.take());
  next_undo();
}

bool RunState::in_general_rollback(const Strand& strand) const noexcept {
  return plan_.steps()[strand.cursor.step].section == Section::rollback;
}

RunState::Mark& RunState::mark(std::uint32_t step, std::uint32_t iteration) {
  return iteration == 0 ? marks_[step] : marks_of_elements_[{step, iteration}];
}

std::string RunState::describe_failure(const ActionRef& at, const Outcome& outcome) const {
  const PlannedStep& step = plan_.steps()[at.step];
  std::string_view what = "step";
  if (step.section == Section::prerequisites) what = "prerequisite";
  if (step.section == Section::verification) what = "verification";
  const std::string element = at.iteration == 0 ? std::string() : fmt::format("[{}]", at.iteration);
  return fmt::format("{} '{}{}' {}{}{}", what, step.id, element,
                     outcome.status == OutcomeStatus::timed_out ? "timed out" : "failed",
                     outcome.message.empty() ? "" : ": ", outcome.message);
}

} // namespace runbook
