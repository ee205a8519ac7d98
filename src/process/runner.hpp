// The real process runner, on an Asio event loop.
#pragma once

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>

#include <sys/types.h>

#include <cstdint>
#include <memory>

namespace runbook {

/// How programs are launched. All kinds promise the same; they differ in speed and in what they need of the system.
enum class LauncherKind : std::uint8_t {
  automatic,   ///< the first of the following that the system allows; under sanitizers `posix_spawn`
  clone3,      ///< x86-64 and a system that allows the call; elsewhere the same as `clone`
  clone,       ///< any Linux from 5.9
  posix_spawn, ///< the C library's
};

/// What the runner's `start` gives: an activity that can do more. Belongs to the thread of the event loop, but for
/// `stop`.
class ProcessActivity : public Activity {
public:
  /// The program's number, and of its group and session; -1 until it was launched.
  [[nodiscard]] virtual pid_t pid() const = 0;
  /// Held back, the program's output stays in its pipes, so that it has to wait with saying more. What is in them at
  /// its end is read all the same.
  virtual void hold_output(bool held) = 0;
  /// As `stop`, without a grace period, or without what is left of one.
  virtual void kill() = 0;
};

/// Runs processes. Callbacks come on the thread that runs `io`. The runner must not outlive it. `start` and the
/// destruction of an `Activity` belong on that thread too; `Activity::stop` may be called from any. The runner's end
/// kills what still runs.
[[nodiscard]] std::unique_ptr<ProcessRunner> make_process_runner(boost::asio::io_context& io,
                                                                 LauncherKind launcher = LauncherKind::automatic);

} // namespace runbook
