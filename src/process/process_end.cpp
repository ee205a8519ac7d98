#include "process/process_end.hpp"

#include "process/descriptor.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>

namespace runbook::process {

namespace {

// From linux/pidfd.h of Linux 6.15; the system's headers may be older than its kernel.
constexpr unsigned signal_process_group = 1U << 2; // since 6.9
constexpr std::uint64_t info_exit = std::uint64_t{1} << 3;
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup;
  std::uint32_t pid, tgid, ppid;
  std::uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  std::int32_t exit_code; // as waitpid gives it
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr unsigned long get_info = _IOWR(0xFF, 11, PidfdInfo);

long send(int pidfd, int signal, unsigned flags) noexcept {
  return ::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, flags);
}

/// Whether the process has ended and was waited for.
bool is_gone(pid_t pid, int pidfd) noexcept {
  const bool exists = pidfd >= 0 ? send(pidfd, 0, 0) == 0 : ::kill(pid, 0) == 0;
  return !exists && errno == ESRCH;
}

/// As long as a group or a session has members, its number is given to no other process: once its leader is gone, a
/// process of this number means that the group and the session are gone too.
bool is_number_of_stranger(pid_t leader, int pidfd) noexcept {
  return is_gone(leader, pidfd) && !is_gone(leader, -1);
}

/// Whether the predicate holds for one of all processes; nothing if they cannot be looked through.
template <class Predicate>
std::optional<bool> any_process(Predicate holds) noexcept {
  const std::unique_ptr<DIR, int (*)(DIR*)> processes(::opendir("/proc"), &::closedir);
  if (!processes) return std::nullopt;
  while (const dirent* entry = ::readdir(processes.get())) {
    const auto pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10)); // 0 for what is no number
    if (pid > 0 && holds(pid)) return true;
  }
  return false;
}

int wait(int pidfd, siginfo_t& info, int options) noexcept {
  int result = 0;
  do {
    result = ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, options);
  } while (result != 0 && errno == EINTR);
  return result;
}

/// Whether all of a process has ended, or it is gone. One whose first thread alone has ended looks like a zombie too.
bool is_zombie(pid_t pid) noexcept {
  std::array<char, 32> path{};
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  const Descriptor file(::open(path.data(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno == ENOENT || errno == ESRCH; // else there is no telling
  std::array<char, 512> text{};
  if (::read(file.get(), text.data(), text.size() - 1) <= 0) return true;
  // Behind the name, whose parentheses may hold others: the state, and further on the number of threads.
  const char* name_end = std::strrchr(text.data(), ')');
  char state = 'X';
  int threads = 0;
  if (name_end != nullptr) {
    std::sscanf(name_end, ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d", &state, &threads);
  }
  return state == 'X' || (state == 'Z' && threads <= 1);
}

ProcessExit from_wait_status(int status) noexcept {
  if (WIFEXITED(status)) return {ProcessExit::Kind::exited, WEXITSTATUS(status)};
  if (WIFSIGNALED(status)) return {ProcessExit::Kind::signaled, WTERMSIG(status)};
  return {};
}

/// Who takes a status away does so in two steps, and the kernel's record is made with the second: between them that
/// thread may have to wait for a processor.
ProcessExit recalled_exit(int pidfd) noexcept {
  constexpr int attempts = 2000;
  constexpr timespec pause{0, 100'000};
  bool missed = false;
  for (int i = 0; i < attempts; ++i) {
    PidfdInfo info{};
    info.mask = info_exit;
    if (::ioctl(pidfd, get_info, &info) == 0) {
      if ((info.mask & info_exit) != 0) return from_wait_status(info.exit_code);
      ::nanosleep(&pause, nullptr);
    } else if (errno == ESRCH && !missed) {
      missed = true; // it went while the kernel looked at it: the record is there now, if this kernel makes any
    } else {
      break;
    }
  }
  return {};
}

} // namespace

bool signal_group(pid_t group, int pidfd, int signal) noexcept {
  if (pidfd >= 0) {
    if (send(pidfd, signal, signal_process_group) == 0) return true;
    if (errno == ESRCH) return false;
  }
  if (is_number_of_stranger(group, pidfd)) return false; // an older kernel: by number
  return ::kill(-group, signal) == 0 || errno == EPERM;
}

void signal_rest_of_session(pid_t session, int pidfd, int signal) noexcept {
  if (is_number_of_stranger(session, pidfd)) return;
  static_cast<void>(any_process([&](pid_t pid) {
    if (::getsid(pid) != session || ::getpgid(pid) == session) return false;
    const Descriptor held(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
    if (held && ::getsid(pid) == session) send(held.get(), signal, 0);
    return false;
  }));
}

bool has_living_member(pid_t leader, int pidfd, Reach reach) noexcept {
  if (reach == Reach::group) {
    if (!signal_group(leader, pidfd, 0)) return false;
    return any_process([leader](pid_t pid) { return ::getpgid(pid) == leader && !is_zombie(pid); }).value_or(true);
  }
  if (is_number_of_stranger(leader, pidfd)) return false;
  return any_process([leader](pid_t pid) { return ::getsid(pid) == leader && !is_zombie(pid); }).value_or(false);
}

bool has_ended(int pidfd) noexcept {
  siginfo_t info{};
  if (wait(pidfd, info, WEXITED | WNOHANG | WNOWAIT) == 0) return info.si_pid != 0;
  return errno == ECHILD; // somebody else has waited for it
}

ProcessExit reap(int pidfd) noexcept {
  siginfo_t info{};
  if (wait(pidfd, info, WEXITED | WNOHANG) == 0) {
    if (info.si_pid == 0) return {};
    const auto kind = info.si_code == CLD_EXITED ? ProcessExit::Kind::exited : ProcessExit::Kind::signaled;
    return {kind, info.si_status};
  }
  return recalled_exit(pidfd);
}

void wait_for_end(int pidfd) noexcept {
  siginfo_t info{};
  static_cast<void>(wait(pidfd, info, WEXITED));
}

} // namespace runbook::process
