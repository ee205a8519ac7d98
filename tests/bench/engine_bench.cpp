// Micro-benchmarks of what costs time inside the engine. Ratios against floors are printed by tests/bench/run.
#include <runbook/runbook.hpp>

#include <benchmark/benchmark.h>

#include <semaphore>
#include <string>

namespace rb = runbook;

namespace {

rb::HandlerRegistry quick_handlers() {
  rb::HandlerRegistry handlers;
  handlers.add({.name = "quick", .quick = true}, [](rb::StepContext&) -> rb::Result<rb::Value> { return rb::Value(); });
  return handlers;
}

rb::Plan plan_of(std::int64_t steps, const rb::HandlerRegistry& handlers) {
  rb::Runbook book("many steps");
  for (std::int64_t i = 0; i < steps; ++i) book.step("s" + std::to_string(i)).use("quick");
  return rb::make_plan(book, handlers).value();
}

// One step of a function that returns at once, with the memory store and an observer that waits for the end.
void lambda_step(benchmark::State& state) {
  const rb::HandlerRegistry handlers = quick_handlers();
  const rb::Plan plan = plan_of(state.range(0), handlers);
  std::binary_semaphore ended{0};
  const auto observer = rb::make_observer([&](const rb::RunHeader&, const rb::Event& event) {
    if (std::holds_alternative<rb::RunClosed>(event.data)) ended.release();
  });
  for (auto _ : state) {
    state.PauseTiming();
    auto executor = std::make_unique<rb::Executor>(handlers);
    state.ResumeTiming();
    const rb::RunHandle run = executor->start(plan, {.observer = observer});
    ended.acquire();
    state.PauseTiming();
    executor.reset();
    state.ResumeTiming();
  }
  state.counters["per_step"] = benchmark::Counter(
      static_cast<double>(state.range(0)), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(lambda_step)->Arg(1000)->Arg(10'000)->Arg(100'000)->UseRealTime()->Unit(benchmark::kMicrosecond);

// The decider alone: its cost for each event must not grow with the run.
void decider_event(benchmark::State& state) {
  const rb::Plan plan = plan_of(state.range(0), quick_handlers());
  const auto header = std::make_shared<rb::RunHeader>();
  std::int64_t events = 0;
  std::vector<rb::Command> commands;
  for (auto _ : state) {
    rb::RunState run(plan);
    run.apply(rb::RunCreated{header});
    while (run.status() == rb::RunStatus::running) {
      rb::decide(run, commands);
      const rb::EventData event = *rb::to_event(run, commands.front());
      run.apply(event);
      ++events;
      const auto* intent = std::get_if<rb::StepIntent>(&event);
      if (intent == nullptr) continue;
      run.apply(rb::StepOutcome{intent->at, intent->attempt, {}, nullptr});
      ++events;
    }
  }
  state.counters["per_event"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(decider_event)->RangeMultiplier(10)->Range(10, 100'000);

} // namespace

BENCHMARK_MAIN();
