// What has left its session: a stop ends it, a normal end lets it live.
#include "support/supervisors.hpp"

#include <doctest/doctest.h>

#include <csignal>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

struct Daemons {
  TempFolder folder;
  std::string at = folder / "s";
  ProcessLoop loop{supervised(at)};

  /// A script that starts a daemon, by a session of its own and a second fork, and goes on when that runs.
  [[nodiscard]] std::string daemon(const std::string& environment = {}) const {
    const std::string pid = folder / "pid";
    return "setsid sh -c '(" + environment + " setsid sh -c \"echo \\$\\$ > " + pid + ".new; mv " + pid + ".new " +
           pid + "; trap : TERM; while :; do sleep 0.05; done\" > /dev/null 2>&1 &) ' ; while ! [ -e " + pid +
           " ]; do sleep 0.01; done; ";
  }
  [[nodiscard]] int pid() const { return std::stoi(folder.read("pid")); }
};

} // namespace

TEST_CASE("stop: a daemon ends with the program that has started it, also one that does not heed SIGTERM") {
  Daemons d;
  Captured captured;
  ProcessSpec spec = named("a", sh(d.daemon() + "echo there; sleep 1000"));
  spec.grace = 200ms;
  const auto activity = d.loop.start(spec, captured);
  REQUIRE(d.loop.until([&] { return captured.out == "there\n"; }));
  CHECK(lives(d.pid()));
  activity->stop();
  REQUIRE(d.loop.until([&] { return over(captured); }));
  CHECK_FALSE(lives(d.pid())); // when the end is reported
}

TEST_CASE("stop: a daemon without the mark in its environment is known as long as its parents were") {
  Daemons d;
  Captured captured;
  // The middle process stays, so that the daemon still is a descendant when the program is stopped.
  ProcessSpec spec = named("a", sh("setsid env -i PATH=\"$PATH\" sh -c 'trap : TERM; echo $$; while :; do sleep 0.05; "
                                   "done' & wait"));
  spec.grace = 200ms;
  const auto activity = d.loop.start(spec, captured);
  REQUIRE(d.loop.until([&] { return captured.out.find('\n') != std::string::npos; }));
  const int pid = std::stoi(captured.out);
  activity->stop();
  REQUIRE(d.loop.until([&] { return over(captured); }));
  CHECK_FALSE(lives(pid));
}

TEST_CASE("stop: a daemon lives on after a normal end, and a stop of another program leaves it alone") {
  Daemons d;
  CHECK(*d.loop.run(named("a", sh(d.daemon()))).exit == exited(0));
  Captured other;
  const auto activity = d.loop.start(named("b", sh("echo x; sleep 1000")), other);
  REQUIRE(d.loop.until([&] { return !other.out.empty(); }));
  activity->stop();
  REQUIRE(d.loop.until([&] { return over(other); }));
  CHECK(lives(d.pid()));
  d.loop.destroy_runner();
  CHECK(lives(d.pid()));
  CHECK(::kill(d.pid(), SIGKILL) == 0);
}

TEST_CASE("stop: what has ended below a supervisor leaves no zombie there") {
  Daemons d;
  CHECK(*d.loop.run(named("a", sh(d.daemon()))).exit == exited(0));
  const int daemon = d.pid();
  CHECK(::kill(daemon, SIGKILL) == 0);
  CHECK(becomes_true([&] { return state_of(daemon) == '?'; }));
}

TEST_CASE("stop: an activity that is dropped leaves nothing, and nothing is reported") {
  Daemons d;
  Captured captured;
  auto activity =
      d.loop.start(named("a", sh(d.daemon() + "echo $$; trap '' TERM; while :; do sleep 0.01; done")), captured);
  REQUIRE(d.loop.until([&] { return captured.out.find('\n') != std::string::npos; }));
  const int program = std::stoi(captured.out);
  activity.reset();
  CHECK(d.loop.until([&] { return !lives(program) && !lives(d.pid()); }));
  CHECK_FALSE(over(captured));
}
