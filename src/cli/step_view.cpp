#include "step_view.hpp"

#include <fmt/format.h>

namespace runbook::cli {

namespace {

constexpr std::size_t output_kept = std::size_t{16} * 1024;

} // namespace

std::string to_words(std::chrono::nanoseconds time) {
  using namespace std::chrono;
  const auto total = duration_cast<seconds>(time).count();
  if (total < 60) return fmt::format("{:.1f}s", static_cast<double>(time.count()) / 1e9);
  if (total < 3600) return fmt::format("{}m {:02}s", total / 60, total % 60);
  return fmt::format("{}h {:02}m", total / 3600, total / 60 % 60);
}

std::string_view to_words(ResidueCause cause) noexcept {
  switch (cause) {
  case ResidueCause::no_undo: return "it has no undo";
  case ResidueCause::irreversible: return "it cannot be undone";
  case ResidueCause::undo_failed: return "its undo failed";
  case ResidueCause::undo_declined: return "it was not to be undone";
  case ResidueCause::undo_abandoned: return "the rollback was given up";
  }
  return "unknown cause";
}

void StepView::event(const Event& event, Moment when) {
  std::visit([&](const auto& e) { on(e, when); }, event.data);
}

void StepView::output(const ActionRef& at, std::string_view bytes) {
  if (!step_ || step_->index != at.step || step_->undo != (at.kind == ActionKind::undo)) return;
  step_->output += bytes;
  if (step_->output.size() > 2 * output_kept) step_->output.erase(0, step_->output.size() - output_kept);
}

void StepView::on(const RunCreated& e, Moment) {
  run_ = e.header;
  run_began(*run_);
}

void StepView::on(const StepIntent& e, Moment when) {
  const bool undo = e.at.kind == ActionKind::undo;
  if (step_ && step_->index == e.at.step && step_->undo == undo) {
    if (e.attempt > 1) step_->output.clear();
    step_->attempt = e.attempt;
    step_->outcome.reset();
    return;
  }
  conclude(when);
  step_.emplace();
  step_->index = e.at.step;
  step_->undo = undo;
  step_->attempt = e.attempt;
  step_->began = step_->ended = when;
  step_began(*step_);
}

void StepView::on(const StepOutcome& e, Moment when) {
  if (!step_) return;
  step_->outcome = e.outcome;
  step_->ended = when;
  asks_ = false;
}

void StepView::on(const TimerSet& e, Moment) {
  if (step_) step_retries(*step_, e.delay);
}

void StepView::on(const WaitOpened& e, Moment when) {
  if (e.kind == QuestionKind::step) {
    asks_ = true;
    asked_ = e.token;
  } else if (e.kind != QuestionKind::stop_rollback) {
    conclude(when); // asked because the step ended badly
  }
  question_opened(e);
}

void StepView::on(const WaitAnswered& e, Moment) {
  if (step_ && asks_ && e.token == asked_) step_->answered_by = e.who;
  question_answered(e);
}

void StepView::on(const WaitUnreachable& e, Moment) {
  question_unreachable(e);
}

void StepView::on(const CancelRequested& e, Moment) {
  cancel_requested(e.who);
}

void StepView::on(const RollbackBegun& e, Moment when) {
  conclude(when);
  rollback_began(e.reason);
}

void StepView::on(const RunParked&, Moment when) {
  conclude(when);
}

void StepView::on(const RunClosed&, Moment when) {
  conclude(when);
}

void StepView::conclude(Moment when) {
  if (!step_) return;
  if (!step_->outcome) step_->ended = when;
  step_ended(*step_);
  step_.reset();
  asks_ = false;
}

} // namespace runbook::cli
