// Events put together to what a person follows: steps that begin, wait, are tried again and end. The base of the views
// for people; it only retells what the journal says.
#pragma once

#include "display.hpp"

#include <runbook/decider.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::cli {

/// A step that is under way, or its undo.
struct StepProgress {
  std::uint32_t index = 0;
  std::uint32_t iteration = 0;
  std::string element{}; ///< of its loop, as text
  bool undo = false;
  std::uint32_t attempt = 1;
  Moment began;
  Moment ended;
  std::optional<Outcome> outcome; ///< of its newest action; none while that runs
  std::string asked;              ///< token of its open question
  std::string answered_by;        ///< a person answered its question
  std::string answer;             ///< what that said
  std::string output;             ///< the newest part

  [[nodiscard]] bool ok() const noexcept { return outcome && outcome->ok(); }
};

/// "no", "yes", or what else was answered. Not shown as it is: it may hold anything.
[[nodiscard]] std::string to_words(const WaitAnswered& answer);

/// "0.3s", "2m 05s", "1h 02m".
[[nodiscard]] std::string to_words(std::chrono::nanoseconds time);

/// "no undo", "undo failed" …
[[nodiscard]] std::string_view to_words(ResidueCause cause) noexcept;

class StepView : public View {
public:
  explicit StepView(const Plan& plan) : state_(plan) {}
  void event(const Event& event, Moment when) final;
  void output(const ActionRef& at, std::string_view bytes) final;

protected:
  virtual void run_began(const RunHeader& run) = 0;
  virtual void step_began(const StepProgress& step) = 0;
  virtual void step_retries(const StepProgress& step, std::chrono::milliseconds delay) = 0;
  virtual void step_ended(const StepProgress& step) = 0;
  /// It ended without having begun: it was skipped, or what it depends on has no value.
  virtual void step_settled(const StepProgress& step) = 0;
  virtual void question_opened(const WaitOpened& question) = 0;
  virtual void question_answered(const WaitAnswered& answer) = 0;
  virtual void question_unreachable(const WaitUnreachable& question) = 0;
  virtual void cancel_requested(const std::string& who) = 0;
  virtual void rollback_began(const std::string& reason) = 0;

  [[nodiscard]] const StepOutline& outline(const StepProgress& step) const { return (*run_->outline)[step.index]; }
  /// Its title, with the element of its loop.
  [[nodiscard]] std::string title_of(const StepProgress& step) const;
  /// The steps that are under way, in the order of their start.
  [[nodiscard]] const std::vector<StepProgress>& current() const noexcept { return steps_; }
  /// Whether a step's question is the one with this token.
  [[nodiscard]] bool is_asked_by_step(std::string_view token) const noexcept;

private:
  void on(const RunCreated& e, Moment when);
  void on(const StepIntent& e, Moment when);
  void on(const StepOutcome& e, Moment when);
  void on(const StepSettled& e, Moment when);
  void on(const LoopBegun& e, Moment when);
  void on(const TimerSet& e, Moment when);
  void on(const WaitOpened& e, Moment when);
  void on(const WaitAnswered& e, Moment when);
  void on(const WaitUnreachable& e, Moment when);
  void on(const CancelRequested& e, Moment when);
  void on(const RollbackBegun& e, Moment when);
  void on(const RunParked& e, Moment when);
  void on(const RunClosed& e, Moment when);
  void on(const Claimed&, Moment) {}
  void on(const StepTakenUp&, Moment) {}
  void on(const StepDoubt&, Moment) {}
  void on(const DoubtResolved&, Moment) {}
  void on(const StepOutput&, Moment) {}
  void on(const TimerFired&, Moment) {}
  [[nodiscard]] StepProgress* find(const ActionRef& at);
  [[nodiscard]] StepProgress make(std::uint32_t step, std::uint32_t iteration, Moment when) const;
  /// The run has come to an end or to a halt.
  void conclude_all(Moment when);

  RunState state_; ///< knows what there is still to come of a step
  std::shared_ptr<const RunHeader> run_;
  std::vector<StepProgress> steps_;
  std::map<std::uint32_t, boost::json::array> items_; ///< of the loops that have begun, by unit
};

} // namespace runbook::cli
