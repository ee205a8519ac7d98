// The real process runner, on an Asio event loop.
#pragma once

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>

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

/// Runs processes. Callbacks come on the thread that runs `io`. The runner must not outlive it. `start` and the
/// destruction of an `Activity` belong on that thread too; `Activity::stop` may be called from any. The runner's end
/// kills what still runs.
[[nodiscard]] std::unique_ptr<ProcessRunner> make_process_runner(boost::asio::io_context& io,
                                                                 LauncherKind launcher = LauncherKind::automatic);

} // namespace runbook
