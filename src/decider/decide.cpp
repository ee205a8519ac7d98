// What comes next, from the state of a run.
#include "template.hpp"

#include <runbook/decider.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace runbook {

class Decider {
public:
  Decider(const RunState& state, std::vector<Command>& commands) : s_(state), out_(commands) {}

  void run() {
    if (s_.status_ == RunStatus::parked) return;
    switch (s_.phase_) {
    case RunState::Phase::fresh:
    case RunState::Phase::ended: return;
    case RunState::Phase::forward: return forward();
    case RunState::Phase::unwinding:
    case RunState::Phase::general_rollback: return rollback();
    }
  }

private:
  using Progress = RunState::Progress;
  using Mark = RunState::Mark;

  void forward() {
    if (s_.cancelled_ && s_.progress_ == Progress::running) return cut_off();
    if (s_.cancelled_ || s_.failed_) return end_without_success();
    if (s_.progress_ != Progress::idle) return attend_action();
    if (s_.cursor_.step == s_.end_of_forward_) return close(RunStatus::succeeded);
    start();
  }

  void rollback() {
    if (given_up()) {
      if (s_.progress_ == Progress::running) return cut_off();
      return close_rollback();
    }
    if (s_.rollback_cancels_ > 0 && !asked(QuestionKind::stop_rollback)) ask(QuestionKind::stop_rollback);
    if (s_.undo_failed_unseen_) {
      if (s_.header_->on_rollback_failure == OnRollbackFailure::ask && !rollback_is_done()) {
        if (!s_.question(QuestionKind::continue_rollback).answer) return attend(QuestionKind::continue_rollback);
      }
    }
    if (s_.progress_ != Progress::idle) return attend_action();
    if (rollback_is_done()) return close_rollback();
    start();
  }

  // The action at the cursor has begun and is not settled.
  void attend_action() {
    if (s_.progress_ == Progress::pausing) return;
    const PlannedAction& planned = s_.plan_.action(s_.cursor_);
    if (s_.progress_ == Progress::retrying) return retry(planned.action.retry);
    if (!planned.asks) return;
    const auto& question = s_.question(QuestionKind::step);
    if (!question.answer) return attend(QuestionKind::step);
    const std::string who = question.who.empty() ? std::string() : fmt::format(" by {}", question.who);
    Outcome outcome;
    if (!*question.answer) outcome = {OutcomeStatus::failed, nullptr, "answered no" + who};
    out_.emplace_back(SettleAction{s_.cursor_, s_.attempt_, std::move(outcome)});
  }

  void retry(const RetryPolicy& policy) {
    const std::uint32_t doublings = std::min(s_.attempt_ - 1, std::uint32_t{30});
    const auto delay = std::min(policy.delay * (std::int64_t{1} << doublings), policy.max_delay);
    if (delay.count() > 0) {
      out_.emplace_back(SetTimer{s_.cursor_, s_.attempt_ + 1, delay});
    } else {
      out_.emplace_back(StartAction{s_.cursor_, s_.attempt_ + 1});
    }
  }

  void start() { out_.emplace_back(StartAction{s_.cursor_, s_.attempt_ + 1}); }

  // Stops the action that runs. A question is settled at once, a handler when it has ended.
  void cut_off() {
    if (!s_.plan_.action(s_.cursor_).asks) {
      out_.emplace_back(StopAction{s_.cursor_});
      return;
    }
    if (s_.question(QuestionKind::step).open) out_.emplace_back(Withdraw{QuestionKind::step, s_.cursor_});
    out_.emplace_back(
        SettleAction{s_.cursor_, s_.attempt_, {OutcomeStatus::cancelled, nullptr, "cancelled before it was answered"}});
  }

  void end_without_success() {
    const bool declined = s_.header_->rollback == RollbackMode::never || (s_.stop_at_failure_ && !s_.cancelled_);
    if (declined || !has_anything_to_undo()) return close_undone(declined);
    if (s_.header_->rollback == RollbackMode::ask) {
      const auto& answer = s_.question(QuestionKind::rollback).answer;
      if (!answer) return attend(QuestionKind::rollback);
      if (!*answer) return close_undone(true);
    }
    out_.emplace_back(BeginRollback{s_.reason_});
  }

  [[nodiscard]] bool asked(QuestionKind kind) const {
    const auto& question = s_.question(kind);
    return question.open || question.answer.has_value();
  }

  void ask(QuestionKind kind) { out_.emplace_back(Ask{kind, s_.cursor_}); }

  // Without the answer the run cannot go on: asks, waits, or parks when nobody can be asked.
  void attend(QuestionKind kind) {
    const auto& question = s_.question(kind);
    if (question.unreachable) {
      withdraw_open();
      out_.emplace_back(Park{"waits for an answer and nobody can be asked"});
    } else if (!question.open) {
      ask(kind);
    }
  }

  [[nodiscard]] bool given_up() const {
    if (s_.rollback_cancels_ > 1) return true;
    if (s_.question(QuestionKind::stop_rollback).answer.value_or(false)) return true;
    if (!s_.undo_failed_unseen_) return false;
    if (s_.header_->on_rollback_failure == OnRollbackFailure::stop) return true;
    return !s_.question(QuestionKind::continue_rollback).answer.value_or(true);
  }

  [[nodiscard]] bool general_has_steps() const { return s_.end_of_forward_ < s_.marks_.size(); }

  [[nodiscard]] bool has_anything_to_undo() const {
    return !s_.stack_.empty() || (general_has_steps() && s_.changed_anything_);
  }

  // The general rollback has a meaning only when something may have been changed.
  [[nodiscard]] bool rollback_is_done() const {
    if (s_.phase_ != RunState::Phase::general_rollback) return false;
    return s_.cursor_.step == s_.marks_.size() || !s_.changed_anything_;
  }

  void withdraw_open() {
    for (const QuestionKind kind :
         {QuestionKind::step, QuestionKind::rollback, QuestionKind::stop_rollback, QuestionKind::continue_rollback}) {
      if (s_.question(kind).open) out_.emplace_back(Withdraw{kind, s_.cursor_});
    }
  }

  void close(RunStatus status, std::vector<Residue> residue = {}) {
    withdraw_open();
    out_.emplace_back(Close{RunClosed{status, s_.reason_, std::move(residue)}});
  }

  void close_undone(bool declined) {
    close(s_.cancelled_ ? RunStatus::cancelled : RunStatus::failed,
          residue(declined ? ResidueCause::undo_declined : ResidueCause::no_undo));
  }

  void close_rollback() {
    std::vector<Residue> left = residue(ResidueCause::undo_abandoned);
    const RunStatus status = left.empty() ? RunStatus::rolled_back : RunStatus::partially_rolled_back;
    close(status, std::move(left));
  }

  // What was started and is not undone, in the plan's order. `armed` is the cause for an undo that never ran.
  [[nodiscard]] std::vector<Residue> residue(ResidueCause armed) const {
    std::vector<Residue> left;
    for (std::uint32_t i = 0; i < s_.marks_.size(); ++i) {
      if (const auto cause = residue_cause(i, armed)) left.push_back(Residue{i, *cause});
    }
    return left;
  }

  [[nodiscard]] std::optional<ResidueCause> residue_cause(std::uint32_t index, ResidueCause armed) const {
    const PlannedStep& step = s_.plan_.steps()[index];
    switch (s_.marks_[index]) {
    case Mark::untouched:
    case Mark::undone: return std::nullopt;
    case Mark::undo_failed: return ResidueCause::undo_failed;
    case Mark::started: break;
    }
    if (step.section == Section::rollback || step.effect == Effect::pure) return std::nullopt;
    if (!step.undo.empty()) return armed;
    if (step.irreversible) return ResidueCause::irreversible;
    if (general_has_steps() && rollback_is_done() && !s_.general_failed_) return std::nullopt;
    return ResidueCause::no_undo;
  }

  const RunState& s_;
  std::vector<Command>& out_;
};

void decide(const RunState& state, std::vector<Command>& commands) {
  commands.clear();
  Decider(state, commands).run();
}

std::vector<Command> decide(const RunState& state) {
  std::vector<Command> commands;
  decide(state, commands);
  return commands;
}

std::string question_token(const Plan& plan, QuestionKind kind, const ActionRef& at) {
  switch (kind) {
  case QuestionKind::rollback: return "run:rollback";
  case QuestionKind::stop_rollback: return "run:stop-rollback";
  case QuestionKind::continue_rollback: return "run:continue-rollback/" + plan.steps()[at.step].id;
  case QuestionKind::step: break;
  }
  return action_path(*plan.outline(), at);
}

namespace {

// The words of a question. A prompt whose names are not all known is shown as it stands.
std::string question_text(const RunState& state, const Ask& ask) {
  switch (ask.kind) {
  case QuestionKind::rollback: return fmt::format("The run failed ({}). Roll back?", state.reason());
  case QuestionKind::stop_rollback: return "The rollback is under way. Give it up and leave things as they are?";
  case QuestionKind::continue_rollback: return "An undo failed. Go on with the others?";
  case QuestionKind::step: break;
  }
  const Values& params = state.plan().action(ask.at).action.params;
  const Value* prompt = params.if_contains("prompt");
  return prompt == nullptr ? std::string() : expand_known(to_text(*prompt), state.values());
}

struct ToEvent {
  const RunState& state;

  std::optional<EventData> operator()(const StartAction& c) const {
    const auto timeout = state.plan().action(c.at).action.timeout;
    return StepIntent{c.at, c.attempt, timeout.value_or(std::chrono::milliseconds{0})};
  }
  std::optional<EventData> operator()(const Ask& c) const {
    return WaitOpened{question_token(state.plan(), c.kind, c.at), c.kind, c.at, question_text(state, c)};
  }
  std::optional<EventData> operator()(const SettleAction& c) const {
    return StepOutcome{c.at, c.attempt, c.outcome, nullptr};
  }
  std::optional<EventData> operator()(const SetTimer& c) const { return TimerSet{c.at, c.attempt, c.delay}; }
  std::optional<EventData> operator()(const BeginRollback& c) const { return RollbackBegun{c.reason}; }
  std::optional<EventData> operator()(const Park& c) const { return RunParked{c.reason}; }
  std::optional<EventData> operator()(const Close& c) const { return c.closed; }
  std::optional<EventData> operator()(const Withdraw&) const { return std::nullopt; }
  std::optional<EventData> operator()(const StopAction&) const { return std::nullopt; }
};

} // namespace

std::optional<EventData> to_event(const RunState& state, const Command& command) {
  return std::visit(ToEvent{state}, command);
}

} // namespace runbook
