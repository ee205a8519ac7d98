// Waiting for a run from Python: lets other Python threads go on, takes signals, and puts the run's questions to the
// approver. Ctrl-C cancels the run, waits for its rollback, and is raised then.
//
// Everything is called with the GIL held and releases it while it waits.
#pragma once

#include "event_feed.hpp"
#include "executor_core.hpp"
#include "interruption.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace runbook::python {

/// A run as Python has it.
struct StartedRun {
  std::shared_ptr<ExecutorCore> core;
  RunHandle handle;
  std::shared_ptr<EventFeed> feed;
  /// Nobody but the waiting thread has the run: a question that it does not answer parks it.
  bool unattended = false;
};

class Attendance {
public:
  explicit Attendance(const StartedRun& run);

  /// Waits for the run's end. Nothing if the time is over before.
  [[nodiscard]] std::optional<RunResult> wait(std::optional<std::chrono::milliseconds> time);
  /// The event at this position; nothing if the run ended before it.
  [[nodiscard]] std::optional<Event> next(std::size_t position);

private:
  void turn(std::optional<std::size_t> position, std::chrono::milliseconds time);
  void ask(const Question& question);
  void answer(const Question& question, Answer answer);
  [[nodiscard]] bool takes_questions() const;
  [[nodiscard]] bool ended() const;
  [[nodiscard]] RunResult finish();

  const StartedRun& run_;
  py::object approver_; // None: nobody is asked by this thread
  Interruption interruption_;
};

} // namespace runbook::python
