// A host of the decider without a world: outcomes, answers and cancels come from functions, time passes at once.
#pragma once

#include <runbook/decider.hpp>

#include <algorithm>
#include <chrono>
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
  /// What an action prints; empty: nothing.
  std::function<std::string(const ActionRef&, std::uint32_t attempt)> printed{};
  /// Nothing: nobody can be asked.
  std::function<std::optional<bool>(QuestionKind)> answer = [](QuestionKind) { return std::optional<bool>(true); };
  /// Asked when the run waits for something, before that happens: shall a cancel come first?
  std::function<bool()> cancel = [] { return false; };
  /// Asked as well: does the run's owner end here, and another one take the run up?
  std::function<bool()> ends_here = [] { return false; };
  /// What a new owner finds of what a former one has started: nothing means that it goes on.
  std::function<std::optional<DoubtKind>()> adrift = [] { return std::optional(DoubtKind::unknown); };
  /// What a person says of an action that is in doubt.
  std::function<std::string()> doubt = [] { return std::string("done"); };
  /// Which of so many things that go on ends next.
  std::function<std::size_t(std::size_t count)> pick = [](std::size_t) { return std::size_t{0}; };
  std::uint32_t parallel = 1;
  std::chrono::milliseconds timeout{0};
  RollbackMode rollback = RollbackMode::automatic;
  OnRollbackFailure on_rollback_failure = OnRollbackFailure::proceed;
};

class SimulatedRun {
public:
  SimulatedRun(const Plan& plan, World world) : world_(std::move(world)), state_(plan) {
    auto header = std::make_shared<RunHeader>();
    header->run = "r1";
    header->rules = rules_version;
    header->parallel = world_.parallel;
    header->timeout = world_.timeout;
    header->rollback = world_.rollback;
    header->on_rollback_failure = world_.on_rollback_failure;
    header->outline = plan.outline();
    header->plan_digest = plan.digest();
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
      if (world_.ends_here()) {
        take_up();
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

  /// "a b!" : a worked, b failed; "~b" : b was undone; "~b!" : its undo failed; "-a" : skipped; "a[2]" in a loop.
  [[nodiscard]] std::string story() const {
    std::string text;
    for (const EventData& event : events_) {
      if (const auto* settled = std::get_if<StepSettled>(&event)) {
        if (!text.empty()) text += ' ';
        if (settled->outcome.status == OutcomeStatus::skipped) text += '-';
        text += name({.step = settled->step, .iteration = settled->iteration});
        if (settled->outcome.status == OutcomeStatus::failed) text += '!';
      }
      const auto* outcome = std::get_if<StepOutcome>(&event);
      if (outcome == nullptr) continue;
      if (!text.empty()) text += ' ';
      if (outcome->at.kind == ActionKind::undo) text += '~';
      text += name(outcome->at);
      if (outcome->at.kind == ActionKind::check) text += '?';
      if (outcome->outcome.status == OutcomeStatus::cancelled) text += '/';
      if (outcome->outcome.status == OutcomeStatus::failed) text += '!';
      if (outcome->outcome.status == OutcomeStatus::timed_out) text += '@';
    }
    return text;
  }

  /// "b:undo_failed c:no_undo"
  [[nodiscard]] std::string residue() const {
    std::string text;
    for (const Residue& residue : state_.residue()) {
      if (!text.empty()) text += ' ';
      text +=
          name({.step = residue.step, .iteration = residue.iteration}) + ":" + std::string(to_string(residue.cause));
    }
    return text;
  }

  /// How many actions were running at the same time, at most.
  [[nodiscard]] std::size_t most_at_once() const { return most_at_once_; }

private:
  [[nodiscard]] std::string name(const ActionRef& at) const {
    const std::string& id = state_.plan().steps()[at.step].id;
    return at.iteration == 0 ? id : id + "[" + std::to_string(at.iteration) + "]";
  }

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
        if (const auto* adrift = std::get_if<TakeUpAction>(&command)) {
          take_up(*adrift);
          recorded = true;
          continue;
        }
        if (auto event = to_event(state_, command)) {
          record(std::move(*event));
          recorded = true;
        }
        take(command);
      }
    }
  }

  // Nothing of the former owner is left but the events.
  void take_up() {
    running_.clear();
    timers_.clear();
    unreachable_.clear();
    record(Claimed{"another"});
  }

  void take_up(const TakeUpAction& command) {
    if (const auto doubt = world_.adrift()) {
      record(StepDoubt{command.at, command.attempt, *doubt, "it is so"});
    } else {
      record(StepTakenUp{command.at, command.attempt});
      running_.push_back({{command.at, command.attempt}, false});
    }
  }

  void take(const Command& command) {
    if (const auto* start = std::get_if<StartAction>(&command)) {
      if (!state_.plan().action(start->at).asks) running_.push_back({*start, false});
      most_at_once_ = std::max(most_at_once_, running_.size());
    } else if (const auto* timer = std::get_if<SetTimer>(&command)) {
      if (timer->kind == TimerKind::retry) timers_.push_back(*timer);
    } else if (const auto* stop = std::get_if<StopAction>(&command)) {
      for (Running& running : running_) running.stopped = running.stopped || running.start.at == stop->at;
    } else if (std::holds_alternative<BeginRollback>(command)) {
      timers_.clear();
    }
  }

  bool let_something_happen() {
    if (answer_something()) return true;
    const std::size_t count = running_.size() + timers_.size();
    if (count == 0) return false;
    const std::size_t chosen = world_.pick(count);
    if (chosen < running_.size()) {
      const auto [done, stopped] = running_[chosen];
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(chosen));
      Outcome outcome = world_.outcome(done.at, done.attempt);
      if (stopped && !outcome.ok()) outcome.status = OutcomeStatus::cancelled;
      StepOutcome event{.at = done.at, .attempt = done.attempt, .outcome = outcome};
      if (world_.printed) event.captured = event.printed = Value(world_.printed(done.at, done.attempt));
      record(state_.judged(std::move(event)));
      return true;
    }
    const auto timer = timers_.begin() + static_cast<std::ptrdiff_t>(chosen - running_.size());
    const SetTimer fired = *timer;
    timers_.erase(timer);
    record(TimerFired{fired.at, fired.attempt, fired.kind});
    return true;
  }

  bool answer_something() {
    for (const auto& [kind, token] : state_.open_questions()) {
      if (std::ranges::find(unreachable_, token) != unreachable_.end()) continue;
      if (const auto yes = world_.answer(kind)) {
        const Value said = kind == QuestionKind::doubt ? Value(world_.doubt()) : Value();
        record(WaitAnswered{token, *yes, "somebody", {}, said});
      } else {
        unreachable_.push_back(token);
        record(WaitUnreachable{token, "nobody is there"});
      }
      return true;
    }
    return false;
  }

  World world_;
  RunState state_;
  std::vector<EventData> events_;
  struct Running {
    StartAction start;
    bool stopped;
  };
  std::vector<Running> running_;
  std::vector<SetTimer> timers_; // pauses; other timers never fire
  std::size_t most_at_once_ = 0;
  std::vector<std::string> unreachable_; // tokens of questions that could not be put
};

} // namespace runbook::testing
