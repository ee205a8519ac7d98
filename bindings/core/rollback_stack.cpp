#include "errors.hpp"
#include "values.hpp"

#include <runbook/decider.hpp>

#include <utility>

namespace runbook::python {

namespace {

// An undo that did not work, with the exception that it raised.
struct UndoFailure {
  std::string name;
  py::object error;
};

// As a context manager it undoes everything when an exception leaves the block, and forgets everything otherwise. One
// that goes while something is armed undoes nothing, since nobody can say when Python lets it go; it warns.
class PyRollbackStack {
public:
  PyRollbackStack() = default;
  PyRollbackStack(const PyRollbackStack&) = delete;
  PyRollbackStack& operator=(const PyRollbackStack&) = delete;
  ~PyRollbackStack() {
    if (stack_.size() == 0) return;
    stack_.commit();
    if (PyErr_WarnEx(PyExc_ResourceWarning, "a runbook.RollbackStack went with undos armed: they never run", 1) != 0) {
      PyErr_WriteUnraisable(nullptr);
    }
  }

  void arm(const std::string& name, py::object undo, py::args args, py::kwargs kwargs) {
    if (PyCallable_Check(undo.ptr()) == 0) throw py::type_error("undo '" + name + "' cannot be called");
    stack_.arm(name, [this, undo = std::move(undo), args = std::move(args), kwargs = std::move(kwargs)] {
      return call(undo, args, kwargs);
    });
  }

  std::vector<UndoFailure> unwind() {
    std::vector<UndoFailure> failed;
    errors_.clear();
    for (const RollbackStack::Failure& failure : stack_.unwind()) {
      failed.push_back({failure.name, errors_[failed.size()]});
    }
    return failed;
  }

  void commit() { stack_.commit(); }
  [[nodiscard]] std::size_t size() const noexcept { return stack_.size(); }

  // An exception that leaves the block goes on; its traceback names what could not be undone.
  void leave(const py::object& type, const py::object& raised, const py::object&) {
    if (type.is_none()) return commit();
    failures = unwind();
    if (!py::hasattr(raised, "add_note")) return;
    for (const UndoFailure& failure : failures) {
      raised.attr("add_note")(py::str("undo {!r} failed: {!r}").format(to_str(failure.name), failure.error));
    }
  }

  std::vector<UndoFailure> failures; // of the last `with` block

private:
  Result<void> call(const py::object& undo, const py::args& args, const py::kwargs& kwargs) {
    try {
      undo(*args, **kwargs);
      return {};
    } catch (const py::error_already_set& raised) {
      errors_.push_back(raised.value());
      return Error{errc::handler_failed, describe(raised), {}};
    }
  }

  RollbackStack stack_;
  std::vector<py::object> errors_; // one for each failure, in the same order
};

} // namespace

void bind_rollback_stack(py::module_& m) {
  py::class_<UndoFailure>(m, "UndoFailure", "An undo that did not work.")
      .def_property_readonly("name", text_of(&UndoFailure::name))
      .def_readonly("error", &UndoFailure::error, "The exception that it raised.")
      .def("__repr__",
           [](const UndoFailure& f) { return py::str("<UndoFailure {!r}: {!r}>").format(to_str(f.name), f.error); });
  py::class_<PyRollbackStack>(m, "RollbackStack",
                              "A rollback stack for code that is no runbook: arm each undo before its effect. An "
                              "exception that leaves the `with` block undoes what is armed, newest first.")
      .def(py::init<>())
      .def("arm", &PyRollbackStack::arm, py::arg("name"), py::arg("undo"),
           "Arms `undo(*args, **kwargs)`. Do it before the effect, which may be there even if it failed.")
      .def("commit", &PyRollbackStack::commit, "Forgets everything that is armed.")
      .def("unwind", &PyRollbackStack::unwind,
           "Undoes everything, newest first, each entry once. Returns the failures: the residue.")
      .def_readonly("failures", &PyRollbackStack::failures, "What the end of the `with` block could not undo.")
      .def("__len__", &PyRollbackStack::size)
      .def("__bool__", [](const PyRollbackStack&) { return true; })
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", &PyRollbackStack::leave);
}

} // namespace runbook::python
