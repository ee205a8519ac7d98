// A Python object that C++ code may copy and drop on any thread, with or without the GIL.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <utility>

namespace runbook::python {

class SharedObject {
public:
  /// With the GIL held.
  explicit SharedObject(pybind11::object object) : object_(object.release().ptr(), &drop) {}

  /// With the GIL held.
  [[nodiscard]] pybind11::object get() const {
    return pybind11::reinterpret_borrow<pybind11::object>(pybind11::handle(object_.get()));
  }

private:
  static void drop(PyObject* object) {
    if (Py_IsInitialized() == 0) return; // the interpreter has gone, and the object with it
    const pybind11::gil_scoped_acquire gil;
    Py_XDECREF(object);
  }

  std::shared_ptr<PyObject> object_;
};

} // namespace runbook::python
