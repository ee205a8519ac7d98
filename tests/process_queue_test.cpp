// Starts for which the host has too little left: they wait for the ends of other programs.
#include "support/descriptor_limit.hpp"
#include "support/processes.hpp"
#include "support/seccomp.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// Descriptors with which one program can be started, and no second one while it runs.
constexpr int enough_for_one = 6;

/// A loop in which a program runs and no second one can be started.
struct Full {
  explicit Full(LauncherKind kind = LauncherKind::automatic) : loop(kind) {
    static_cast<void>(loop.run(sh("exit 0"))); // what the runner opens for good is open now
    limit.leave(enough_for_one);
    running = loop.start(sh("sleep 1000"), first);
  }
  ProcessLoop loop;
  DescriptorLimit limit;
  Captured first;
  std::unique_ptr<Activity> running;
};

bool over(const Captured& captured) {
  return captured.exit.has_value() || captured.failure.has_value();
}

/// The error of a start that fails at once.
Error error_at_once(const ProcessSpec& spec) {
  ProcessLoop loop;
  const auto activity = loop.runner().start(spec, {});
  REQUIRE_FALSE(activity.has_value());
  return activity.error();
}

} // namespace

TEST_CASE("queue: at the limit of open files starts wait for each other's ends, first come first served") {
  for (const LauncherKind kind : launcher_kinds()) {
    CAPTURE(static_cast<int>(kind));
    ProcessLoop loop(kind);
    static_cast<void>(loop.run(sh("exit 0")));
    const int descriptors = open_descriptors();
    DescriptorLimit limit;
    limit.leave(enough_for_one);
    std::vector<int> order;
    std::vector<std::unique_ptr<Activity>> activities;
    std::function<void(int)> start = [&](int number) {
      auto started = loop.runner().start(sh("exit " + std::to_string(number)),
                                         {[](Stream, std::string_view) {},
                                          [&, number](ProcessExit how) {
                                            CHECK(how == exited(number));
                                            order.push_back(number);
                                            if (number == 0) start(10); // others have waited longer
                                          },
                                          [](const Error& error) { FAIL_CHECK(error.message); }});
      REQUIRE_MESSAGE(started.has_value(), started.error().message);
      activities.push_back(std::move(*started));
    };
    for (int number = 0; number < 10; ++number) start(number);
    CHECK(loop.until([&] { return order.size() == 11; }));
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    limit.leave(100);
    CHECK(open_descriptors() == descriptors);
    CHECK(children() == 0);
  }
}

TEST_CASE("queue: a program that cannot be executed is told in the words of a start that does not wait") {
  const ProcessSpec missing{.program = "no-such-program", .environment = {standard_path}};
  const Error at_once = error_at_once(missing);
  for (const LauncherKind kind : launcher_kinds()) {
    Full full(kind);
    Captured queued;
    Captured behind;
    const auto activity = full.loop.start(missing, queued);
    const auto next = full.loop.start(sh("exit 7"), behind);
    full.loop.io().poll();
    CHECK_FALSE(over(queued));
    full.running->stop();
    REQUIRE(full.loop.until([&] { return over(queued) && over(behind); }));
    REQUIRE(queued.failure.has_value());
    CHECK(*queued.failure == at_once);
    CHECK(queued.exits == 0);
    CHECK(behind.exit == exited(7));
  }
}

TEST_CASE("queue: a start that is stopped while it waits is never launched") {
  const TempFolder folder;
  Full full;
  Captured before;
  Captured stopped;
  const auto ahead = full.loop.start(sh("exit 0"), before);
  const auto activity = full.loop.start(sh("touch '" + folder / "launched" + "'"), stopped);
  activity->stop();
  activity->stop();
  CHECK_FALSE(over(stopped)); // never from within
  REQUIRE(full.loop.until([&] { return over(stopped); }));
  REQUIRE(stopped.failure.has_value());
  CHECK(stopped.failure->code == errc::cancelled);
  CHECK_FALSE(over(full.first)); // it did not wait for that
  full.running->stop();
  REQUIRE(full.loop.until([&] { return over(before); }));
  activity->stop();
  full.loop.io().poll();
  CHECK(stopped.exits == 0);
  CHECK(children() == 0);
  CHECK_FALSE(folder.has("launched"));
}

TEST_CASE("queue: a start that waited is stopped like any other once it runs") {
  Full full;
  Captured queued;
  const auto activity = full.loop.start(sh("echo x; exec sleep 1000"), queued);
  full.running->stop();
  REQUIRE(full.loop.until([&] { return queued.out == "x\n"; }));
  activity->stop();
  REQUIRE(full.loop.until([&] { return over(queued); }));
  CHECK(queued.exit == signaled(SIGTERM));
}

TEST_CASE("queue: an activity that is destroyed while it waits is never launched, and those behind it are") {
  const TempFolder folder;
  Full full;
  Captured dropped;
  Captured behind;
  Captured running;
  auto activity = full.loop.start(sh("touch '" + folder / "launched" + "'"), dropped);
  auto later = full.loop.start(sh("echo x; exec sleep 1000"), running);
  const auto next = full.loop.start(sh("exit 3"), behind);
  activity.reset();
  full.running->stop();
  REQUIRE(full.loop.until([&] { return running.out == "x\n"; }));
  later.reset(); // it runs now
  REQUIRE(full.loop.until([&] { return over(behind); }));
  CHECK(behind.exit == exited(3));
  CHECK_FALSE(over(dropped));
  CHECK_FALSE(over(running));
  CHECK(children() == 0);
  CHECK_FALSE(folder.has("launched"));
}

TEST_CASE("queue: the runner's end forgets what waits, and callbacks that own their activity are released") {
  struct Owner {
    std::unique_ptr<Activity> activity;
  };
  Full full;
  int told = 0;
  std::vector<std::weak_ptr<Owner>> owners;
  for (int i = 0; i < 3; ++i) {
    const auto owner = std::make_shared<Owner>();
    auto started = full.loop.runner().start(sh("exit 0"),
                                            {[](Stream, std::string_view) {}, [owner, &told](ProcessExit) { ++told; },
                                             [owner, &told](const Error&) { ++told; }});
    REQUIRE(started.has_value());
    owner->activity = std::move(*started);
    owners.push_back(owner);
  }
  owners[1].lock()->activity->stop();
  full.loop.destroy_runner();
  full.loop.io().restart();
  full.loop.io().poll();
  for (const auto& owner : owners) CHECK(owner.expired());
  CHECK(told == 0);
  CHECK(children() == 0);
}

TEST_CASE("queue: the runner may be destroyed by who is told of a failure") {
  Full full;
  bool told = false;
  Captured behind;
  const auto failing = full.loop.runner().start({.program = "/no/such"}, {{}, {}, [&](const Error&) {
                                                                            told = true;
                                                                            full.loop.destroy_runner();
                                                                          }});
  const auto next = full.loop.start(sh("exit 0"), behind);
  full.running->stop();
  REQUIRE(full.loop.until([&] { return told; }));
  full.loop.io().poll();
  CHECK_FALSE(over(behind));
  CHECK(children() == 0);
}

TEST_CASE("queue: who could not be told of a failure later is told at once") {
  Full full;
  const auto activity = full.loop.runner().start(sh("exit 0"), {});
  REQUIRE_FALSE(activity.has_value());
  CHECK(activity.error().message.find("too many files open") != std::string::npos);
}

TEST_CASE("queue: at the limit of processes a start waits, and fails in words when nothing runs that would end") {
  Captured queued;
  Captured last;
  bool waited = false;
  bool ended = false;
  std::thread([&] {
    ProcessLoop loop;
    Captured first;
    const auto running = loop.start(sh("sleep 1000"), first);
    refuse_calls({{SYS_clone3, EAGAIN}, {SYS_clone, EAGAIN}, {SYS_vfork, EAGAIN}});
    const auto activity = loop.runner().start(sh("exit 0"), queued.events());
    const auto behind = loop.runner().start(sh("exit 0"), last.events());
    loop.io().poll();
    waited = activity.has_value() && behind.has_value() && !over(queued);
    running->stop();
    ended = loop.until([&] { return over(queued) && over(last); });
  }).join();
  CHECK(waited);
  CHECK(ended);
  for (const Captured* captured : {&queued, &last}) {
    REQUIRE(captured->failure.has_value());
    CHECK(captured->failure->code == errc::exec_failed);
    CHECK(captured->failure->message == "cannot start 'sh': the limit of processes is reached (ulimit -u, or the pids "
                                        "limit of the control group)");
  }
}
