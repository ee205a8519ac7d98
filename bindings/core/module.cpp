#include "gil.hpp"

PYBIND11_MODULE(_core, m) {
  using namespace runbook::python;
  m.doc() = "The runbook engine. Use it through the package `runbook`.";
  m.attr("__version__") = RUNBOOK_VERSION;
  guard_interpreter_exit();
  bind_enums(m);
  bind_errors(m);
  bind_model(m);
  bind_parse(m);
  bind_handlers(m);
  bind_lint(m);
  bind_plan(m);
  bind_events(m);
  bind_stores(m);
  bind_reports(m);
  bind_questions(m);
  bind_runs(m);
  bind_executor(m);
  bind_rollback_stack(m);
}
