// Folding events into the state of a run.
#include <runbook/decider.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace runbook {

RunState::RunState(Plan plan)
    : plan_(std::move(plan)), marks_(plan_.steps().size(), Mark::untouched), values_(plan_.inputs()) {
  const auto& steps = plan_.steps();
  const auto general =
      std::ranges::find_if(steps, [](const PlannedStep& step) { return step.section == Section::rollback; });
  end_of_forward_ = static_cast<std::uint32_t>(general - steps.begin());
}

void RunState::apply(const EventData& event) {
  if (phase_ == Phase::ended) return;
  std::visit([this](const auto& e) { on(e); }, event);
}

bool RunState::is_open(std::string_view token) const noexcept {
  return std::ranges::any_of(questions_, [&](const AskedQuestion& q) { return q.open && q.token == token; });
}

std::optional<std::string_view> RunState::open_question(QuestionKind kind) const noexcept {
  if (!question(kind).open) return std::nullopt;
  return question(kind).token;
}

void RunState::on(const RunCreated& event) {
  header_ = event.header;
  phase_ = Phase::forward;
  skip_missing_actions();
}

// A new owner asks again what nobody could be asked before.
void RunState::on(const Claimed&) {
  if (status_ == RunStatus::parked) status_ = RunStatus::running;
  for (AskedQuestion& question : questions_) question.open = question.unreachable = false;
}

void RunState::on(const StepIntent& event) {
  if (event.at != cursor_) return;
  progress_ = Progress::running;
  attempt_ = event.attempt;
  question(QuestionKind::step) = {};
  question(QuestionKind::continue_rollback) = {};
  undo_failed_unseen_ = false;
  if (event.at.kind == ActionKind::undo) return;
  undo_finds(terminal_);
  if (marks_[event.at.step] != Mark::untouched) return;
  marks_[event.at.step] = Mark::started;
  const PlannedStep& step = plan_.steps()[event.at.step];
  if (step.section == Section::rollback) return;
  changed_anything_ = changed_anything_ || step.effect != Effect::pure;
  if (!step.undo.empty()) stack_.arm({event.at.step, terminal_});
}

void RunState::on(const StepOutput&) {}

void RunState::on(const StepOutcome& event) {
  if (progress_ != Progress::running || event.at != cursor_ || event.attempt != attempt_) return;
  question(QuestionKind::step) = {};
  const PlannedAction& planned = plan_.action(cursor_);
  if (!planned.action.capture.empty() && !event.captured.is_null()) values_[planned.action.capture] = event.captured;
  take_over(event);
  if (event.outcome.ok()) {
    action_succeeded();
  } else {
    action_failed(event);
  }
}

void RunState::on(const WaitOpened& event) {
  question(event.kind) =
      AskedQuestion{.token = event.token, .open = true, .unreachable = false, .answer = {}, .who = {}};
}

void RunState::on(const WaitAnswered& event) {
  for (AskedQuestion& question : questions_) {
    if (!question.open || question.token != event.token) continue;
    question.open = false;
    question.answer = event.yes;
    question.who = event.who;
  }
}

void RunState::on(const WaitUnreachable& event) {
  for (AskedQuestion& question : questions_) {
    if (question.open && question.token == event.token) question.unreachable = true;
  }
}

void RunState::on(const TimerSet& event) {
  if (progress_ == Progress::retrying && event.at == cursor_) progress_ = Progress::pausing;
}

void RunState::on(const TimerFired& event) {
  if (progress_ != Progress::pausing || event.at != cursor_ || event.attempt != attempt_ + 1) return;
  progress_ = Progress::idle;
}

// A second cancel asks whether to give the rollback up, also if it comes while the first one still stops the step. What
// comes before that question was asked cannot be its answer.
void RunState::on(const CancelRequested& event) {
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
  phase_ = Phase::unwinding;
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

void RunState::action_succeeded() {
  progress_ = Progress::idle;
  attempt_ = 0;
  ++cursor_.part;
  if (phase_ == Phase::unwinding) {
    if (!at_action()) undo_ended(true);
  } else {
    skip_missing_actions();
  }
}

void RunState::action_failed(const StepOutcome& event) {
  if (is_tried_again(event)) {
    progress_ = Progress::retrying;
    return;
  }
  progress_ = Progress::idle;
  attempt_ = 0;
  if (phase_ == Phase::unwinding) {
    undo_failed_unseen_ = true;
    undo_ended(false);
    return;
  }
  if (phase_ == Phase::general_rollback) {
    undo_failed_unseen_ = true;
    general_failed_ = true;
    marks_[cursor_.step] = Mark::undo_failed;
    next_step();
    return;
  }
  step_failed(event);
}

bool RunState::is_tried_again(const StepOutcome& event) const {
  if (event.outcome.ok() || event.outcome.status == OutcomeStatus::cancelled) return false;
  if (phase_ == Phase::forward && cancelled_) return false;
  const PlannedAction& planned = plan_.action(cursor_);
  return !planned.asks && attempt_ <= planned.action.retry.retries;
}

void RunState::step_failed(const StepOutcome& event) {
  const PlannedStep& step = plan_.steps()[cursor_.step];
  const OnFailure on_failure = step.section == Section::prerequisites ? OnFailure::rollback : step.on_failure;
  if (on_failure == OnFailure::proceed && !cancelled_) {
    next_step();
    return;
  }
  failed_ = true;
  stop_at_failure_ = on_failure == OnFailure::stop;
  if (!cancelled_) reason_ = describe_failure(event);
}

void RunState::undo_ended(bool undone) {
  marks_[cursor_.step] = undone ? Mark::undone : Mark::undo_failed;
  static_cast<void>(stack_.take());
  next_undo();
}

void RunState::next_step() {
  cursor_ = ActionRef{.step = cursor_.step + 1, .iteration = 0, .part = 0, .kind = ActionKind::forward};
  skip_missing_actions();
}

// Sets the cursor to the newest undo that is armed, or to the general rollback when there is none.
void RunState::next_undo() {
  progress_ = Progress::idle;
  attempt_ = 0;
  if (!stack_.empty()) {
    cursor_ = ActionRef{.step = stack_.newest().step, .iteration = 0, .part = 0, .kind = ActionKind::undo};
    return;
  }
  phase_ = Phase::general_rollback;
  cursor_ = ActionRef{.step = end_of_forward_, .iteration = 0, .part = 0, .kind = ActionKind::forward};
  skip_missing_actions();
}

// Moves the cursor from the end of a step's actions to its checks, and from there to the next step.
void RunState::skip_missing_actions() {
  const auto end = phase_ == Phase::general_rollback ? static_cast<std::uint32_t>(marks_.size()) : end_of_forward_;
  while (cursor_.step < end && !at_action()) {
    if (cursor_.kind == ActionKind::forward) {
      cursor_.kind = ActionKind::check;
    } else {
      ++cursor_.step;
      cursor_.kind = ActionKind::forward;
    }
    cursor_.part = 0;
  }
}

bool RunState::at_action() const noexcept {
  return cursor_.part < plan_.steps()[cursor_.step].of(cursor_.kind).size();
}

std::string RunState::describe_failure(const StepOutcome& event) const {
  const PlannedStep& step = plan_.steps()[event.at.step];
  std::string_view what = "step";
  if (step.section == Section::prerequisites) what = "prerequisite";
  if (step.section == Section::verification) what = "verification";
  const std::string_view message = event.outcome.message;
  return fmt::format("{} '{}' {}{}{}", what, step.id,
                     event.outcome.status == OutcomeStatus::timed_out ? "timed out" : "failed",
                     message.empty() ? "" : ": ", message);
}

} // namespace runbook
