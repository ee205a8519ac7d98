// t04: watch a run's events and cancel it while a step is under way. What was started is undone.
#include <runbook/runbook.hpp>

#include <iostream>
#include <semaphore>

namespace rb = runbook;

int main() try {
  const rb::HandlerRegistry handlers = rb::builtin_handlers();
  rb::Runbook book{"Wait for ever"};
  book.step("mark").use("shell", {{"script", "echo marked"}}).rollback("shell", {{"script", "echo unmarked"}});
  book.step("wait").use("shell", {{"script", "sleep 3600"}}).rollback("shell", {{"script", "echo no longer waiting"}});
  const rb::Plan plan = rb::make_plan(book, handlers).value();

  // An observer sees every event after it is durable, on the engine's thread.
  std::binary_semaphore waiting{0};
  const auto observer = rb::make_observer([&](const rb::RunHeader& run, const rb::Event& event) {
    std::cout << event.seq << ' ' << rb::type_name(event);
    if (const auto* intent = std::get_if<rb::StepIntent>(&event.data)) {
      std::cout << ' ' << rb::action_path(*run.outline, intent->at);
      if (intent->at.step == 1 && intent->at.kind == rb::ActionKind::forward) waiting.release();
    }
    std::cout << '\n';
  });

  rb::Executor executor{handlers};
  const rb::RunHandle run = executor.start(plan, {.actor = "t04", .observer = observer});
  waiting.acquire();
  run.cancel("t04"); // SIGTERM to the step's processes, then the rollback, newest first
  const rb::RunResult result = run.wait();
  std::cout << rb::to_string(result.status) << ": " << result.reason << '\n';
  return result.status == rb::RunStatus::rolled_back ? 0 : 1;
} catch (const rb::Exception& e) {
  std::cerr << e.what() << '\n';
  return 2;
}
