// A host of the decider without a world: outcomes, answers and cancels come from functions, time passes at once.
#pragma once

#include <runbook/decider.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook::testing {

/// What the simulated world says. The defaults: everything works, every question is answered yes.
struct World {
  std::function<Outcome(const ActionRef&, std::uint32_t attempt)> outcome = [](const ActionRef&, std::uint32_t) {
    return Outcome{};
  };
  /// Nothing: nobody can be asked.
  std::function<std::optional<bool>(QuestionKind)> answer = [](QuestionKind) { return std::optional<bool>(true); };
  /// Asked when the run waits for something, before that happens: shall a cancel come first?
  std::function<bool()> cancel = [] { return false; };
  RollbackMode rollback = RollbackMode::automatic;
  OnRollbackFailure on_rollback_failure = OnRollbackFailure::proceed;
};

class SimulatedRun {
public:
  SimulatedRun(const Plan& plan, World world) : world_(std::move(world)), state_(plan) {
    auto header = std::make_shared<RunHeader>();
    header->run = "r1";
    header->rules = rules_version;
    header->rollback = world_.rollback;
    header->on_rollback_failure = world_.on_rollback_failure;
    header->outline = plan.outline();
    record(RunCreated{header});
  }

  /// Runs to the end, or until `max_turns` show that it has none. Returns false then.
  bool run(int max_turns = 10'000) {
    for (int turn = 0; turn < max_turns; ++turn) {
      if (state_.status() != RunStatus::running) return true;
      settle();
      if (state_.status() != RunStatus::running) return true;
      if (world_.cancel()) {
        record(CancelRequested{"somebody"});
        continue;
      }
      if (!let_something_happen()) return false;
    }
    return false;
  }

  /// Records a cancel before anything else happens.
  void cancel() { record(CancelRequested{"somebody"}); }

  [[nodiscard]] const RunState& state() const { return state_; }
  [[nodiscard]] const std::vector<EventData>& events() const { return events_; }

  /// "a b!" : a worked, b failed; "~b" : b was undone; "~b!" : its undo failed.
  [[nodiscard]] std::string story() const {
    std::string text;
    for (const EventData& event : events_) {
      const auto* outcome = std::get_if<StepOutcome>(&event);
      if (outcome == nullptr) continue;
      if (!text.empty()) text += ' ';
      if (outcome->at.kind == ActionKind::undo) text += '~';
      text += state_.plan().steps()[outcome->at.step].id;
      if (outcome->at.kind == ActionKind::check) text += '?';
      if (outcome->outcome.status == OutcomeStatus::cancelled) text += '/';
      if (outcome->outcome.status == OutcomeStatus::failed) text += '!';
    }
    return text;
  }

  /// "b:undo_failed c:no_undo"
  [[nodiscard]] std::string residue() const {
    std::string text;
    for (const Residue& residue : state_.residue()) {
      if (!text.empty()) text += ' ';
      text += state_.plan().steps()[residue.step].id + ":" + std::string(to_string(residue.cause));
    }
    return text;
  }

private:
  void record(EventData event) {
    state_.apply(event);
    events_.push_back(std::move(event));
  }

  // Carries commands out until nothing is left that can be done at once.
  void settle() {
    bool recorded = true;
    while (recorded) {
      recorded = false;
      for (const Command& command : decide(state_)) {
        if (auto event = to_event(state_, command)) {
          record(std::move(*event));
          recorded = true;
        }
        take(command);
      }
    }
  }

  void take(const Command& command) {
    if (const auto* start = std::get_if<StartAction>(&command)) {
      if (!state_.plan().action(start->at).asks) running_ = *start;
    } else if (const auto* timer = std::get_if<SetTimer>(&command)) {
      timer_ = *timer;
    } else if (std::holds_alternative<StopAction>(command)) {
      stopped_ = true;
    }
  }

  bool let_something_happen() {
    if (answer_something()) return true;
    if (running_) {
      const StartAction done = *std::exchange(running_, std::nullopt);
      Outcome outcome = world_.outcome(done.at, done.attempt);
      if (std::exchange(stopped_, false) && !outcome.ok()) outcome.status = OutcomeStatus::cancelled;
      record(StepOutcome{done.at, done.attempt, std::move(outcome), nullptr});
      return true;
    }
    if (timer_) {
      const SetTimer fired = *std::exchange(timer_, std::nullopt);
      record(TimerFired{fired.at, fired.attempt});
      return true;
    }
    return false;
  }

  bool answer_something() {
    for (const QuestionKind kind :
         {QuestionKind::step, QuestionKind::rollback, QuestionKind::stop_rollback, QuestionKind::continue_rollback}) {
      const auto token = state_.open_question(kind);
      if (!token || unreachable_ == *token) continue;
      const std::string name(*token);
      if (const auto yes = world_.answer(kind)) {
        record(WaitAnswered{name, *yes, "somebody", {}});
      } else {
        unreachable_ = name;
        record(WaitUnreachable{name, "nobody is there"});
      }
      return true;
    }
    return false;
  }

  World world_;
  RunState state_;
  std::vector<EventData> events_;
  std::optional<StartAction> running_;
  std::optional<SetTimer> timer_;
  bool stopped_ = false;
  std::string unreachable_;
};

} // namespace runbook::testing
