// The host application is hostile without meaning to be: its signals, descriptors, limits and threads.
#include "support/descriptor_limit.hpp"
#include "support/processes.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <deque>
#include <fcntl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <thread>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

/// From this version on the kernel recalls the exit status that somebody else has taken.
bool kernel_recalls_exits() {
  utsname name{};
  ::uname(&name);
  int major = 0;
  int minor = 0;
  REQUIRE(std::sscanf(name.release, "%d.%d", &major, &minor) == 2);
  return major > 6 || (major == 6 && minor >= 15);
}

/// Sets a signal's disposition and sets it back.
class Disposition {
public:
  Disposition(int signal, void (*handler)(int)) : signal_(signal) {
    struct sigaction action{};
    action.sa_handler = handler;
    ::sigaction(signal, &action, &before_);
  }
  ~Disposition() { ::sigaction(signal_, &before_, nullptr); }
  Disposition(const Disposition&) = delete;
  Disposition& operator=(const Disposition&) = delete;

private:
  int signal_;
  struct sigaction before_{};
};

/// Descriptors that a child would inherit if nobody closed them.
class OpenDescriptors {
public:
  explicit OpenDescriptors(int count) {
    for (int i = 0; i < count; ++i) numbers_.push_back(::open("/dev/null", O_RDONLY));
  }
  ~OpenDescriptors() {
    for (const int number : numbers_) ::close(number);
  }
  OpenDescriptors(const OpenDescriptors&) = delete;
  OpenDescriptors& operator=(const OpenDescriptors&) = delete;
  [[nodiscard]] int highest() const { return *std::ranges::max_element(numbers_); }

private:
  std::vector<int> numbers_;
};

/// Whether the condition holds before the time is over; nothing else happens in this thread meanwhile.
bool comes_true(std::chrono::milliseconds at_most, const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(100us);
  }
  return true;
}

/// The numbers of the descriptors that a program was started with.
const ProcessSpec list_descriptors{
    .program = "sh",
    .arguments = {"-c", "for f in /proc/$$/fd/*; do [ -e $f ] && printf '%s ' ${f##*/}; done"},
    .environment = {standard_path}};

} // namespace

TEST_CASE("host: with SIGCHLD ignored an exit code is right or unknown and never invented") {
  const Disposition ignored(SIGCHLD, SIG_IGN);
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    int recalled = 0;
    for (int i = 0; i < 20; ++i) {
      const Captured captured = loop.run(sh("echo x; sleep 0.005; exit 3"));
      CHECK(captured.out == "x\n");
      if (kernel_recalls_exits()) {
        CHECK((*captured.exit == exited(3) || captured.exit->kind == ProcessExit::Kind::unknown));
        recalled += *captured.exit == exited(3) ? 1 : 0;
      } else {
        CHECK(captured.exit->kind == ProcessExit::Kind::unknown);
      }
    }
    if (kernel_recalls_exits()) CHECK(recalled > 0);
  }
}

TEST_CASE("host: with a thread that waits for every child an exit code is right or unknown and never invented") {
  std::atomic<bool> done = false;
  std::atomic<int> stolen = 0;
  std::thread thief([&] {
    while (!done) {
      if (::waitpid(-1, nullptr, 0) > 0) {
        ++stolen;
      } else {
        std::this_thread::yield();
      }
    }
  });
  for (const LauncherKind kind : launcher_kinds()) {
    // posix_spawn gives a process' number only: it may be taken away before it can be held on to.
    const bool may_be_unknown =
        kind == LauncherKind::posix_spawn || launcher_kinds().size() == 1 || !kernel_recalls_exits();
    ProcessLoop loop(kind);
    for (int i = 0; i < 50; ++i) {
      Captured captured;
      const int before = stolen;
      const auto activity = loop.start(sh("echo x; sleep 1000 & exit 3"), captured);
      // Every second time the loop looks only when the thief has been there; else whoever is first wins.
      if (i % 2 == 0) CHECK(comes_true(20s, [&] { return stolen > before; }));
      CHECK(loop.until([&] { return captured.exit.has_value(); }));
      if (!captured.exit) break;
      CHECK(captured.exits == 1);
      CHECK(captured.out == "x\n");
      if (may_be_unknown && captured.exit->kind == ProcessExit::Kind::unknown) continue;
      CHECK(*captured.exit == exited(3));
    }
  }
  done = true;
  thief.join();
}

TEST_CASE("host: a killed program that somebody else waited for has still been killed") {
  if (!kernel_recalls_exits()) return;
  const Disposition ignored(SIGCHLD, SIG_IGN);
  ProcessLoop loop;
  CHECK(*loop.run(sh("sleep 0.01; kill -KILL $$")).exit == signaled(SIGKILL));
}

TEST_CASE("host: signals that are blocked, ignored or handled there are not so in a program") {
  const auto check = [](LauncherKind kind, ProcessLoop& loop) {
    CAPTURE(static_cast<int>(kind));
    const std::string status = loop.run({.program = "/bin/cat", .arguments = {"/proc/self/status"}}).out;
    const auto signals = [&status](const char* name) {
      const std::size_t at = status.find(name);
      REQUIRE(at != std::string::npos);
      // Two that the C library keeps for itself: its own posix_spawn leaves them ignored.
      const std::uint64_t internal = std::uint64_t{3} << 31;
      return std::stoull(status.substr(at + std::string(name).size()), nullptr, 16) & ~internal;
    };
    CHECK(signals("SigBlk:") == 0);
    CHECK(signals("SigIgn:") == 0);
    CHECK(signals("SigCgt:") == 0);
  };
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const Disposition early(SIGRTMIN + 4, SIG_IGN);
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    const Disposition user(SIGUSR1, [](int) {});
    const Disposition realtime(SIGRTMIN + 3, [](int) {});
    check(kind, loop);
    std::deque<Disposition> later; // than the first start
    for (int signal = 1; signal < 32; ++signal) {
      if (signal != SIGKILL && signal != SIGSTOP && signal != SIGCHLD) later.emplace_back(signal, SIG_IGN);
    }
    check(kind, loop);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("host: the caller's signal mask is as before after a start") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    sigset_t some;
    ::sigemptyset(&some);
    ::sigaddset(&some, SIGUSR2);
    sigset_t before;
    ::pthread_sigmask(SIG_BLOCK, &some, &before);
    sigset_t expected;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &expected);
    static_cast<void>(loop.run(sh("exit 0")));
    sigset_t after;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
    for (int signal = 1; signal < 32; ++signal)
      CHECK(::sigismember(&after, signal) == ::sigismember(&expected, signal));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
}

TEST_CASE("host: none of its descriptors reach a program, few or many") {
  for (const LauncherKind kind : launcher_kinds()) {
    CAPTURE(static_cast<int>(kind));
    ProcessLoop loop(kind);
    CHECK(loop.run(list_descriptors).out == "0 1 2 ");
    {
      const OpenDescriptors few(100);
      CHECK(loop.run(list_descriptors).out == "0 1 2 ");
    }
    {
      const OpenDescriptors many(500);
      CHECK(loop.run(list_descriptors).out == "0 1 2 ");
      ProcessLoop late(kind); // with nothing but high numbers for what it opens itself
      const Captured captured = late.run(sh("readlink /proc/$$/fd/0; echo to-out; echo to-err >&2; exit 5"));
      CHECK(captured.out == "/dev/null\nto-out\n");
      CHECK(captured.err == "to-err\n");
      CHECK(*captured.exit == exited(5));
    }
    {
      OpenDescriptors high(1);
      REQUIRE(::dup2(high.highest(), 900) == 900); // alone above a gap
      CHECK(loop.run(list_descriptors).out == "0 1 2 ");
      ::close(900);
    }
  }
}

TEST_CASE("host: programs that run at the same time do not hold each other's pipes") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    Captured slow;
    const auto activity = loop.start(sh("sleep 1000"), slow);
    const Captured quick = loop.run(sh("echo quick; exit 2"));
    CHECK(*quick.exit == exited(2));
    Captured captured;
    const auto lister = loop.start(list_descriptors, captured);
    CHECK(loop.until([&] { return captured.exit.has_value(); }));
    CHECK(captured.out == "0 1 2 ");
    CHECK_FALSE(slow.exit.has_value());
  }
}

TEST_CASE("host: without standard descriptors of its own it can still run programs") {
  std::vector<Captured> results;
  for (const LauncherKind kind : launcher_kinds()) {
    for (const bool many : {false, true}) {
      const OpenDescriptors open(many ? 400 : 0);
      const int saved[] = {::fcntl(0, F_DUPFD_CLOEXEC, 1000), ::fcntl(1, F_DUPFD_CLOEXEC, 1000),
                           ::fcntl(2, F_DUPFD_CLOEXEC, 1000)};
      for (int i = 0; i < 3; ++i) ::close(i);
      auto loop = std::make_unique<ProcessLoop>(kind);
      Captured captured;
      auto activity = loop->runner().start(sh("cat; echo to-out; echo to-err >&2; exit 5"), captured.events());
      if (activity) static_cast<void>(loop->until([&] { return captured.exit.has_value(); }));
      activity = Error{};
      loop.reset();
      for (int i = 0; i < 3; ++i) {
        ::dup2(saved[i], i);
        ::close(saved[i]);
      }
      results.push_back(captured); // checked when there is somewhere to print to
    }
  }
  for (const Captured& captured : results) {
    CHECK(captured.out == "to-out\n");
    CHECK(captured.err == "to-err\n");
    REQUIRE(captured.exit.has_value());
    CHECK(*captured.exit == exited(5));
  }
}

TEST_CASE("host: standard descriptors that it has closed are not used for anything else") {
  std::vector<int> used;
  for (const LauncherKind kind : launcher_kinds()) {
    auto loop = std::make_unique<ProcessLoop>(kind);
    static_cast<void>(loop->run(sh("exit 0"))); // what the loop itself opens is not in question
    const int saved[] = {::fcntl(0, F_DUPFD_CLOEXEC, 100), ::fcntl(1, F_DUPFD_CLOEXEC, 100),
                         ::fcntl(2, F_DUPFD_CLOEXEC, 100)};
    for (int i = 0; i < 3; ++i) ::close(i);
    Captured captured;
    auto activity = loop->runner().start(sh("sleep 1000"), captured.events());
    const bool started = activity.has_value();
    for (int i = 0; i < 3; ++i) {
      if (::fcntl(i, F_GETFD) >= 0) used.push_back(i);
    }
    activity = Error{};
    loop.reset();
    for (int i = 0; i < 3; ++i) {
      ::dup2(saved[i], i);
      ::close(saved[i]);
    }
    CHECK(started);
  }
  CHECK(used == std::vector<int>{}); // checked when there is somewhere to print to
}

TEST_CASE("host: at its limit of open files a start fails in words, leaks nothing, and works again later") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    static_cast<void>(loop.run(sh("exit 0")));
    // A sanitizer needs descriptors for its first look at a type: the words of an error are put together once before.
    static_cast<void>(loop.runner().start({.program = "/no/such"}, {}));
    const int before = open_descriptors();
    int failures = 0;
    for (int more = 0; more < 8; ++more) {
      DescriptorLimit limit;
      const int number = limit.leave(more);
      Captured captured;
      auto activity = loop.runner().start(sh("exit 4"), captured.events());
      if (activity) {
        CHECK(loop.until([&] { return captured.exit.has_value(); }));
        CHECK(*captured.exit == exited(4));
        continue;
      }
      ++failures;
      CHECK(activity.error().code == errc::exec_failed);
      CHECK(activity.error().message == "cannot start 'sh': this process has too many files open; its limit is " +
                                            std::to_string(number) + " (ulimit -n)");
    }
    CHECK(failures >= 4); // both pipes and what tells of the end
    CHECK(failures < 8);
    CHECK(open_descriptors() == before);
    CHECK(children() == 0);
    CHECK(*loop.run(sh("exit 4")).exit == exited(4));
  }
}

TEST_CASE("host: 200 programs at once each report their own end") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    std::vector<Captured> all(200);
    std::vector<std::unique_ptr<Activity>> activities;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string number = std::to_string(i);
      activities.push_back(loop.start(sh("echo " + number + "; exit " + number), all[i]));
    }
    const auto ended = [](const Captured& captured) { return captured.exit.has_value(); };
    REQUIRE(loop.until([&] { return std::ranges::all_of(all, ended); }));
    for (std::size_t i = 0; i < all.size(); ++i) {
      CHECK(all[i].out == std::to_string(i) + "\n");
      CHECK(*all[i].exit == exited(static_cast<int>(i)));
      CHECK(all[i].exits == 1);
    }
    CHECK(children() == 0);
  }
}

TEST_CASE("host: over 2000 programs neither descriptors nor zombies nor memory grow") {
  ProcessLoop loop;
  const auto batch = [&] {
    std::vector<Captured> all(20);
    std::vector<std::unique_ptr<Activity>> activities;
    for (Captured& captured : all) activities.push_back(loop.start({.program = "/bin/true"}, captured));
    for (Captured& captured : all) REQUIRE(loop.until([&] { return captured.exit.has_value(); }));
  };
  const auto resident_pages = [] {
    std::ifstream file("/proc/self/statm");
    long total = 0;
    long resident = 0;
    file >> total >> resident;
    return resident;
  };
  batch();
  const int descriptors = open_descriptors();
  const long pages = resident_pages();
  for (int i = 0; i < 100; ++i) batch();
  CHECK(open_descriptors() == descriptors);
  CHECK(children() == 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
  CHECK(resident_pages() - pages < 256); // 1 MB; sanitizers keep what was freed
#else
  static_cast<void>(pages);
#endif
}

TEST_CASE("host: threads that allocate, lock and start programs of their own do not disturb each other") {
  std::atomic<bool> done = false;
  std::vector<std::thread> busy;
  for (int i = 0; i < 2; ++i) {
    busy.emplace_back([&] {
      while (!done) {
        const std::vector<std::string> memory(100, std::string(1000, 'x'));
        std::FILE* file = std::fopen("/dev/null", "w");
        std::fputs(memory.front().c_str(), file);
        std::fclose(file);
      }
    });
  }
  std::atomic<int> wrong = 0;
  std::vector<std::thread> engines;
  for (int i = 0; i < 3; ++i) {
    engines.emplace_back([&wrong, i] {
      ProcessLoop loop;
      for (int n = 0; n < 40; ++n) {
        const bool fails = n % 4 == 3; // a child that fails to execute runs longest on the shared memory
        Captured captured;
        auto activity = loop.runner().start(
            fails ? ProcessSpec{.program = "/no/such"} : sh("echo x; exit " + std::to_string(i)), captured.events());
        if (fails) {
          wrong += activity.has_value();
          continue;
        }
        const bool ended = activity && loop.until([&] { return captured.exit.has_value(); });
        wrong += !ended || captured.out != "x\n" || *captured.exit != exited(i);
      }
    });
  }
  for (std::thread& engine : engines) engine.join();
  done = true;
  for (std::thread& thread : busy) thread.join();
  CHECK(wrong == 0);
  CHECK(children() == 0);
}
