#include "enums.hpp"

#include <runbook/plan.hpp>

#include <memory>

namespace runbook::python {

void bind_plan(py::module_& m) {
  py::class_<Plan>(m, "Plan", "A runbook with its inputs bound and everything checked; `str()` is the dry run.")
      .def_property_readonly("title", [](const Plan& p) { return to_str(p.runbook().title); })
      .def_property_readonly("runbook", [](const Plan& p) { return std::make_shared<Runbook>(p.runbook()); })
      .def_property_readonly("inputs", [](const Plan& p) { return to_python(p.inputs()); })
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
      [](const Runbook& runbook, const HandlerRegistry& handlers, const py::object& inputs) {
        return make_plan(runbook, handlers, to_values(inputs, "inputs")).value();
      },
      py::arg("runbook"), py::arg("handlers"), py::arg("inputs") = py::none(),
      "Binds the inputs and checks everything. Strings are accepted for inputs of any type. Raises InputError, "
      "UnknownHandlerError or DocumentError with every problem at once.");
}

} // namespace runbook::python
