// What a signal handler of Python's (Ctrl-C: KeyboardInterrupt) or an approver raised while a thread waited for runs.
// The wait goes on until the runs have ended; then the first thing that was raised goes on its way.
//
// Belongs to one thread; everything needs the GIL.
#pragma once

#include "module.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace runbook::python {

/// How often a waiting thread looks for signals.
inline constexpr std::chrono::milliseconds signal_poll{50};

class Interruption {
public:
  /// Lets Python's signal handlers run. Returns whether one of them raised something.
  bool take_signals();
  /// Keeps what was raised, if it is the first.
  void keep(py::error_already_set raised);
  [[nodiscard]] bool has_come() const noexcept { return raised_.has_value(); }
  /// The name of what was raised: who cancels.
  [[nodiscard]] std::string who() const;
  /// Raises what was raised, with a note for its traceback; does nothing if nothing was.
  void raise(const std::string& note = {});

private:
  std::optional<py::error_already_set> raised_;
};

} // namespace runbook::python
