// The Python module `runbook._core`: the library's public headers under the same names, split by topic.
//
// The interpreter lock (GIL): whatever waits, reads files or takes a lock of the library's runs with the GIL released.
// The engine's own thread never takes it, except to drop the last reference to a Python object.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace runbook::python {

namespace py = pybind11;

// In the order in which they must be called: later ones use the types of earlier ones.
void bind_enums(py::module_& m);
void bind_errors(py::module_& m);
void bind_model(py::module_& m);
void bind_parse(py::module_& m);
void bind_handlers(py::module_& m);
void bind_lint(py::module_& m);
void bind_plan(py::module_& m);
void bind_events(py::module_& m);
void bind_stores(py::module_& m);
void bind_reports(py::module_& m);
void bind_questions(py::module_& m);
void bind_runs(py::module_& m);
void bind_executor(py::module_& m);
void bind_rollback_stack(py::module_& m);

} // namespace runbook::python
