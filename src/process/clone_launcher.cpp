// The launcher for every day: clone with CLONE_VM and CLONE_VFORK, so that nothing of the host is copied.
//
// Until it executes its program the child runs on the host's memory, on a small stack of its own, while the thread that
// launched it waits and all signals are blocked. It may therefore do nothing but system calls: no allocation, no lock,
// no return. It reports an error by writing it into the memory that it shares.
//
// The descriptor table is shared too (CLONE_FILES) until the child takes a copy of its low end: a full copy would cost
// for every descriptor that the host has open. Where the pipes' own numbers are high, the child copies nothing beyond
// its standard descriptors and opens the pipes anew through /proc.
#include "process/launcher.hpp"
#include "process/own_proc.hpp"
#include "process/process_end.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>

namespace runbook::process {

namespace {

constexpr std::size_t stack_size = std::size_t{64} * 1024;
constexpr std::size_t guard_size = 4096;
/// Copying this many descriptors costs less than opening the pipes anew.
constexpr int low_descriptors = 256;

using SignalSet = std::uint64_t; // bit n - 1 stands for signal n

constexpr SignalSet bit(int signal) {
  return SignalSet{1} << (signal - 1);
}

constexpr SignalSet every_signal = ~(bit(SIGKILL) | bit(SIGSTOP));

/// Each signal that a child sets back is a system call of its own. All of them would be 2 % of a launch; half of them
/// are real-time signals, which hardly a program ignores: of these, those that the host ignores are looked up once.
constexpr SignalSet standard_signals = every_signal & ((SignalSet{1} << 31) - 1);

SignalSet ignored_realtime_signals() {
  SignalSet set = 0;
  for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
    struct sigaction action{};
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) set |= bit(signal);
  }
  return set;
}

/// What parent and child share during a launch.
struct Start {
  const LaunchRequest& request;
  SignalSet reset;                // signals whose disposition the child sets back
  unsigned first_gone;            // descriptors from this number on are not copied
  const char* out_path = nullptr; // set: where the pipes are opened anew
  const char* err_path = nullptr;
  LaunchFailure failure{};
};

[[noreturn]] void give_up(Start& start, LaunchStage stage) {
  start.failure = {stage, errno};
  ::_exit(127);
}

void reset_signals(const Start& start) {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  for (SignalSet left = start.reset; left != 0; left &= left - 1) {
    ::sigaction(__builtin_ctzll(left) + 1, &action, nullptr);
  }
}

void place_descriptors(Start& start) {
  int in = start.request.in;
  int out = start.request.out;
  int err = start.request.err;
  if (::close_range(start.first_gone, ~0U, CLOSE_RANGE_UNSHARE) != 0) give_up(start, LaunchStage::descriptors);
  if (start.out_path != nullptr) {
    // Opened in the order of their places: a number that is free because the host has closed its own standard
    // descriptors is never below the place it is meant for.
    in = ::open("/dev/null", O_RDONLY);
    out = ::open(start.out_path, O_WRONLY);
    err = ::open(start.err_path, O_WRONLY);
    if (in < 0 || out < 0 || err < 0) give_up(start, LaunchStage::descriptors);
  }
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0 || ::close_range(3, ~0U, 0) != 0) {
    give_up(start, LaunchStage::descriptors);
  }
}

[[noreturn]] void execute(Start& start) {
  const LaunchRequest& request = start.request;
  bool denied = false;
  for (const char* const* path = request.candidates; *path != nullptr; ++path) {
    // To ask costs a third of an attempt in vain.
    if (path[1] != nullptr && ::access(*path, F_OK) != 0 && errno == ENOENT) continue;
    ::execve(*path, request.argv, request.envp);
    denied = denied || errno == EACCES;
    if (!seek_further(errno)) break;
  }
  if (denied && seek_further(errno)) errno = EACCES;
  give_up(start, LaunchStage::execute);
}

int child_main(void* shared) {
  Start& start = *static_cast<Start*>(shared);
  reset_signals(start);
  if (::setsid() < 0) give_up(start, LaunchStage::session);
  place_descriptors(start);
  if (start.request.directory != nullptr && ::chdir(start.request.directory) != 0) {
    give_up(start, LaunchStage::directory);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  execute(start);
}

constexpr unsigned clone_flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_FILES;

#if defined(__x86_64__)
// The C library does not offer clone3. The child must not return through a frame of its parent, so the call and the
// jump onto the other stack are one piece.
long clone3(void* stack, Start& start, int& pidfd) {
  clone_args args{};
  args.flags = clone_flags | CLONE_CLEAR_SIGHAND;
  args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  args.exit_signal = SIGCHLD;
  args.stack = reinterpret_cast<std::uintptr_t>(stack);
  args.stack_size = stack_size;
  long result = SYS_clone3;
  asm volatile("syscall\n\t"
               "testq %%rax, %%rax\n\t"
               "jnz 1f\n\t"
               "movq %[start], %%rdi\n\t"
               "call *%[child]\n\t"
               "hlt\n"
               "1:"
               : "+a"(result)
               : "D"(&args), "S"(sizeof args), [start] "r"(&start), [child] "r"(&child_main)
               : "rcx", "r11", "memory", "cc");
  return result;
}
constexpr bool has_clone3 = true;
#else
long clone3(void*, Start&, int&) {
  return -ENOSYS;
}
constexpr bool has_clone3 = false;
#endif

long clone_by_library(void* stack, Start& start, int& pidfd) {
  const int pid = ::clone(&child_main, static_cast<char*>(stack) + stack_size,
                          static_cast<int>(clone_flags | unsigned{SIGCHLD}), &start, &pidfd);
  return pid < 0 ? -errno : pid;
}

/// The stack of the child. One is enough: the launching thread waits until the child has left it.
class Stack {
public:
  Stack() {
    void* memory = ::mmap(nullptr, guard_size + stack_size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return;
    memory_ = static_cast<char*>(memory);
    ::mprotect(memory_, guard_size, PROT_NONE);
  }
  ~Stack() {
    if (memory_ != nullptr) ::munmap(memory_, guard_size + stack_size);
  }
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;
  /// The low end, or null if there was no memory.
  [[nodiscard]] void* bottom() const { return memory_ == nullptr ? nullptr : memory_ + guard_size; }

private:
  char* memory_ = nullptr;
};

class BlockedSignals {
public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

private:
  sigset_t before_{};
};

bool refused(long result) {
  return result == -ENOSYS || result == -EPERM;
}

class CloneLauncher final : public Launcher {
public:
  explicit CloneLauncher(bool with_clone3) : clone3_(with_clone3 && has_clone3), ignored_(ignored_realtime_signals()) {}

  boost::system::result<Launched, LaunchFailure> launch(const LaunchRequest& request) override {
    const int highest = std::max({request.in, request.out, request.err});
    if (highest >= low_descriptors && can_reopen()) {
      auto launched = launch_reopening(request);
      if (launched || launched.error().stage != LaunchStage::descriptors) return launched;
      reopen_ = false; // a host that /proc hides, even from its own children
    }
    Start start{request, 0, static_cast<unsigned>(highest) + 1};
    return run(start);
  }

private:
  bool can_reopen() {
    if (!reopen_) reopen_ = proc_is_ours();
    return *reopen_;
  }

  boost::system::result<Launched, LaunchFailure> launch_reopening(const LaunchRequest& request) {
    const std::string out = fmt::format("/proc/{}/fd/{}", ::getpid(), request.out);
    const std::string err = fmt::format("/proc/{}/fd/{}", ::getpid(), request.err);
    Start start{request, 0, 3, out.c_str(), err.c_str()};
    return run(start);
  }

  boost::system::result<Launched, LaunchFailure> run(Start& start) {
    if (stack_.bottom() == nullptr) return LaunchFailure{LaunchStage::process, ENOMEM};
    int pidfd = -1;
    const long pid = clone(start, pidfd);
    if (pid < 0) return LaunchFailure{LaunchStage::process, static_cast<int>(-pid)};
    Launched launched{static_cast<pid_t>(pid), Descriptor(pidfd)};
    if (start.failure.error == 0) return launched;
    wait_for_end(pidfd);
    return start.failure;
  }

  long clone(Start& start, int& pidfd) {
    const BlockedSignals blocked;
    if (clone3_) {
      start.reset = standard_signals | ignored_; // the call resets those that have a handler, but no ignored ones
      const long pid = clone3(stack_.bottom(), start, pidfd);
      if (!refused(pid)) return pid;
      clone3_ = false;
    }
    start.reset = every_signal;
    return clone_by_library(stack_.bottom(), start, pidfd);
  }

  Stack stack_;
  bool clone3_;
  SignalSet ignored_;
  std::optional<bool> reopen_;
};

} // namespace

std::unique_ptr<Launcher> make_clone_launcher(bool with_clone3) {
  return std::make_unique<CloneLauncher>(with_clone3);
}

} // namespace runbook::process
