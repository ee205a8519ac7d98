// Cancels at any moment, hundreds of them, with real processes: every run ends, and nothing of it is left running.
#include "support/flow_books.hpp"
#include "support/processes.hpp"

#include <runbook/executor.hpp>
#include <runbook/report.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

using Random = std::mt19937;

constexpr auto grace = 100ms;

/// In the command line of every program that sleeps for one of these runs.
std::string mark() {
  return "1000." + std::to_string(::getpid());
}

int processes_with_mark() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    std::string line;
    std::getline(file, line, '\n');
    count += line.find(mark()) != std::string::npos ? 1 : 0;
  }
  return count;
}

Step shell(std::string id, std::string script, std::string undo) {
  Step step;
  step.id = std::move(id);
  step.use("shell", {{"script", std::move(script)}});
  step.rollback("shell", {{"script", std::move(undo)}});
  return step;
}

/// Steps that are hard to stop, each in its own way.
Step random_step(Random& random, int number) {
  const std::string id = "s" + std::to_string(number);
  const std::string sleep = "sleep " + mark();
  switch (std::uniform_int_distribution<int>(0, 7)(random)) {
  case 0: return shell(id, sleep, "true");
  case 1: return shell(id, "trap '' TERM; " + sleep + " & " + sleep + " & wait; " + sleep, "true");
  case 2: return shell(id, "cat /dev/zero", "true");
  case 3: return shell(id, "(trap '' TERM; " + sleep + ") & exec " + sleep, "sleep 0.02");
  case 4: {
    Step step = shell(id, "exit 1", "true");
    step.actions[0].retry = {.retries = 1000, .delay = 5ms, .max_delay = 20ms};
    return step;
  }
  case 5: return question(id);
  case 6: return for_each("[1, 2, 3, 4]", shell(id, sleep, "true"), 4);
  default: return shell(id, "true", "true");
  }
}

} // namespace

TEST_CASE("stop: five hundred cancels at any moment leave no process and no run that hangs") {
  ExecutorOptions how;
  how.grace = grace;
  Executor executor(flow_handlers(), std::move(how));
  std::map<RunStatus, int> ends;
  constexpr int rounds = 50;
  constexpr int at_once = 10;
  for (int round = 0; round < rounds; ++round) {
    Random random(static_cast<std::uint32_t>(round));
    std::vector<RunHandle> runs;
    for (int i = 0; i < at_once; ++i) {
      std::vector<Step> steps;
      for (int n = 0; n < 4; ++n) steps.push_back(random_step(random, n));
      runs.push_back(executor.start(flow_plan(std::move(steps))));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(0, 40'000)(random)));
    std::ranges::shuffle(runs, random);
    for (const RunHandle& run : runs) {
      run.cancel("storm");
      if (std::uniform_int_distribution<int>(0, 3)(random) == 0) run.cancel("storm"); // asks, and nobody answers
      if (std::uniform_int_distribution<int>(0, 9)(random) == 0) run.cancel("storm"); // gives the rollback up
    }
    for (const RunHandle& run : runs) {
      const auto result = run.wait_for(60s);
      REQUIRE_MESSAGE(result.has_value(), "round " << round << " hangs");
      ++ends[result->status];
      CHECK(result->status != RunStatus::running);
      CHECK(result->status != RunStatus::parked);
    }
  }
  CHECK(ends[RunStatus::rolled_back] > 100);
  CHECK(processes_with_mark() == 0);
  CHECK(children() == 0);
}
