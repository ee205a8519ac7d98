// What a killed engine has started goes on, and whoever takes its run up finds it or what has come of it.
#include "executor/former_owners.hpp"
#include "executor/owner.hpp"
#include "support/runs.hpp"
#include "support/temp_folder.hpp"

#include <runbook/standing.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

template <class Holds>
bool wait_until(const Holds& holds) {
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

/// A run in a folder of its own, whose first owner is killed when the folder has the file `begun`.
class Killed {
public:
  explicit Killed(const std::string& steps, std::function<void()> before_the_kill = [] {}) {
    const Parsed parsed = parse_markdown("# T\n## Steps\n" + steps);
    REQUIRE(parsed.ok());
    const Plan plan = make_plan(parsed.runbook, builtin_handlers()).value();
    const pid_t child = ::fork();
    if (child == 0) {
      Executor executor(builtin_handlers(), options());
      static_cast<void>(executor.run(plan, {.run_id = "r1", .directory = folder.path().string()}));
      ::_exit(0);
    }
    REQUIRE(wait_until([&] { return folder.has("begun"); }));
    before_the_kill();
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }

  [[nodiscard]] ExecutorOptions options() const {
    return {.store = open_sqlite(folder / "runs.db").value(), .supervision = Supervision::required};
  }
  [[nodiscard]] std::string log() const { return folder.read("log"); }
  [[nodiscard]] bool leaves_nothing() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "runs.db.steps")) {
      const std::string name = entry.path().filename();
      if (name.ends_with(".claim") || name.ends_with(".out") || name.ends_with(".end")) return false;
    }
    return true;
  }

  TempFolder folder;
};

template <class T>
std::size_t count(const std::vector<Event>& events) {
  return static_cast<std::size_t>(
      std::ranges::count_if(events, [](const Event& event) { return std::holds_alternative<T>(event.data); }));
}

/// The kept output of the last step.
std::string last_output(RunStore& store, const std::vector<Event>& events) {
  std::string bytes;
  for (const Event& event : events) {
    if (std::holds_alternative<StepOutput>(event.data)) bytes = store.output("r1", event.seq).value();
  }
  return bytes;
}

constexpr auto slow = R"(1. Slow {#slow}
   ```sh
   echo slow >> log; echo one; touch begun
   while test ! -e go && test -e begun; do sleep 0.02; done
   echo two; export WORD=kept
   ```
   Rollback:
   ```sh
   echo undo >> log
   ```
2. Next {#next}
   ```sh
   echo "next $WORD" >> log
   ```
)";

} // namespace

TEST_CASE("take up: a script that still runs is waited for, with all that it has said and leaves behind") {
  const Killed left(slow);
  const ExecutorOptions options = left.options();
  Executor executor(builtin_handlers(), options);
  const RunHandle run = executor.resume("r1");
  left.folder.write("go", "");
  const RunResult result = run.wait();
  CHECK(result.status == RunStatus::succeeded);
  CHECK(left.log() == "slow\nnext kept\n");
  CHECK(count<StepTakenUp>(result.events) == 1);
  CHECK(count<StepDoubt>(result.events) == 0);
  CHECK(last_output(*options.store, result.events) == "one\ntwo\n");
  CHECK(wait_until([&] { return left.leaves_nothing(); }));
}

TEST_CASE("take up: a script that has ended meanwhile counts as it ended") {
  const Killed left(slow);
  left.folder.write("go", "");
  CHECK(wait_until([&] { // what has come of it is on the disk
    return std::ranges::any_of(std::filesystem::directory_iterator(left.folder.path() / "runs.db.steps"),
                               [](const auto& entry) { return entry.path().extension() == ".end"; });
  }));
  const ExecutorOptions options = left.options();
  Executor executor(builtin_handlers(), options);
  const RunResult result = executor.resume("r1").wait();
  CHECK(result.status == RunStatus::succeeded);
  CHECK(left.log() == "slow\nnext kept\n");
  CHECK(last_output(*options.store, result.events) == "one\ntwo\n");
}

TEST_CASE("take up: a cancel stops what goes on before anything is undone") {
  const Killed left(slow);
  Executor executor(builtin_handlers(), left.options());
  const RunHandle run = executor.resume("r1");
  run.cancel("ann");
  const RunResult result = run.wait();
  CHECK(result.status == RunStatus::rolled_back);
  CHECK(left.log() == "slow\nundo\n");
}

TEST_CASE("take up: an owner that is killed as well loses nothing") {
  const Killed left(slow);
  for (int owner = 0; owner < 3; ++owner) {
    const pid_t child = ::fork();
    if (child == 0) {
      Executor executor(builtin_handlers(), left.options());
      static_cast<void>(executor.resume("r1").wait());
      ::_exit(0);
    }
    const auto taken_up = [&] {
      return count<StepTakenUp>(open_sqlite(left.folder / "runs.db").value()->load("r1").value()) > std::size_t(owner);
    };
    CHECK(wait_until(taken_up));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  left.folder.write("go", "");
  Executor executor(builtin_handlers(), left.options());
  const RunResult result = executor.resume("r1").wait();
  CHECK(result.status == RunStatus::succeeded);
  CHECK(left.log() == "slow\nnext kept\n");
}

TEST_CASE("take up: where the supervisor is killed too the step is in doubt, and nobody guesses") {
  const Killed left(R"(1. Slow {#slow}
   ```sh
   echo slow >> log; echo $PPID > supervisor; touch begun; sleep 5
   ```
   Rollback:
   ```sh
   echo undo >> log
   ```
)",
                    [] {});
  ::kill(static_cast<pid_t>(std::stoi(left.folder.read("supervisor"))), SIGKILL);
  Executor executor(builtin_handlers(), left.options());
  const RunHandle run = executor.resume("r1");
  CHECK(wait_until([&] {
    return run.answer("doubt/slow", {.yes = true, .who = "ann", .note = "it is gone", .text = "failed"}).has_value();
  }));
  const RunResult result = run.wait();
  CHECK(result.status == RunStatus::rolled_back);
  CHECK(left.log() == "slow\nundo\n");
  CHECK(count<StepDoubt>(result.events) == 1);
  CHECK(count<DoubtResolved>(result.events) == 1);
}

TEST_CASE("take up: a supervisor that is killed while its engine lives leaves a doubt, not a failure") {
  const TempFolder folder;
  const Parsed parsed = parse_markdown("# T\n## Steps\n1. Slow {#slow on_doubt=retry}\n   ```sh\n"
                                       "   echo slow >> log; test -e once || { touch once; kill -9 $PPID; sleep 5; }\n"
                                       "   ```\n");
  REQUIRE(parsed.ok());
  Executor executor(builtin_handlers(),
                    {.store = open_sqlite(folder / "runs.db").value(), .supervision = Supervision::required});
  const RunResult result =
      executor.run(make_plan(parsed.runbook, builtin_handlers()).value(), {.directory = folder.path().string()});
  CHECK(result.status == RunStatus::succeeded);
  CHECK(folder.read("log") == "slow\nslow\n");
  CHECK(count<StepDoubt>(result.events) == 1);
}

TEST_CASE("take up: that nothing was started is believed only of this machine since it was last started") {
  const std::string here = owner_name();
  const std::size_t boot = here.rfind(':') + 1;
  std::string before = here;
  before.replace(boot, here.rfind('#') - boot, "00000000-0000-0000-0000-000000000000");
  const ActionRef at{};
  const auto kind = [&](const std::string& owner) {
    const std::vector<Event> events{{1, 1, {}, Claimed{owner, true}}, {2, 1, {}, StepIntent{at}}};
    return FormerOwners(events).judged({at, 1, DoubtKind::not_started, "no claim"}).kind;
  };
  CHECK(kind(here) == DoubtKind::not_started);
  CHECK(kind(before) == DoubtKind::unknown);
  CHECK(kind("elsewhere" + here) == DoubtKind::unknown);
}

TEST_CASE("take up: an executor that requires a supervisor says why there is none") {
  const TempFolder folder;
  ExecutorOptions options{.store = open_sqlite(folder / "runs.db").value(), .supervision = Supervision::required};
  options.supervisor = folder / "nothing";
  CHECK_THROWS_WITH_AS(Executor(builtin_handlers(), options), doctest::Contains("nothing"), Exception);
  options.supervisor.clear();
  options.store = make_memory_store();
  CHECK_THROWS_WITH_AS(Executor(builtin_handlers(), options), doctest::Contains("no folder"), Exception);
}
