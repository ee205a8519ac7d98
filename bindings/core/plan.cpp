#include "enums.hpp"
#include "events.hpp"
#include "gil.hpp"
#include "secrets.hpp"

#include <runbook/decider.hpp>
#include <runbook/executor.hpp>

#include <memory>

namespace runbook::python {

void bind_plan(py::module_& m) {
  py::class_<Plan>(m, "Plan", "A runbook with its inputs bound and everything checked; `str()` is the dry run.")
      .def_property_readonly("title", [](const Plan& p) { return to_str(p.runbook().title); })
      .def_property_readonly("runbook", [](const Plan& p) { return std::make_shared<Runbook>(p.runbook()); })
      .def_property_readonly("inputs", [](const Plan& p) { return to_python(p.inputs()); })
      .def_property_readonly(
          "secrets",
          [](const Plan& p) {
            py::dict secrets;
            for (const auto& [name, origin] : p.secrets()) secrets[to_str(name)] = to_str(to_string(origin));
            return secrets;
          },
          "Where the secrets come from, by name; empty: they are given when a run starts.")
      .def_property_readonly("handlers", &Plan::handlers)
      .def_property_readonly("warnings", &Plan::warnings)
      .def_property_readonly("digest", &Plan::digest)
      .def_property_readonly("document_digest", &Plan::document_digest)
      .def(
          "to_json", [](const Plan& p) { return to_python(to_json(p)); }, "The dry run as plain Python values.")
      .def(
          "to_text", [](const Plan& p) { return to_words(to_text(p)); }, "The dry run for people.")
      .def("__str__", [](const Plan& p) { return to_words(to_text(p)); })
      .def("__repr__", [](const Plan& p) {
        return py::str("<Plan {!r} {}>").format(to_str(p.runbook().title), p.digest().substr(0, 12));
      });
  m.def(
      "make_plan",
      [](const Runbook& runbook, const HandlerRegistry& handlers, const py::object& inputs, const py::object& secrets) {
        return make_plan(runbook, handlers, to_values(inputs, "inputs"), to_origins(secrets)).value();
      },
      py::arg("runbook"), py::arg("handlers"), py::arg("inputs") = py::none(), py::arg("secrets") = py::none(),
      "Binds the inputs and checks everything. Strings are accepted for inputs of any type. "
      "`secrets` says where secrets come from: {'token': 'env:TOKEN'}. Raises InputError, "
      "UnknownHandlerError or DocumentError with every problem at once.");
  m.def(
      "choose",
      [](const Plan& plan, std::string from, std::vector<std::string> only, std::vector<std::string> skip) {
        return choose(plan, {std::move(from), std::move(only), std::move(skip)}).value();
      },
      py::arg("plan"), py::kw_only(), py::arg("from_") = "", py::arg("only") = std::vector<std::string>{},
      py::arg("skip") = std::vector<std::string>{},
      "The same plan, of which a run leaves out what is not chosen; steps and groups are named by their ids. Raises "
      "where a chosen step needs what a left-out one would have given.");
  m.def(
      "continue_from",
      [](const Plan& plan, const std::vector<PyEvent>& journal) {
        std::vector<Event> events;
        for (const PyEvent& event : journal) events.push_back(event.event);
        return continue_from(plan, events).value();
      },
      py::arg("plan"), py::arg("journal"),
      "The plan of what an earlier run of the same plan, with these events, has left to do. Raises if it has not "
      "ended, has succeeded or was rolled back, or was of another plan.");
  m.def(
      "plan_of_run",
      [](RunStore& store, const std::string& run, const HandlerRegistry& handlers) {
        const WithoutGil unlocked;
        return plan_of_run(store, run, handlers).value();
      },
      py::arg("store"), py::arg("run"), py::arg("handlers"),
      "The plan of a run in a store, made again of its document and its inputs. Raises if it would not be the plan "
      "that the run was started with.");
}

} // namespace runbook::python
