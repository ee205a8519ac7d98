// Ctrl-C and its relatives: SIGINT, SIGTERM and SIGHUP, taken as requests instead of ending the process.
//
// From its construction the signals are blocked in the thread that made it and in every thread that is started after
// it; `watch` receives them on a thread of its own. A signal that was ignored when the process started (nohup, a job in
// the background of a script) stays ignored.
//
// Thread-safety: used by one thread; what `watch` calls is called on the watching thread.
#pragma once

#include <functional>
#include <thread>

#include <csignal>

namespace runbook::cli {

class StopSignals {
public:
  StopSignals();
  /// Stops watching and lets the signals have their usual effect again.
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Calls this for each signal from now on, those included that came since the construction.
  void watch(std::function<void(int)> on_signal);

private:
  void serve(const std::function<void(int)>& on_signal) const;

  sigset_t former_{};
  int signals_ = -1;
  int stop_;
  std::thread thread_;
};

/// Makes a write to a closed pipe, or beyond the limit of a file's size, fail instead of ending the process.
void survive_failing_writes();

} // namespace runbook::cli
