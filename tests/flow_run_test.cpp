// Conditions, loops, graphs and repetition with real processes, a real store and real time.
#include "support/flow_books.hpp"
#include "support/temp_folder.hpp"

#include <runbook/executor.hpp>
#include <runbook/parse.hpp>
#include <runbook/report.hpp>
#include <runbook/testing.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <thread>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

struct Ended {
  RunResult result;
  Report report;

  /// "id=result", one for each step of the report.
  [[nodiscard]] std::string results() const {
    std::string text;
    const Value json = to_json(report);
    for (const Value& step : json.at("steps").as_array()) {
      text += (text.empty() ? "" : " ") + std::string(step.at("id").as_string()) + "=" +
              std::string(step.at("result").as_string());
    }
    return text;
  }
  [[nodiscard]] std::chrono::system_clock::duration took() const {
    return result.events.back().time - result.events.front().time;
  }
};

Ended run_steps(const std::string& steps, StartOptions options = {}, ExecutorOptions how = {}) {
  const Parsed parsed = parse_markdown("# T\n## Steps\n" + steps);
  REQUIRE_MESSAGE(parsed.ok(), (parsed.diagnostics.empty() ? "" : to_string(parsed.diagnostics.front())));
  const auto plan = make_plan(parsed.runbook, builtin_handlers());
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  Executor executor(builtin_handlers(), std::move(how));
  Ended ended{executor.run(*plan, std::move(options)), {}};
  ended.report = make_report(ended.result.events);
  return ended;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

TEST_CASE("flow run: a loop over what a step printed, with undos that know their element") {
  const TempFolder folder;
  StartOptions options;
  options.directory = folder.path().string();
  const Ended ended = run_steps(R"(1. Nodes {#nodes}
   ```sh pure
   printf 'web-1\nweb 2\n$(reboot)\n'
   ```
2. Drain {{ node }} {#drain foreach="steps.nodes.stdout" as=node}
   ```sh capture=token
   printf 'drained %s\n' "$node" >> log; echo "t-$node"
   ```
   Rollback:
   ```sh
   printf 'back %s %s\n' "$node" "$token" >> log
   ```
3. All of them {#all}
   ```sh
   printf '%s\n' "$token" >> log; false
   ```
   Rollback:
   ```sh
   true
   ```
)",
                                options);
  CHECK(ended.result.status == RunStatus::rolled_back);
  CHECK(content(folder.path() / "log") ==
        "drained web-1\ndrained web 2\ndrained $(reboot)\n[\"t-web-1\",\"t-web 2\",\"t-$(reboot)\"]\n"
        "back $(reboot) t-$(reboot)\nback web 2 t-web 2\nback web-1 t-web-1\n");
  CHECK(ended.results() == "nodes=ok drain[1]=ok, undone drain[2]=ok, undone drain[3]=ok, undone all=failed, undone");
  CHECK(ended.report.steps[2].outline.title == "Drain web 2");
}

TEST_CASE("flow run: elements of a parallel loop run at the same time, and each keeps its own terminal") {
  const Ended ended = run_steps(R"(1. Each {#each foreach="[1, 2, 3, 4, 5, 6, 7, 8]" as=n parallel=8}
   ```sh pure
   export mine=$n; sleep 0.4
   ```
   ```sh pure capture=seen
   echo "$mine"
   ```
2. Behind {#behind}
   ```sh pure capture=after
   echo "${mine:-nothing} $seen"
   ```
)");
  CHECK(ended.result.status == RunStatus::succeeded);
  CHECK(ended.took() < 2s); // one after the other they would take 3.2 s
  const auto last =
      std::ranges::find_if(ended.result.events.rbegin(), ended.result.events.rend(),
                           [](const Event& event) { return std::holds_alternative<StepOutcome>(event.data); });
  CHECK(std::get<StepOutcome>(last->data).captured == Value(R"(nothing ["1","2","3","4","5","6","7","8"])"));
}

TEST_CASE("flow run: what does not need each other runs at the same time") {
  const Ended ended = run_steps(R"(1. One {#one}
   ```sh pure
   sleep 0.3
   ```
2. Two {#two needs=one}
   ```sh pure
   sleep 0.5
   ```
3. Three {#three needs=one}
   ```sh pure
   sleep 0.5
   ```
)");
  CHECK(ended.result.status == RunStatus::succeeded);
  CHECK(ended.took() < 1200ms); // one after the other they would take 1.3 s
}

TEST_CASE("flow run: an action is repeated until its condition is true") {
  const TempFolder folder;
  StartOptions options;
  options.directory = folder.path().string();
  const Ended ended = run_steps(R"(1. Wait {#wait}
   ```sh pure until="steps.wait.json.ready" timeout=20s backoff=10ms
   echo x >> tries; [ $(wc -l < tries) -ge 3 ] && echo '{"ready": true}' || echo '{"ready": false}'
   ```
2. Never {#never}
   ```sh pure until="steps.never.stdout == 'x'" timeout=300ms backoff=50ms
   echo y
   ```
)",
                                options);
  CHECK(content(folder.path() / "tries") == "x\nx\nx\n");
  CHECK(ended.result.reason == "step 'never' timed out: not true after 300 ms: steps.never.stdout == 'x'");
}

TEST_CASE("flow run: an attempt that runs when the time of its repetition is over is stopped") {
  const Ended ended = run_steps(R"(1. Never {#never}
   ```sh pure until="steps.never.stdout == 'x'" timeout=300ms
   sleep 1000
   ```
)");
  CHECK(ended.result.reason == "step 'never' timed out: not true after 300 ms: steps.never.stdout == 'x'");
  CHECK(ended.took() < 10s);
}

TEST_CASE("flow run: the run's time limit stops what runs, and the rollback is not cut short") {
  const TempFolder folder;
  StartOptions options;
  options.directory = folder.path().string();
  options.timeout = 400ms;
  const Ended ended = run_steps(R"(1. Slow {#slow}
   ```sh
   sleep 1000
   ```
   Rollback:
   ```sh
   sleep 1; echo done > undone
   ```
)",
                                options);
  CHECK(ended.result.status == RunStatus::rolled_back);
  CHECK(ended.result.reason == "not done after 400 ms");
  CHECK(content(folder.path() / "undone") == "done\n");
}

TEST_CASE("flow run: a cancel stops everything that runs at the same time") {
  const Parsed parsed = parse_markdown(R"(# T
## Steps
1. Each {#each foreach="[1, 2, 3, 4, 5]" parallel=5}
   ```sh
   sleep 1000
   ```
   Rollback:
   ```sh
   true
   ```
)");
  const Plan plan = make_plan(parsed.runbook, builtin_handlers()).value();
  Executor executor(builtin_handlers());
  std::atomic<int> started = 0;
  StartOptions options;
  options.observer = make_observer(
      [&](const RunHeader&, const Event& event) { started += std::holds_alternative<StepIntent>(event.data) ? 1 : 0; });
  const RunHandle run = executor.start(plan, options);
  while (started < 5) std::this_thread::sleep_for(1ms);
  run.cancel("me");
  const RunResult result = run.wait();
  CHECK(result.status == RunStatus::rolled_back);
  CHECK(make_report(result.events).steps.size() == 5);
}

TEST_CASE("flow run: the journal of a run with a flow comes back as it was from a store") {
  const TempFolder folder;
  const std::string path = (folder.path() / "runs.db").string();
  ExecutorOptions how;
  how.store = open_sqlite(path).value();
  const Ended ended = run_steps(R"(1. Each {#each foreach="['a', 'b']" parallel=2}
   ```sh pure
   true
   ```
2. Skipped {#skipped when="1 > 2"}
   ```sh pure
   true
   ```
3. Last {#last}
   ```sh pure until="steps.last.exit_code == 0" timeout=5s
   true
   ```
)",
                                {}, std::move(how));
  CHECK(ended.result.status == RunStatus::succeeded);
  CHECK(ended.results() == "each[1]=ok each[2]=ok skipped=skipped: not true: 1 > 2 last=ok");
  const auto again = open_sqlite(path).value()->load(ended.result.run).value();
  REQUIRE(again.size() == ended.result.events.size());
  for (std::size_t i = 0; i < again.size(); ++i) CHECK(to_json(again[i]) == to_json(ended.result.events[i]));
}

namespace {

/// A plan of one shell step, whose fake fails once or hangs.
Plan plan_of_fake(const Action& how, const HandlerRegistry& handlers) {
  Runbook book("virtual time");
  Step& step = book.step("only");
  step.actions.push_back(how);
  return make_plan(book, handlers).value();
}

} // namespace

TEST_CASE("flow run: pauses, timeouts, deadlines and the run's time limit pass in virtual time") {
  const auto timers = std::make_shared<FakeTimers>();
  ExecutorOptions how;
  how.timers = timers;
  HandlerRegistry handlers;
  std::atomic<int> tries = 0;
  handlers.add({.name = "flaky"}, [&tries](StepContext&) -> Result<Value> {
    if (++tries == 1) return Error{errc::handler_failed, "not yet", {}};
    return Value();
  });
  const auto hanging = std::make_shared<FakeHandler>("hangs");
  hanging->on("").hang();
  handlers.replace(hanging);
  Executor executor(handlers, how);
  const auto ends_after = [&](const Action& action, std::chrono::milliseconds time, StartOptions options = {}) {
    const RunHandle run = executor.start(plan_of_fake(action, handlers), std::move(options));
    CHECK(timers->await(1));
    timers->advance(time - 1ms);
    CHECK(!run.wait_for(20ms).has_value());
    timers->advance(1ms);
    const auto result = run.wait_for(20s);
    REQUIRE(result.has_value());
    return *result;
  };
  Action flaky{.handler = "flaky"};
  flaky.retry = {.retries = 1, .delay = 1h, .max_delay = 1h};
  CHECK(ends_after(flaky, 1h).status == RunStatus::succeeded);
  Action slow{.handler = "hangs"};
  slow.timeout = 24h;
  CHECK(ends_after(slow, 24h).reason == "step 'only' timed out: not done after 86400000 ms");
  slow.until.emplace().text = "steps.only.exit_code == 0";
  CHECK(ends_after(slow, 24h).reason == "step 'only' timed out: not true after 86400000 ms: steps.only.exit_code == 0");
  StartOptions limited;
  limited.timeout = 2h;
  CHECK(ends_after(Action{.handler = "hangs"}, 2h, limited).reason == "not done after 7200000 ms");
}
