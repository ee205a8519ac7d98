#include "errors.hpp"

#include "enums.hpp"

#include <exception>

namespace runbook::python {

namespace {

void make_exception(py::module_& m, const char* name, const char* code, const char* doc, const py::tuple& bases) {
  py::dict members;
  members["code"] = code;
  members["message"] = "";
  members["diagnostics"] = py::tuple();
  const std::string full_name = std::string("runbook.") + name;
  PyObject* type = PyErr_NewExceptionWithDoc(full_name.c_str(), doc, bases.ptr(), members.ptr());
  if (type == nullptr) throw py::error_already_set();
  m.attr(name) = py::reinterpret_steal<py::object>(type);
}

const char* exception_name(errc code) {
  switch (code) {
  case errc::invalid_document: return "DocumentError";
  case errc::invalid_input: return "InputError";
  case errc::unknown_handler: return "UnknownHandlerError";
  case errc::store_error:
  case errc::fenced: return "StoreError";
  case errc::io_error: return "FileError";
  default: return "Error";
  }
}

void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const Exception& e) {
    const py::object exception = to_exception(e.error());
    PyErr_SetObject(py::type::of(exception).ptr(), exception.ptr());
  }
}

void bind_exceptions(py::module_& m) {
  const auto builtin = [](PyObject* type) { return py::reinterpret_borrow<py::object>(type); };
  make_exception(m, "Error", "invalid_argument",
                 "What the library says went wrong. `code` is a stable name, `message` the words without the "
                 "diagnostics, `diagnostics` every finding about the document.",
                 py::make_tuple(builtin(PyExc_Exception)));
  const py::object error = m.attr("Error");
  const auto one = py::make_tuple(error);
  make_exception(m, "DocumentError", "invalid_document", "The runbook's text or structure is wrong.", one);
  make_exception(m, "InputError", "invalid_input", "An input is missing, unknown or of the wrong type.", one);
  make_exception(m, "UnknownHandlerError", "unknown_handler", "A step asks for a handler that is not registered.", one);
  make_exception(m, "StoreError", "store_error", "The run store failed, or another owner has the run.", one);
  make_exception(m, "FileError", "io_error", "A file could not be read or written.",
                 py::make_tuple(error, builtin(PyExc_OSError)));
}

py::tuple span_state(const SourceSpan& span) {
  return py::make_tuple(span.line, span.column, span.end_line, span.end_column);
}

SourceSpan span_from(const py::tuple& state) {
  return {state[0].cast<std::uint32_t>(), state[1].cast<std::uint32_t>(), state[2].cast<std::uint32_t>(),
          state[3].cast<std::uint32_t>()};
}

py::tuple diagnostic_state(const Diagnostic& d) {
  return py::make_tuple(d.severity, d.code, to_str(d.message), to_str(d.hint), to_str(d.path), to_str(d.step),
                        span_state(d.span));
}

Diagnostic diagnostic_from(const py::tuple& state) {
  return {state[0].cast<Severity>(), from_str(state[1]), from_str(state[2]), from_str(state[3]),
          from_str(state[4]),        from_str(state[5]), span_from(state[6])};
}

void bind_diagnostics(py::module_& m) {
  py::class_<SourceSpan>(m, "SourceSpan", "A range of text. Lines and columns start at 1; line 0 means unknown.")
      .def_readonly("line", &SourceSpan::line)
      .def_readonly("column", &SourceSpan::column)
      .def_readonly("end_line", &SourceSpan::end_line)
      .def_readonly("end_column", &SourceSpan::end_column)
      .def_property_readonly("known", &SourceSpan::known)
      .def(
          "__eq__", [](const SourceSpan& a, const SourceSpan& b) { return a == b; }, py::is_operator())
      .def("__hash__", [](const SourceSpan& span) { return py::hash(span_state(span)); })
      .def("__repr__",
           [](const SourceSpan& s) { return py::str("SourceSpan(line={}, column={})").format(s.line, s.column); })
      .def(py::pickle(&span_state, &span_from));
  py::class_<Diagnostic>(m, "Diagnostic", "One finding about a document; `str()` is the line to show.")
      .def_readonly("severity", &Diagnostic::severity)
      .def_readonly("code", &Diagnostic::code)
      .def_property_readonly("message", text_of(&Diagnostic::message))
      .def_property_readonly("hint", text_of(&Diagnostic::hint))
      .def_property_readonly("path", text_of(&Diagnostic::path))
      .def_property_readonly("step", text_of(&Diagnostic::step))
      .def_readonly("span", &Diagnostic::span)
      .def_property_readonly("line", [](const Diagnostic& d) { return d.span.line; })
      .def_property_readonly("column", [](const Diagnostic& d) { return d.span.column; })
      .def(
          "__eq__", [](const Diagnostic& a, const Diagnostic& b) { return a == b; }, py::is_operator())
      .def("__hash__", [](const Diagnostic& d) { return py::hash(diagnostic_state(d)); })
      .def("__str__", [](const Diagnostic& d) { return to_words(to_string(d)); })
      .def("__repr__", [](const Diagnostic& d) { return py::str("<Diagnostic {}>").format(to_words(to_string(d))); })
      .def(py::pickle(&diagnostic_state, &diagnostic_from));
}

} // namespace

py::object to_exception(const Error& error) {
  const py::object type = py::module_::import("runbook._core").attr(exception_name(error.code));
  const py::object exception = type(to_words(to_string(error)));
  exception.attr("code") = std::string(to_string(error.code));
  exception.attr("message") = to_words(error.message);
  exception.attr("diagnostics") = py::tuple(py::cast(error.diagnostics));
  return exception;
}

std::string describe(const py::error_already_set& raised) {
  std::string words = py::cast<std::string>(raised.type().attr("__name__"));
  std::string message;
  try {
    message = from_str(py::str(raised.value()));
  } catch (const py::error_already_set&) {
    message = "(its own words cannot be had)";
  }
  if (raised.matches(py::module_::import("runbook._core").attr("Error"))) return message.empty() ? words : message;
  return message.empty() ? words : words + ": " + message;
}

void bind_errors(py::module_& m) {
  bind_diagnostics(m);
  bind_exceptions(m);
  py::register_local_exception_translator(&translate);
}

} // namespace runbook::python
