#include "enums.hpp"

#include <runbook/handlers.hpp>
#include <runbook/lint.hpp>

#include <memory>

namespace runbook::python {

namespace {

std::string text_of(const py::object& text) {
  if (py::isinstance<py::bytes>(text)) return py::cast<std::string>(text);
  if (py::isinstance<py::str>(text)) return from_str(text);
  throw py::type_error("a document is a str or bytes; use lint_file for a path");
}

HandlerRegistry handlers_or_builtin(const py::object& handlers) {
  return handlers.is_none() ? builtin_handlers() : py::cast<const HandlerRegistry&>(handlers);
}

// The interpreter's lock is kept: a handler may be written in Python, and is asked about its actions.
std::shared_ptr<LintReport> lint_text(const py::object& text, const py::object& path, const py::object& handlers) {
  LintOptions options;
  if (!path.is_none()) options.path = to_path(path);
  return std::make_shared<LintReport>(lint(text_of(text), handlers_or_builtin(handlers), options));
}

std::shared_ptr<LintReport> lint_path(const py::object& path, const py::object& handlers) {
  return std::make_shared<LintReport>(lint_file(to_path(path), handlers_or_builtin(handlers)).value());
}

void bind_report(py::module_& m) {
  py::class_<LintRule>(m, "LintRule", "What a code stands for.")
      .def_property_readonly("code", [](const LintRule& rule) { return to_str(rule.code); })
      .def_readonly("severity", &LintRule::severity)
      .def_property_readonly("summary", [](const LintRule& rule) { return to_str(rule.summary); })
      .def_readonly("fixable", &LintRule::fixable)
      .def("__repr__", [](const LintRule& rule) { return py::str("<LintRule {!r}>").format(to_str(rule.code)); });
  py::class_<Suppressed>(m, "Suppressed", "A finding that the document itself says to leave out.")
      .def_readonly("diagnostic", &Suppressed::diagnostic)
      .def_property_readonly("reason", [](const Suppressed& s) { return to_str(s.reason); });
  py::class_<LintReport, std::shared_ptr<LintReport>>(m, "LintReport", "What linting a document found.")
      .def_readonly("diagnostics", &LintReport::diagnostics)
      .def_readonly("suppressed", &LintReport::suppressed)
      .def_readonly("is_runbook", &LintReport::is_runbook)
      .def_property_readonly("ok", &LintReport::ok)
      .def_property_readonly("runbook", [](const LintReport& r) { return std::make_shared<Runbook>(r.parsed.runbook); })
      .def_property_readonly("fixes", [](const LintReport& r) { return r.fixes.size(); })
      .def(
          "fixed", [](const LintReport& r) { return py::bytes(apply_fixes(r.parsed.runbook.source, r.fixes)); },
          "The document with its mechanical repairs, as bytes.")
      .def("__repr__", [](const LintReport& r) {
        return py::str("<LintReport {!r}: {} diagnostics>")
            .format(to_str(r.parsed.runbook.title), r.diagnostics.size());
      });
}

} // namespace

void bind_lint(py::module_& m) {
  bind_report(m);
  m.def("lint", lint_text, py::arg("text"), py::arg("path") = py::none(), py::kw_only(),
        py::arg("handlers") = py::none(), "Lints a document. Bad text is no exception: it becomes diagnostics.");
  m.def("lint_file", lint_path, py::arg("path"), py::kw_only(), py::arg("handlers") = py::none(),
        "Lints a file. Raises FileError if it cannot be read.");
  m.def(
      "lint_rules", [] { return std::vector<LintRule>(lint_rules().begin(), lint_rules().end()); },
      "All codes that reading, planning and linting a document can give.");
  m.def(
      "to_sarif",
      [](const std::vector<std::shared_ptr<LintReport>>& reports) {
        std::vector<LintReport> all;
        for (const auto& report : reports) all.push_back(*report);
        return to_python(to_sarif(all));
      },
      py::arg("reports"), "The findings as a SARIF 2.1.0 log, as plain Python values.");
}

} // namespace runbook::python
