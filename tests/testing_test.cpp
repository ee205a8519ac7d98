// The fakes, used as an embedder would use them: to test a runbook without touching the world; and what a run does when
// its journal cannot be written.
#include "support/runs.hpp"

#include <runbook/testing.hpp>

#include <doctest/doctest.h>

using namespace runbook;
using namespace runbook::testing;

namespace {

Runbook restart_book() {
  Runbook book("Restart");
  book.step("stop")
      .use("shell", {{"script", "systemctl stop web"}})
      .rollback("shell", {{"script", "systemctl start web"}});
  book.step("migrate").use("shell", {{"script", "migrate up"}}).rollback("shell", {{"script", "migrate down"}});
  book.step("tell").use("confirm", {{"prompt", "Told?"}});
  return book;
}

struct Faked {
  HandlerRegistry handlers = builtin_handlers();
  std::shared_ptr<FakeHandler> shell = std::make_shared<FakeHandler>("shell");
  std::shared_ptr<ScriptedApprover> approver = std::make_shared<ScriptedApprover>();
  std::shared_ptr<FaultyStore> store = std::make_shared<FaultyStore>(make_memory_store());
  Faked() { handlers.replace(shell); }
  [[nodiscard]] ExecutorOptions options() const { return {.store = store, .approver = approver}; }
};

} // namespace

TEST_CASE("fake handler: lets a runbook be tested without touching the world") {
  Faked faked;
  faked.approver->say("tell", true);
  const Plan plan = make_plan(restart_book(), faked.handlers).value();
  Executor executor(faked.handlers, faked.options());
  SUBCASE("all is well") {
    CHECK(executor.run(plan).status == RunStatus::succeeded);
    CHECK(faked.shell->calls() == std::vector<std::string>{"stop: systemctl stop web", "migrate: migrate up"});
  }
  SUBCASE("the migration fails") {
    faked.shell->on("migrate up").print("table is locked\n").fail("exit code 1");
    const RunResult result = executor.run(plan);
    CHECK(result.status == RunStatus::rolled_back);
    CHECK(faked.shell->calls() == std::vector<std::string>{"stop: systemctl stop web", "migrate: migrate up",
                                                           "migrate: migrate down", "stop: systemctl start web"});
  }
  CHECK(faked.approver->asked().size() <= 1);
}

TEST_CASE("fake handler: one that hangs ends when it is stopped") {
  Faked faked;
  faked.shell->on("migrate up").hang();
  const Plan plan = make_plan(restart_book(), faked.handlers).value();
  Executor executor(faked.handlers, faked.options());
  Signal migrating;
  const auto observer = make_observer([&](const RunHeader&, const Event& event) {
    const auto* intent = std::get_if<StepIntent>(&event.data);
    if (intent != nullptr && intent->at.step == 1) migrating.set();
  });
  const RunHandle run = executor.start(plan, {.observer = observer});
  REQUIRE(migrating.wait());
  run.cancel();
  CHECK(outcome_story(run.wait(), plan) == "stop migrate/ ~migrate ~stop");
}

TEST_CASE("fake handler: what it leaves in the terminal is found by the steps after it and recorded") {
  Faked faked;
  faked.approver->say("tell", true);
  faked.shell->on("systemctl stop").leave({.variables = {{"TOKEN", "t"}}, .directory = "/srv"});
  std::string found;
  faked.handlers.add({.name = "looks", .quick = true}, [&](StepContext& context) -> Result<Value> {
    for (const std::string& variable : context.environment()) found += variable == "TOKEN=t" ? variable : "";
    found += " " + context.directory();
    return Value{};
  });
  Runbook book = restart_book();
  book.step("look").use("looks");
  const RunResult result = Executor(faked.handlers, faked.options()).run(make_plan(book, faked.handlers).value());
  CHECK(result.status == RunStatus::succeeded);
  CHECK(found == "TOKEN=t /srv");
}

TEST_CASE("fake clock: labels the events") {
  Faked faked;
  const auto clock = std::make_shared<FakeClock>(std::chrono::system_clock::time_point(std::chrono::hours(24)));
  ExecutorOptions options = faked.options();
  options.clock = clock;
  Executor executor(faked.handlers, options);
  const RunResult result = executor.run(make_plan(restart_book(), faked.handlers).value());
  CHECK(result.status == RunStatus::parked);
  for (const Event& event : result.events) CHECK(event.time == clock->now());
}

TEST_CASE("run: does not start when it cannot be recorded") {
  Faked faked;
  faked.store->fail_at(1);
  const Plan plan = make_plan(restart_book(), faked.handlers).value();
  Executor executor(faked.handlers, faked.options());
  CHECK_THROWS_AS(static_cast<void>(executor.start(plan)), Exception);
  CHECK(faked.shell->calls().empty());
}

TEST_CASE("run: whichever write fails nothing starts that is not on record") {
  const Plan plan = make_plan(restart_book(), Faked().handlers).value();
  for (std::uint64_t n = 2; n <= 5; ++n) {
    CAPTURE(n);
    Faked faked;
    faked.approver->say("tell", false);
    faked.store->fail_at(n);
    Executor executor(faked.handlers, faked.options());
    const RunResult result = executor.run(plan);
    CHECK(result.status == RunStatus::parked);
    REQUIRE(result.error.has_value());
    CHECK(result.error->code == errc::store_error);
    // Every call has its intent in the journal.
    std::size_t intents = 0;
    for (const Event& event : result.events) intents += std::holds_alternative<StepIntent>(event.data) ? 1U : 0U;
    CHECK(faked.shell->calls().size() <= intents);
  }
}

TEST_CASE("run: N actions cost N + 1 writes") {
  Faked faked;
  Runbook book("five");
  for (int i = 0; i < 5; ++i) book.step("s" + std::to_string(i)).use("shell", {{"script", "true"}});
  const Plan plan = make_plan(book, faked.handlers).value();
  Executor executor(faked.handlers, faked.options());
  CHECK(executor.run(plan).status == RunStatus::succeeded);
  CHECK(faked.store->writes() == 6);
}

TEST_CASE("run: a run whose fence was raised stops its step and starts nothing") {
  Faked faked;
  faked.shell->on("migrate up").hang();
  const Plan plan = make_plan(restart_book(), faked.handlers).value();
  Executor executor(faked.handlers, faked.options());
  Signal migrating;
  const auto observer = make_observer([&](const RunHeader&, const Event& event) {
    const auto* intent = std::get_if<StepIntent>(&event.data);
    if (intent != nullptr && intent->at.step == 1) migrating.set();
  });
  const RunHandle run = executor.start(plan, {.observer = observer});
  REQUIRE(migrating.wait());
  REQUIRE(faked.store->claim(run.id(), {"another"}, std::chrono::system_clock::now()).has_value());
  run.cancel();
  const RunResult result = run.wait();
  REQUIRE(result.error.has_value());
  CHECK(result.error->code == errc::fenced);
  CHECK(faked.shell->calls().size() == 2); // no undo: that is the new owner's business
}

TEST_CASE("fake handler: in the place of http it captures what it is told to") {
  const auto http = std::make_shared<FakeHandler>("http");
  http->on("/jobs").succeed({{"captures", {{"job", "42"}}}});
  HandlerRegistry handlers = builtin_handlers();
  handlers.replace(http);
  Runbook book("jobs");
  book.step("begin").use("http", {{"method", "POST"}, {"url", "http://h/jobs"}, {"captures", {{"job", "/id"}}}});
  book.step("use").use("assert", {{"conditions", "job == '42'"}});
  CHECK(Executor(handlers).run(make_plan(book, handlers).value()).status == RunStatus::succeeded);
}
