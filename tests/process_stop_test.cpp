// Stopping real processes: the ladder, the group, what escapes it, and activities that are dropped.
#include "support/processes.hpp"
#include "support/seccomp.hpp"
#include "support/self.hpp"
#include "support/temp_folder.hpp"

#include <boost/asio/steady_timer.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <thread>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

/// Runs the loop until the process has printed a whole line, and returns the number in it.
int printed_number(ProcessLoop& loop, const Captured& captured) {
  REQUIRE(loop.until([&] { return captured.out.find('\n') != std::string::npos; }));
  return std::stoi(captured.out);
}

bool gone(ProcessLoop& loop, int group) {
  return loop.until([&] { return living_members(group) == 0; });
}

} // namespace

TEST_CASE("stop: a program that heeds SIGTERM ends by it, and at once") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    Captured captured;
    const auto activity = loop.start(sh("echo $$; exec sleep 1000"), captured);
    const int group = printed_number(loop, captured);
    const auto before = steady_clock::now();
    activity->stop();
    REQUIRE(loop.until([&] { return captured.exit.has_value(); }));
    CHECK(steady_clock::now() - before < 3s); // the grace period is 5 s
    CHECK(*captured.exit == signaled(SIGTERM));
    CHECK(gone(loop, group));
  }
}

TEST_CASE("stop: a program that ignores SIGTERM is killed after the grace period and not before") {
  ProcessLoop loop;
  Captured captured;
  ProcessSpec spec = sh("trap '' TERM; echo $$; while :; do sleep 0.01; done");
  spec.grace = 200ms;
  const auto activity = loop.start(spec, captured);
  const int group = printed_number(loop, captured);
  const auto before = steady_clock::now();
  activity->stop();
  REQUIRE(loop.until([&] { return captured.exit.has_value(); }));
  CHECK(steady_clock::now() - before >= 200ms);
  CHECK(*captured.exit == signaled(SIGKILL));
  CHECK(gone(loop, group));
}

TEST_CASE("stop: a program may end itself in its own way within the grace period") {
  ProcessLoop loop;
  Captured captured;
  const auto activity =
      loop.start(sh("trap 'echo tidy; exit 3' TERM; echo $$; while :; do sleep 0.01; done"), captured);
  static_cast<void>(printed_number(loop, captured));
  activity->stop();
  REQUIRE(loop.until([&] { return captured.exit.has_value(); }));
  CHECK(*captured.exit == exited(3));
  CHECK(captured.out.find("tidy\n") != std::string::npos);
}

TEST_CASE("stop: a command has the grace period although the shell around it has died of SIGTERM") {
  ProcessLoop loop;
  Captured captured;
  const auto activity = loop.start(
      sh("sh -c 'trap \"sleep 0.2; echo tidy; exit\" TERM; echo $$; while :; do sleep 0.01; done'; echo never"),
      captured);
  static_cast<void>(printed_number(loop, captured));
  activity->stop();
  REQUIRE(loop.until([&] { return captured.exit.has_value(); }));
  CHECK(*captured.exit == signaled(SIGTERM));
  CHECK(captured.out.find("tidy\n") != std::string::npos);
  CHECK(captured.out.find("never") == std::string::npos);
}

TEST_CASE("stop: what is left of the group after the shell's end is killed with the grace period's end") {
  ProcessLoop loop;
  Captured captured;
  ProcessSpec spec = sh("echo $$; sh -c 'trap \"\" TERM; echo ready; while :; do sleep 0.01; done'; echo never");
  spec.grace = 300ms;
  const auto activity = loop.start(spec, captured);
  REQUIRE(loop.until([&] { return captured.out.find("ready") != std::string::npos; }));
  const int group = printed_number(loop, captured);
  const auto before = steady_clock::now();
  activity->stop();
  REQUIRE(loop.until([&] { return captured.exit.has_value(); }));
  CHECK(steady_clock::now() - before >= 300ms);
  CHECK(*captured.exit == signaled(SIGTERM));
  CHECK(gone(loop, group));
}

TEST_CASE("stop: a suspended program can be stopped") {
  ProcessLoop loop;
  Captured captured;
  const auto activity = loop.start(sh("trap 'exit 4' TERM; echo $$; kill -STOP $$; exit 5"), captured);
  const int group = printed_number(loop, captured);
  const auto suspended = [&] {
    for (const ProcessLine& line : all_processes()) {
      if (line.pid == group) return line.state == 'T';
    }
    return false;
  };
  REQUIRE(loop.until(suspended));
  activity->stop();
  REQUIRE(loop.until([&] { return captured.exit.has_value(); }, 4s)); // the grace period is 5 s
  CHECK(captured.exit->kind != ProcessExit::Kind::unknown);
  CHECK(*captured.exit != signaled(SIGKILL));
}

TEST_CASE("stop: right after the start, twice, and after the end") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    for (int i = 0; i < 20; ++i) {
      Captured captured;
      const auto activity = loop.start(sh("sleep 1000"), captured);
      activity->stop();
      activity->stop();
      REQUIRE(loop.until([&] { return captured.exit.has_value(); }));
      CHECK(*captured.exit == signaled(SIGTERM));
      activity->stop();
      loop.io().poll();
      CHECK(captured.exits == 1);
    }
    CHECK(children() == 0);
  }
}

TEST_CASE("stop: reaches what has made a group of its own within the session") {
  // As `timeout` does, and a shell with job control; the second does not heed SIGTERM either.
  for (const char* script : {"timeout 1000 sleep 1000 & echo $!; wait",
                             "set -m; (trap '' TERM; sleep 1000; sleep 1000) & echo $!; set +m; wait"}) {
    for (const LauncherKind kind : launcher_kinds()) {
      ProcessLoop loop(kind);
      ProcessSpec spec = sh(script);
      spec.program = "bash"; // dash has no job control without a terminal
      spec.grace = 200ms;
      Captured captured;
      const auto activity = loop.start(spec, captured);
      const int group = printed_number(loop, captured);
      // The group is there as soon as its leader has made it.
      REQUIRE(loop.until([&] { return living_members(group) > 0; }));
      activity->stop();
      REQUIRE(loop.until([&] { return captured.exit.has_value(); }));
      CHECK(living_members(group) == 0);
      CHECK(children() == 0);
    }
  }
}

TEST_CASE("stop: from another thread") {
  ProcessLoop loop;
  Captured captured;
  const auto activity = loop.start(sh("echo $$; exec sleep 1000"), captured);
  static_cast<void>(printed_number(loop, captured));
  std::thread other([&] { activity->stop(); });
  CHECK(loop.until([&] { return captured.exit.has_value(); }));
  other.join();
  CHECK(*captured.exit == signaled(SIGTERM));
}

TEST_CASE("stop: from within the output that the program has just printed") {
  ProcessLoop loop;
  std::unique_ptr<Activity> activity;
  std::optional<ProcessExit> exit;
  auto started =
      loop.runner().start(sh("while :; do echo more; done"),
                          {[&](Stream, std::string_view) { activity->stop(); }, [&](ProcessExit how) { exit = how; }});
  REQUIRE(started.has_value());
  activity = std::move(*started);
  REQUIRE(loop.until([&] { return exit.has_value(); }));
  CHECK(*exit == signaled(SIGTERM));
}

TEST_CASE("group: what a program leaves in the background ends with it") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    const auto before = steady_clock::now();
    const Captured captured =
        loop.run(sh("echo $$; sleep 1000 & sleep 1000 & (trap '' TERM HUP; sleep 1000) & exit 6"));
    CHECK(*captured.exit == exited(6));
    CHECK(steady_clock::now() - before < 5s);
    CHECK(gone(loop, std::stoi(captured.out)));
  }
}

TEST_CASE("group: no member runs any more when the end of a program is reported") {
  for (int i = 0; i < 200; ++i) {
    ProcessLoop loop;
    std::string printed;
    int living = -1;
    const auto activity = loop.runner().start(
        sh("sleep 1000 > /dev/null 2>&1 & echo $$"),
        {[&](Stream, std::string_view text) { printed += text; },
         [&](ProcessExit) { living = living_members(std::stoi(printed)); }}); // at once: it may not be so only later
    REQUIRE(activity.has_value());
    REQUIRE(loop.until([&] { return living >= 0; }));
    CHECK(living == 0);
  }
}

TEST_CASE("group: a member that SIGKILL does not end holds the report up for the stated time and no longer") {
  Captured captured;
  steady_clock::duration took{};
  with_refusals({{SYS_pidfd_send_signal, 0, 1, SIGKILL}, {SYS_kill, 0, 1, SIGKILL}}, [&] { // they seem to succeed
    ProcessLoop loop;
    ProcessSpec spec = sh("sleep 1000 > /dev/null 2>&1 & echo $$ $!");
    spec.settle = 150ms;
    const auto before = steady_clock::now();
    const auto activity = loop.runner().start(spec, captured.events());
    static_cast<void>(loop.until([&] { return captured.exit.has_value(); }));
    took = steady_clock::now() - before;
  });
  CHECK(captured.exit == exited(0));
  CHECK(took >= 150ms);
  CHECK(took < 4s); // the usual time is 5 s
  REQUIRE(captured.out.find(' ') != std::string::npos);
  CHECK(::kill(std::stoi(captured.out.substr(captured.out.find(' '))), SIGKILL) == 0);
}

TEST_CASE("stop: a thread that goes on without its first thread has the grace period" * doctest::skip()) {
  sigset_t stop;
  ::sigemptyset(&stop);
  ::sigaddset(&stop, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  std::thread([stop] {
    int number = 0;
    say("ready");
    ::sigwait(&stop, &number);
    std::this_thread::sleep_for(100ms);
    say("tidy");
    std::_Exit(0);
  }).detach();
  ::syscall(SYS_exit, 0); // of this thread alone
}

TEST_CASE("stop: a program whose first thread has ended has the grace period like any other") {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  ProcessLoop loop;
  Captured captured;
  const auto activity = loop.start(
      sh("'" + program + "' --minimal --no-skip '--test-case=stop: a thread that goes on*'; echo never"), captured);
  REQUIRE(loop.until([&] { return captured.out.find("ready\n") != std::string::npos; }));
  activity->stop();
  REQUIRE(loop.until([&] { return captured.exit.has_value(); }));
  CHECK(*captured.exit == signaled(SIGTERM));
  CHECK(captured.out == "ready\ntidy\n");
}

namespace {

/// A script that starts `command` in a session of its own and goes on when that has begun.
ProcessSpec escaping(const TempFolder& folder, const std::string& command, const std::string& then) {
  const std::string pid = folder / "pid";
  return sh("setsid sh -c 'echo $$ > \"$0\"; mv \"$0\" \"$0\".done; " + command + "' '" + pid + "' & while ! [ -e '" +
            pid + ".done' ]; do sleep 0.01; done; " + then);
}

/// It lives: only a subreaper could have caught it.
void kill_escaped(const TempFolder& folder) {
  CHECK(::kill(std::stoi(folder.read("pid.done")), SIGKILL) == 0);
}

} // namespace

TEST_CASE("drain: who left the group and holds the pipes delays the end by the stated time and no longer") {
  const TempFolder folder;
  ProcessLoop loop;
  ProcessSpec spec = escaping(folder, "exec sleep 1000", "printf last; exit 8");
  spec.drain = 150ms;
  const auto before = steady_clock::now();
  const Captured captured = loop.run(spec);
  const auto took = steady_clock::now() - before;
  kill_escaped(folder);
  CHECK(*captured.exit == exited(8));
  CHECK(captured.out == "last");
  CHECK(took >= 150ms);
  CHECK(took < 5s);
}

TEST_CASE("drain: who left the group is heard until it closes the pipes") {
  const TempFolder folder;
  ProcessLoop loop;
  ProcessSpec spec = escaping(folder, "sleep 0.1; echo afterwards", "exit 0");
  spec.drain = 20s;
  const auto before = steady_clock::now();
  CHECK(loop.run(spec).out == "afterwards\n");
  CHECK(steady_clock::now() - before < 10s);
}

TEST_CASE("drain: who left the group and prints without end cannot keep the process from ending") {
  const TempFolder folder;
  ProcessLoop loop;
  ProcessSpec spec = escaping(folder, "exec yes", "exit 0");
  spec.drain = 100ms;
  std::size_t bytes = 0;
  std::optional<ProcessExit> exit;
  const auto activity = loop.runner().start(
      spec, {[&](Stream, std::string_view text) { bytes += text.size(); }, [&](ProcessExit how) { exit = how; }});
  REQUIRE(activity.has_value());
  CHECK(loop.until([&] { return exit.has_value(); }, 10s));
  CHECK(bytes > 0);
  kill_escaped(folder);
}

TEST_CASE("output: a program that prints without end neither keeps the loop nor fills the memory") {
  ProcessLoop loop;
  std::size_t bytes = 0;
  std::optional<ProcessExit> exit;
  const auto activity =
      loop.runner().start(sh("exec yes"), {[&](Stream, std::string_view text) { bytes += text.size(); },
                                           [&](ProcessExit how) { exit = how; }});
  REQUIRE(activity.has_value());
  int ticks = 0;
  boost::asio::steady_timer timer(loop.io());
  std::function<void()> tick = [&] {
    timer.expires_after(1ms);
    timer.async_wait([&](const auto& error) {
      if (error) return;
      ++ticks;
      tick();
    });
  };
  tick();
  CHECK(loop.until([&] { return ticks >= 50 && bytes > 20'000'000; }));
  (*activity)->stop();
  CHECK(loop.until([&] { return exit.has_value(); }));
  CHECK(*exit == signaled(SIGTERM));
}

TEST_CASE("drop: an activity that is destroyed kills the group, reports nothing and leaves no zombie") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    static_cast<void>(loop.run(sh("exit 0"))); // what the loop and the runner open for good is open now
    const int descriptors = open_descriptors();
    Captured captured;
    auto activity = loop.start(sh("trap '' TERM; echo $$; sleep 1000 & while :; do sleep 0.01; done"), captured);
    const int group = printed_number(loop, captured);
    const std::string printed = captured.out;
    const auto before = steady_clock::now();
    activity.reset();
    CHECK(steady_clock::now() - before < 500ms);
    CHECK(loop.until([&] { return children() == 0; }));
    CHECK(gone(loop, group));
    CHECK(captured.exits == 0);
    CHECK(captured.out == printed);
    CHECK(open_descriptors() == descriptors);
  }
}

TEST_CASE("drop: right after the start, within the output, within the end, and while the pipes are drained") {
  ProcessLoop loop;
  Captured captured;
  loop.start(sh("sleep 1000"), captured).reset();
  CHECK(loop.until([&] { return children() == 0; }));

  std::unique_ptr<Activity> activity;
  int outputs = 0;
  int exits = 0;
  const auto start = [&](const ProcessSpec& spec, std::function<void()> on_output, std::function<void()> on_exit) {
    auto started = loop.runner().start(spec, {[&outputs, on_output](Stream, std::string_view) {
                                                ++outputs;
                                                on_output();
                                              },
                                              [&exits, on_exit](ProcessExit) {
                                                ++exits;
                                                on_exit();
                                              }});
    REQUIRE(started.has_value());
    activity = std::move(*started);
  };
  const auto drop = [&] { activity.reset(); };
  start(sh("while :; do echo x; echo y >&2; done"), drop, [] {});
  CHECK(loop.until([&] { return children() == 0; }));
  CHECK(outputs == 1);
  CHECK(exits == 0);

  start(sh("exit 0"), [] {}, drop);
  CHECK(loop.until([&] { return exits == 1; }));
  CHECK(children() == 0);

  // What is read at the end arrives when the process has ended and its zombie is gone.
  outputs = 0;
  start(
      sh("setsid sleep 1 & exec head -c 300000 /dev/zero"),
      [&] {
        if (outputs == 4) drop();
      },
      [] {});
  CHECK(loop.until([&] { return !activity; }));
  CHECK(loop.until([&] { return children() == 0; }));
  CHECK(exits == 1);
}

TEST_CASE("drop: callbacks that own their activity are released in the end") {
  ProcessLoop loop;
  struct Owner {
    std::unique_ptr<Activity> activity;
  };
  const auto start = [&](const ProcessSpec& spec) {
    auto owner = std::make_shared<Owner>();
    auto started = loop.runner().start(spec, {[owner](Stream, std::string_view) {}, [owner](ProcessExit) {}});
    REQUIRE(started.has_value());
    owner->activity = std::move(*started);
    return std::weak_ptr<Owner>(owner);
  };
  const std::weak_ptr<Owner> ended = start(sh("echo x"));
  CHECK(loop.until([&] { return ended.expired(); }));
  const std::weak_ptr<Owner> running = start(sh("sleep 1000"));
  loop.io().poll();
  CHECK_FALSE(running.expired());
  loop.destroy_runner();
  CHECK(running.expired());
  CHECK(children() == 0);
}

TEST_CASE("drop: the runner's end kills what runs and leaves no zombie") {
  for (const LauncherKind kind : launcher_kinds()) {
    auto loop = std::make_unique<ProcessLoop>(kind);
    std::vector<Captured> all(10);
    std::vector<std::unique_ptr<Activity>> activities;
    for (Captured& captured : all)
      activities.push_back(loop->start(sh("trap '' TERM; sleep 1000 & sleep 1000"), captured));
    activities[3].reset();
    loop->destroy_runner();
    CHECK(children() == 0);
    loop->io().poll();
    for (const Captured& captured : all) CHECK(captured.exits == 0);
    activities[4]->stop(); // an activity that outlives its runner does nothing
    activities.clear();
    loop.reset();
  }
}
