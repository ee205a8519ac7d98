#include "step_view.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::cli {

namespace {

constexpr std::size_t output_kept = std::size_t{16} * 1024;

} // namespace

std::string to_words(const WaitAnswered& answer) {
  if (!answer.value.is_null()) return to_text(answer.value);
  return answer.yes ? "yes" : "no";
}

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
  state_.apply(event.data);
  std::visit([&](const auto& e) { on(e, when); }, event.data);
}

void StepView::output(const ActionRef& at, std::string_view bytes) {
  StepProgress* step = find(at);
  if (step == nullptr) return;
  step->output += bytes;
  if (step->output.size() > 2 * output_kept) step->output.erase(0, step->output.size() - output_kept);
}

bool StepView::is_asked_by_step(std::string_view token) const noexcept {
  return std::ranges::any_of(steps_, [&](const StepProgress& step) { return step.asked == token; });
}

StepProgress* StepView::find(const ActionRef& at) {
  const auto found = std::ranges::find_if(steps_, [&](const StepProgress& step) {
    return step.index == at.step && step.iteration == at.iteration && step.undo == (at.kind == ActionKind::undo);
  });
  return found == steps_.end() ? nullptr : &*found;
}

StepProgress StepView::make(std::uint32_t step, std::uint32_t iteration, Moment when) const {
  StepProgress progress;
  progress.index = step;
  progress.iteration = iteration;
  progress.began = progress.ended = when;
  if (iteration > 0) progress.element = to_text(items_.at(state_.plan().steps()[step].unit).at(iteration - 1));
  return progress;
}

std::string StepView::title_of(const StepProgress& step) const {
  std::string title = outline(step).title;
  if (step.iteration == 0) return title;
  const std::string name =
      fmt::format("{{{{ {} }}}}", state_.plan().units()[state_.plan().steps()[step.index].unit].loop->as);
  const std::size_t at = title.find(name);
  if (at == std::string::npos) return fmt::format("{} · {}", title, step.element);
  return title.replace(at, name.size(), step.element);
}

void StepView::on(const RunCreated& e, Moment) {
  run_ = e.header;
  run_began(*run_);
}

void StepView::on(const LoopBegun& e, Moment) {
  items_[state_.plan().steps()[e.step].unit] = e.items;
}

void StepView::on(const StepIntent& e, Moment when) {
  if (StepProgress* step = find(e.at)) {
    if (e.attempt > 1) step->output.clear();
    step->attempt = e.attempt;
    step->outcome.reset();
    return;
  }
  StepProgress& step = steps_.emplace_back(make(e.at.step, e.at.iteration, when));
  step.undo = e.at.kind == ActionKind::undo;
  step.attempt = e.attempt;
  step_began(step);
}

void StepView::on(const StepOutcome& e, Moment when) {
  StepProgress* step = find(e.at);
  if (step == nullptr) return;
  step->outcome = e.outcome;
  step->ended = when;
  step->asked.clear();
  if (state_.is_under_way(e.at)) return;
  step_ended(*step);
  steps_.erase(steps_.begin() + (step - steps_.data()));
}

void StepView::on(const StepSettled& e, Moment when) {
  StepProgress step = make(e.step, e.iteration, when);
  step.outcome = e.outcome;
  step_settled(step);
}

void StepView::on(const TimerSet& e, Moment) {
  StepProgress* step = e.kind == TimerKind::retry ? find(e.at) : nullptr;
  if (step != nullptr) step_retries(*step, e.delay);
  if (step != nullptr) step->outcome.reset();
}

void StepView::on(const WaitOpened& e, Moment) {
  StepProgress* step = is_about_action(e.kind) ? find(e.at) : nullptr;
  if (step != nullptr) {
    step->asked = e.token;
  }
  question_opened(e);
}

void StepView::on(const WaitAnswered& e, Moment) {
  for (StepProgress& step : steps_) {
    if (step.asked != e.token) continue;
    step.answered_by = e.who;
    step.answer = to_words(e);
  }
  question_answered(e);
}

void StepView::on(const WaitUnreachable& e, Moment) {
  question_unreachable(e);
}

void StepView::on(const CancelRequested& e, Moment) {
  cancel_requested(e.who);
}

void StepView::on(const RollbackBegun& e, Moment when) {
  conclude_all(when);
  rollback_began(e.reason);
}

void StepView::on(const RunParked&, Moment when) {
  conclude_all(when);
}

void StepView::on(const RunClosed&, Moment when) {
  conclude_all(when);
}

void StepView::conclude_all(Moment when) {
  for (StepProgress& step : steps_) {
    step.ended = when;
    step_ended(step);
  }
  steps_.clear();
}

} // namespace runbook::cli
