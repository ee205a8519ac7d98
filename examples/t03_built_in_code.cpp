// t03: a runbook built in code. The second step fails, so the first one is undone.
#include <runbook/runbook.hpp>

#include <iostream>

namespace rb = runbook;

int main() try {
  rb::HandlerRegistry handlers = rb::builtin_handlers();
  handlers.add({.name = "create_volume"}, [](rb::StepContext&) -> rb::Result<rb::Value> {
    std::cout << "volume created\n";
    return rb::Value("vol-17");
  });
  handlers.add({.name = "delete_volume"}, [](rb::StepContext& context) -> rb::Result<rb::Value> {
    std::cout << "volume deleted: " << rb::to_text(context.param("id")) << '\n';
    return rb::Value();
  });
  handlers.add({.name = "attach_volume"}, [](rb::StepContext&) -> rb::Result<rb::Value> {
    return rb::Error{rb::errc::handler_failed, "no free slot", {}};
  });

  rb::Runbook book{"Give the database a new volume"};
  rb::Step& create = book.step("create").use("create_volume").rollback("delete_volume", {{"id", "{{ volume }}"}});
  create.actions.front().capture = "volume"; // the value that the handler returned
  // Attaching that failed has attached nothing: its own undo has nothing to do, so it is declared pure.
  book.step("attach").use("attach_volume", {{"id", "{{ volume }}"}}).actions.front().effect = rb::Effect::pure;

  const rb::Plan plan = rb::make_plan(book, handlers).value();
  rb::Executor executor{handlers};
  const rb::RunResult result = executor.run(plan, {.actor = "t03"});
  std::cout << rb::to_string(result.status) << ": " << result.reason << '\n';
  return result.status == rb::RunStatus::rolled_back ? 0 : 1;
} catch (const rb::Exception& e) {
  std::cerr << e.what() << '\n';
  return 2;
}
