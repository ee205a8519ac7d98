// Launchers: how a program gets from its path to a process of its own.
//
// Every launcher gives the child the same surroundings: a session and process group of its own, its standard
// descriptors and no other, default signal dispositions, no blocked signal, the given directory and environment. The
// host is never copied (no fork), whatever memory it holds and however many threads it has.
//
// Thread-safety: a launcher belongs to one thread at a time.
#pragma once

#include "process/descriptor.hpp"
#include "process/runner.hpp"

#include <boost/system/result.hpp>

#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace runbook::process {

/// What to launch. The descriptors are 3 or above, so that none of them is overwritten while the others are put into
/// their places.
struct LaunchRequest {
  const char* const* candidates = nullptr; ///< paths, the first that can be executed is; ends with null
  char* const* argv = nullptr;
  char* const* envp = nullptr;
  const char* directory = nullptr; ///< null: where the host is
  int in = -1;
  int out = -1;
  int err = -1;
};

/// Where a launch failed.
enum class LaunchStage : std::uint8_t {
  process,     ///< there is no child
  descriptors, ///< its descriptors could not be put in place
  session,
  directory, ///< it could not enter the directory
  execute,   ///< the program could not be executed
  watching,  ///< the program ran, but nothing would have told of its end: it was killed
};

struct LaunchFailure {
  LaunchStage stage = LaunchStage::process;
  int error = 0; ///< errno
};

/// A child that executes its program. Without a `pidfd` it was taken away by the host before it could be held on to.
struct Launched {
  pid_t pid = -1;
  Descriptor pidfd{};
};

/// Whether a program that could not be executed for this reason is sought further on in the PATH, as execvp does.
constexpr bool seek_further(int error) noexcept {
  return error == ENOENT || error == EACCES || error == ENOTDIR || error == ENODEV || error == ESTALE ||
         error == ETIMEDOUT;
}

/// Whether the host had too little of something that the end of other processes gives back, and nothing has run: to try
/// again later is safe and may help.
constexpr bool short_of_resources(const LaunchFailure& failure) noexcept {
  return failure.stage != LaunchStage::watching &&
         (failure.error == EMFILE || failure.error == ENFILE || failure.error == EAGAIN || failure.error == ENOMEM);
}

class Launcher {
public:
  virtual ~Launcher() = default;
  /// After a failure nothing is left: no process, no zombie, no descriptor. Nothing has run, but at the last stage.
  [[nodiscard]] virtual boost::system::result<Launched, LaunchFailure> launch(const LaunchRequest& request) = 0;
};

/// clone with the semantics of vfork, without a copy of the descriptor table.
[[nodiscard]] std::unique_ptr<Launcher> make_clone_launcher(bool with_clone3);
/// posix_spawn. Slower where the host has many descriptors open.
[[nodiscard]] std::unique_ptr<Launcher> make_spawn_launcher();
[[nodiscard]] std::unique_ptr<Launcher> make_launcher(LauncherKind kind);

} // namespace runbook::process
