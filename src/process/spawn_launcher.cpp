// The launcher for systems that refuse the other's calls, and for sanitizers, which do not follow a child onto a stack
// of its own.
#include "process/launcher.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace runbook::process {

namespace {

class Actions {
public:
  Actions() { error_ = ::posix_spawn_file_actions_init(&actions_); }
  ~Actions() { ::posix_spawn_file_actions_destroy(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;

  int prepare(const LaunchRequest& request) {
    note(::posix_spawn_file_actions_adddup2(&actions_, request.in, 0));
    note(::posix_spawn_file_actions_adddup2(&actions_, request.out, 1));
    note(::posix_spawn_file_actions_adddup2(&actions_, request.err, 2));
    note(::posix_spawn_file_actions_addclosefrom_np(&actions_, 3));
    if (request.directory != nullptr) note(::posix_spawn_file_actions_addchdir_np(&actions_, request.directory));
    return error_;
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
  void note(int error) {
    if (error_ == 0) error_ = error;
  }
  posix_spawn_file_actions_t actions_{};
  int error_ = 0;
};

class Attributes {
public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

private:
  posix_spawnattr_t attributes_{};
};

/// Between the launch and this call the host may have waited for the child, and its number may belong to a stranger:
/// that is a process that lives and is no child of ours.
Descriptor open_child(pid_t pid) {
  Descriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
  if (!pidfd) return pidfd;
  siginfo_t info{};
  pollfd ended{pidfd.get(), POLLIN, 0};
  const bool ours = ::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
  if (!ours && ::poll(&ended, 1, 0) == 0) return Descriptor();
  return pidfd;
}

/// posix_spawn gives one error for all that the child does.
LaunchStage failed_stage(const LaunchRequest& request, int error) {
  if (error == EAGAIN || error == ENOMEM || error == ENOSYS || error == EMFILE || error == ENFILE) {
    return LaunchStage::process;
  }
  struct stat status{};
  if (request.directory != nullptr &&
      (::stat(request.directory, &status) != 0 || !S_ISDIR(status.st_mode) || ::access(request.directory, X_OK) != 0)) {
    return LaunchStage::directory;
  }
  return LaunchStage::execute;
}

class SpawnLauncher final : public Launcher {
public:
  boost::system::result<Launched, LaunchFailure> launch(const LaunchRequest& request) override {
    Actions actions;
    if (const int error = actions.prepare(request)) return LaunchFailure{LaunchStage::process, error};
    // Held for the pidfd, so that a full descriptor table is noticed while nothing has run yet.
    Descriptor reserved(::fcntl(request.in, F_DUPFD_CLOEXEC, 3));
    if (!reserved) return LaunchFailure{LaunchStage::process, errno};
    pid_t pid = -1;
    const int error = spawn(pid, actions, request);
    if (error != 0) return LaunchFailure{failed_stage(request, error), error};
    reserved = Descriptor();
    Descriptor pidfd = open_child(pid);
    if (!pidfd && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOSYS)) {
      return end_unheld(pid, errno);
    }
    return Launched{pid, std::move(pidfd)};
  }

private:
  int spawn(pid_t& pid, const Actions& actions, const LaunchRequest& request) {
    int error = 0;
    bool denied = false;
    for (const char* const* path = request.candidates; *path != nullptr; ++path) {
      // To ask costs far less than an attempt in vain. A relative path means another file here than in the child.
      const bool same_here = request.directory == nullptr || **path == '/';
      if (same_here && ::access(*path, F_OK) != 0 && errno == ENOENT) {
        error = ENOENT;
        continue;
      }
      error = ::posix_spawn(&pid, *path, actions.get(), attributes_.get(), request.argv, request.envp);
      denied = denied || error == EACCES;
      if (!seek_further(error)) return error;
    }
    return denied ? EACCES : error;
  }

  /// Nothing would tell of this child's end: it must not go on.
  static LaunchFailure end_unheld(pid_t pid, int error) {
    ::kill(-pid, SIGKILL);
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return {LaunchStage::watching, error};
  }

  Attributes attributes_;
};

} // namespace

std::unique_ptr<Launcher> make_spawn_launcher() {
  return std::make_unique<SpawnLauncher>();
}

} // namespace runbook::process
