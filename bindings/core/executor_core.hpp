// What stands behind a Python `Executor`: the library's executor, and what is needed to end it well from Python.
//
// The engine's threads must have ended before the interpreter does, and must be waited for without the GIL, because
// handlers need it to return. So the end always goes through `shut_down`: from `close()`, when the Python object goes,
// or at the interpreter's exit, whatever comes first.
//
// Thread-safety: as noted; `mutex_` is only ever taken with the GIL released.
#pragma once

#include "event_feed.hpp"
#include "shared_object.hpp"

#include <runbook/executor.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace runbook::python {

/// A run and where its events arrive.
struct FollowedRun {
  RunHandle handle;
  std::shared_ptr<EventFeed> feed;
};

class ExecutorCore {
public:
  ExecutorCore(HandlerRegistry handlers, ExecutorOptions options, std::optional<SharedObject> approver);
  ~ExecutorCore();
  ExecutorCore(const ExecutorCore&) = delete;
  ExecutorCore& operator=(const ExecutorCore&) = delete;

  /// Without the GIL. Throws `Exception` if the executor is closed.
  [[nodiscard]] FollowedRun start(const Plan& plan, StartOptions options);
  /// The same for a run that was left.
  [[nodiscard]] FollowedRun resume(const std::string& run, ResumeOptions options);
  /// Without the GIL.
  void cancel_all(const std::string& who);
  /// Without the GIL: the runs that go on.
  [[nodiscard]] std::vector<FollowedRun> runs();
  /// With the GIL: waits for the runs that go on and ends the threads; runs that wait for a person are parked. What a
  /// signal handler raises meanwhile (Ctrl-C) cancels the runs, and is raised when all has ended. Does nothing the
  /// second time.
  void shut_down();
  [[nodiscard]] bool is_shut_down() const noexcept { return shut_down_; }
  /// Without the GIL: whether a handler of one of its runs is running on this thread. It must not wait for itself.
  [[nodiscard]] bool is_here();
  /// Throws `Exception` in a process that was forked off the one with the engine's threads.
  void refuse_after_fork() const;

  /// With the GIL: the callable that questions are put to, or None.
  [[nodiscard]] pybind11::object approver() const;
  [[nodiscard]] const std::shared_ptr<RunStore>& store() const noexcept { return store_; }

private:
  [[nodiscard]] FollowedRun follow(std::shared_ptr<EventFeed> feed, const std::function<RunHandle(Executor&)>& begin);
  [[nodiscard]] bool forked() const noexcept;
  [[nodiscard]] std::unique_ptr<Executor> take();
  void forget_runs();

  const pid_t process_;
  std::optional<SharedObject> approver_;
  std::shared_ptr<RunStore> store_;
  std::atomic<bool> shut_down_ = false;
  std::mutex mutex_; // guards what follows
  std::unique_ptr<Executor> executor_;
  std::vector<FollowedRun> runs_; // those that go on, and some that have ended
  std::size_t prune_at_ = 16;
};

} // namespace runbook::python
