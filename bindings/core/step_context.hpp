// What a Python handler sees of its step. It may be kept, but says so when it is used after the step has ended.
//
// Thread-safety: the GIL guards it.
#pragma once

#include "module.hpp"

#include <runbook/handler.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace runbook::python {

class PyStepContext {
public:
  explicit PyStepContext(StepContext& context);

  /// The step's end: from now on every use raises RuntimeError, and whoever waits for a stop waits no longer.
  void end();
  [[nodiscard]] StepContext& context() const;

  // The same dict at each call, so that a handler may fill in what is missing.
  [[nodiscard]] py::dict params();
  [[nodiscard]] py::dict values();
  [[nodiscard]] py::dict environment() const;
  /// `data` is text or bytes.
  void output(const py::object& data, Stream stream) const;
  /// Returns at once when a stop is requested. Whether it is.
  [[nodiscard]] bool wait_for_stop(std::optional<double> seconds) const;

private:
  struct End {
    std::mutex mutex;
    std::condition_variable_any changed;
    bool has_come = false;
  };

  StepContext* context_;
  std::shared_ptr<End> end_; // of those that wait, too
  py::object params_;
  py::object values_;
};

/// The id of the run whose handler is running on this thread; null if there is none.
[[nodiscard]] const std::string* run_of_this_thread() noexcept;

/// Marks this thread as running a handler of a run.
class OnThread {
public:
  explicit OnThread(const std::string& run) noexcept;
  ~OnThread();
  OnThread(const OnThread&) = delete;
  OnThread& operator=(const OnThread&) = delete;
};

void bind_step_context(py::module_& m);

} // namespace runbook::python
