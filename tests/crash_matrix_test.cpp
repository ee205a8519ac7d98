#include "support/flow_books.hpp"
#include "support/long_tests.hpp"

#include <runbook/crash_matrix.hpp>

#include <doctest/doctest.h>

using namespace runbook;
using namespace runbook::testing;
TEST_CASE("x") {
  CrashScenario scenario;
  scenario.name = "forward";
  scenario.handlers = [](const CrashLife& life) {
    HandlerRegistry handlers = builtin_handlers();
    handlers.add({.name = "work"}, [life](StepContext& ctx) -> Result<Value> { life.visible(ctx); ctx.output(Stream::out, "hello"); return Value(1); });
    return handlers;
  };
  scenario.plan = [](const CrashLife&, const HandlerRegistry& handlers) {
    Runbook book("x");
    book.steps.push_back(work_with_undo("a"));
    book.steps.push_back(work_with_undo("b"));
    book.steps.push_back(work("c"));
    return make_plan(book, handlers).value();
  };
  const auto report = run_crash_matrix(scenario, {.twice = true, .folder = "/dev/shm"});
  MESSAGE(to_string(report));
  CHECK(report.ok());
}
