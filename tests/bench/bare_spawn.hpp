// The floor that the process runner is measured against: the least that it takes to run a program and to take in what
// it prints. Nothing of the engine is in it, and none of the runner's promises: the host's signal dispositions and
// descriptors are passed on, the child stays in the host's process group, nothing can be stopped.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>

namespace runbook::bench {

struct BareResult {
  int wait_status = 0; ///< as waitpid gives it; exit code 127 also if the program could not be executed
  std::string out;
  std::string err;
};

/// Executes `argv[0]`, which is a path, with the given environment. Throws `std::system_error` if there can be no
/// child.
inline BareResult bare_captured_spawn(char* const* argv, char* const* envp) {
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category());
  // Shares the memory and waits until the child executes; the C library's vfork is this call of clone.
  const pid_t child = ::vfork();
  if (child < 0) throw std::system_error(errno, std::generic_category());
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    ::execve(argv[0], argv, envp);
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(err[1]);
  BareResult result;
  std::array<pollfd, 2> ends{pollfd{out[0], POLLIN, 0}, pollfd{err[0], POLLIN, 0}};
  std::array<char, 65536> buffer;
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (::poll(ends.data(), ends.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      const ssize_t size = ::read(ends[i].fd, buffer.data(), buffer.size());
      if (size > 0) {
        (i == 0 ? result.out : result.err).append(buffer.data(), static_cast<std::size_t>(size));
      } else {
        ::close(ends[i].fd);
        ends[i].fd = -1;
      }
    }
  }
  while (::waitpid(child, &result.wait_status, 0) < 0 && errno == EINTR) {
  }
  return result;
}

} // namespace runbook::bench
