// Short ways to make runbooks, run them and read what happened.
#pragma once

#include <runbook/runbook.hpp>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace runbook::testing {

/// The events' names and steps: "run_created claimed step_intent:a step_outcome:a run_closed".
inline std::string event_story(const RunResult& result, const Plan& plan) {
  std::string text;
  for (const Event& event : result.events) {
    if (!text.empty()) text += ' ';
    text += type_name(event);
    const ActionRef* at = nullptr;
    if (const auto* intent = std::get_if<StepIntent>(&event.data)) at = &intent->at;
    if (const auto* output = std::get_if<StepOutput>(&event.data)) at = &output->at;
    if (const auto* outcome = std::get_if<StepOutcome>(&event.data)) at = &outcome->at;
    if (at != nullptr) text += ":" + action_path(*plan.outline(), *at);
  }
  return text;
}

/// "a b! ~b ~a": the outcomes in order; `~` an undo, `!` failed, `t` timed out, `/` cancelled.
inline std::string outcome_story(const RunResult& result, const Plan& plan) {
  std::string text;
  for (const Event& event : result.events) {
    const auto* outcome = std::get_if<StepOutcome>(&event.data);
    if (outcome == nullptr) continue;
    if (!text.empty()) text += ' ';
    if (outcome->at.kind == ActionKind::undo) text += '~';
    text += plan.steps()[outcome->at.step].id;
    switch (outcome->outcome.status) {
    case OutcomeStatus::ok: break;
    case OutcomeStatus::failed: text += '!'; break;
    case OutcomeStatus::timed_out: text += 't'; break;
    case OutcomeStatus::cancelled: text += '/'; break;
    case OutcomeStatus::skipped: text += '-'; break;
    }
  }
  return text;
}

/// The message of the last outcome of a step.
inline std::string message_of(const RunResult& result, const Plan& plan, const std::string& step) {
  std::string message;
  for (const Event& event : result.events) {
    const auto* outcome = std::get_if<StepOutcome>(&event.data);
    if (outcome != nullptr && plan.steps()[outcome->at.step].id == step) message = outcome->outcome.message;
  }
  return message;
}

/// Something that one thread waits for and another one lets happen.
class Signal {
public:
  void set() {
    const std::scoped_lock lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  /// Waits for up to 30 s; false: it did not happen.
  [[nodiscard]] bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [this] { return set_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

/// A handler that does nothing and succeeds at once, on the engine's thread.
inline HandlerInfo quick(std::string name) {
  HandlerInfo info;
  info.name = std::move(name);
  info.quick = true;
  return info;
}

} // namespace runbook::testing
