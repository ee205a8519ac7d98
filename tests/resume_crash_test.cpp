// Runs whose owner was another process, which lives or was killed; and how an owner is told from a later process.
#include "executor/owner.hpp"
#include "support/left_runs.hpp"
#include "support/self.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

/// `what` stands between two steps: a question or an action that never ends.
Runbook crash_book(const std::string& what) {
  Runbook book("is left at " + what);
  book.step("a").use("work", saying("a")).rollback("work", saying("undo-a"));
  if (what == "question") book.steps.push_back(ask("middle"));
  if (what == "action") book.step("middle").use("hang", saying("middle"));
  if (what == "pause") {
    Step& step = book.step("middle").use("fail", saying("middle"));
    step.actions[0].retry = {.retries = 1, .delay = 1h, .max_delay = 1h};
  }
  book.step("b").use("work", saying("b"));
  return book;
}

/// The store of a run "r" which another process has brought to its middle.
struct Elsewhere {
  Left left;
  std::optional<OtherProcess> owner;

  explicit Elsewhere(const std::string& what) {
    left.store = open_sqlite(left.folder / "runs.db").value();
    owner.emplace("other process: runs a book until it is killed",
                  std::map<std::string, std::string>{{"RUNBOOK_TEST_FOLDER", left.folder.path().string()},
                                                     {"RUNBOOK_TEST_WHAT", what}});
    REQUIRE(owner->line() == "there");
    while (what == "action" && left.log() != "a middle... ") std::this_thread::sleep_for(1ms);
  }
};

std::string with_part(std::size_t part, const std::string& text) {
  std::vector<std::string> parts{""};
  for (const char c : owner_name()) {
    if (c == ':') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  parts.at(part) = text;
  std::string name = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) name += ":" + parts[i];
  return name;
}

/// What a child says that its name is; it ends when `go_on` is closed.
struct Child {
  std::string owner;
  pid_t pid = -1;
  int go_on = -1;

  Child() {
    int told[2];
    int waits[2];
    REQUIRE(::pipe(told) == 0);
    REQUIRE(::pipe(waits) == 0);
    pid = ::fork();
    if (pid == 0) {
      const std::string name = owner_name();
      ::close(waits[1]);
      char byte = 0;
      const bool said = ::write(told[1], name.data(), name.size()) > 0 && ::close(told[1]) == 0;
      ::_exit(said && ::read(waits[0], &byte, 1) == 0 ? 0 : 1);
    }
    ::close(told[1]);
    ::close(waits[0]);
    go_on = waits[1];
    char buffer[512];
    const auto size = ::read(told[0], &buffer[0], sizeof buffer);
    REQUIRE(size > 0);
    owner.assign(&buffer[0], static_cast<std::size_t>(size));
    ::close(told[0]);
  }
  /// Waits until it has ended, but leaves it as a zombie.
  void end() const {
    ::close(go_on);
    siginfo_t info{};
    REQUIRE(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) == 0);
  }
};

} // namespace

TEST_CASE("other process: runs a book until it is killed" * doctest::skip()) {
  const std::string folder = given("RUNBOOK_TEST_FOLDER");
  const std::string what = given("RUNBOOK_TEST_WHAT");
  const HandlerRegistry handlers = noting_in(folder + "/log");
  Executor executor(handlers, {.store = open_sqlite(folder + "/runs.db").value()});
  const auto observer = make_observer([&](const RunHeader&, const Event& event) {
    const auto* intent = std::get_if<StepIntent>(&event.data);
    if (what == "action" && intent != nullptr && intent->at.step == 1) say("there");
    if (what == "question" && std::holds_alternative<WaitOpened>(event.data)) say("there");
    if (what == "pause" && std::holds_alternative<TimerSet>(event.data)) say("there");
  });
  static_cast<void>(executor.run(make_plan(crash_book(what), handlers).value(), {.run_id = "r", .observer = observer}));
}

TEST_CASE("resume: while the other process lives its run is refused, and once it is killed it goes on") {
  Elsewhere run("question");
  const auto refused = run.left.refusal("r", {.take_over = true});
  REQUIRE(refused);
  CHECK(refused->code == errc::invalid_argument);
  CHECK(refused->message.find("the run goes on: its owner") == 0);
  run.owner->kill();
  const RunResult result = run.left.take_up("r");
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
  CHECK(run.left.log() == "a b ");
  CHECK(all_of<WaitOpened>(result.events).size() == 2); // it is asked again
}

TEST_CASE("resume: an action that was under way is not done again before somebody has said what became of it") {
  Elsewhere run("action");
  run.owner->kill();
  {
    Executor executor(run.left.handlers, run.left.yes()); // a yes says nothing about it
    const RunResult parked = executor.resume("r").wait();
    CHECK(parked.status == RunStatus::parked);
    CHECK(all_of<WaitOpened>(parked.events).at(0).token == "doubt/middle");
    CHECK(run.left.log() == "a middle... ");
  }
  run.left.store->post("r", {.token = "doubt/middle", .yes = true, .text = "perhaps"}).value();
  run.left.store->post("r", {.token = "doubt/middle", .yes = true, .text = "done", .who = "bob"}).value();
  const RunResult result = run.left.take_up("r");
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
  CHECK(run.left.log() == "a middle... b ");
}

TEST_CASE("resume: a pause before another attempt begins anew") {
  Elsewhere run("pause");
  run.owner->kill();
  Executor executor(run.left.handlers, {.store = run.left.store});
  Signal paused;
  const RunHandle handle = executor.resume("r", {.observer = make_observer([&](const RunHeader&, const Event& event) {
                                                   const auto* set = std::get_if<TimerSet>(&event.data);
                                                   if (set != nullptr && event.fence == 2) paused.set();
                                                 })});
  REQUIRE(paused.wait());
  handle.cancel("ada");
  const RunResult result = handle.wait();
  const auto pauses = all_of<TimerSet>(result.events);
  REQUIRE(pauses.size() == 2);
  CHECK(pauses[1].attempt == 2);
  CHECK(pauses[1].delay == 1h);
  CHECK(run.left.log() == "a middle! undo-a ");
}

TEST_CASE("owner: this process lives") {
  CHECK(owner_lives(owner_name()) == true);
  CHECK(owner_lives(with_part(2, "1")) == false); // another process had its number
}

TEST_CASE("owner: a child lives until it ends, also before anybody has waited for it") {
  const Child child;
  CHECK(child.owner != owner_name());
  CHECK(owner_lives(child.owner) == true);
  child.end();
  CHECK(owner_lives(child.owner) == false); // a zombie
  CHECK(::waitpid(child.pid, nullptr, 0) == child.pid);
  CHECK(owner_lives(child.owner) == false);
}

TEST_CASE("owner: one of before the last boot is gone, and of another host nobody knows") {
  CHECK(owner_lives(with_part(3, "00000000-0000-0000-0000-000000000000")) == false);
  CHECK_FALSE(owner_lives(with_part(0, "another-host")).has_value());
  CHECK_FALSE(owner_lives(with_part(3, "")).has_value());
}

TEST_CASE("owner: words that name no process say nothing or that it is gone") {
  for (const std::string odd :
       {"", ":", "::", ":::", "host", "host:1:2", "a:b:c:d", "another", "\xff:\xff:\xff:\xff"}) {
    CAPTURE(odd);
    CHECK_FALSE(owner_lives(odd).has_value());
  }
  for (const std::string pid : {"", "0", "-1", "self/../self", "99999999999999999999", "x", "../proc"}) {
    CAPTURE(pid);
    CHECK(owner_lives(with_part(1, pid)) == false);
  }
}
