#include "enums.hpp"
#include "gil.hpp"

#include <runbook/parse.hpp>

#include <memory>

namespace runbook::python {

namespace {

// As `runbook::Parsed`, but sharing its runbook with Python.
struct ParsedDocument {
  std::shared_ptr<Runbook> runbook;
  std::vector<Diagnostic> diagnostics;

  explicit ParsedDocument(Parsed parsed)
      : runbook(std::make_shared<Runbook>(std::move(parsed.runbook))), diagnostics(std::move(parsed.diagnostics)) {}
};

// A document is text or, as it comes from a file, bytes.
std::string document_text(const py::object& text) {
  if (py::isinstance<py::bytes>(text)) return py::cast<std::string>(text);
  if (py::isinstance<py::str>(text)) return from_str(text);
  throw py::type_error("a document is a str or bytes; use parse_file or load for a path");
}

ParseOptions options_for(const py::object& path, std::vector<std::string> languages) {
  return {.path = path.is_none() ? std::string() : to_path(path), .handler_languages = std::move(languages)};
}

ParsedDocument parse_text(const py::object& text, const py::object& path, std::vector<std::string> languages) {
  const std::string document = document_text(text);
  const ParseOptions options = options_for(path, std::move(languages));
  const WithoutGil unlocked;
  return ParsedDocument(parse(document, options));
}

ParsedDocument parse_path(const py::object& path, std::vector<std::string> languages) {
  const std::string file = to_path(path);
  const WithoutGil unlocked;
  return ParsedDocument(parse_file(file, {.path = {}, .handler_languages = std::move(languages)}).value());
}

std::shared_ptr<Runbook> load_path(const py::object& path, std::vector<std::string> languages) {
  const std::string file = to_path(path);
  const WithoutGil unlocked;
  return std::make_shared<Runbook>(load(file, {.path = {}, .handler_languages = std::move(languages)}).value());
}

} // namespace

void bind_parse(py::module_& m) {
  py::class_<ParsedDocument>(m, "Parsed", "A document as far as it could be understood, and what was noticed about it.")
      .def_readonly("runbook", &ParsedDocument::runbook)
      .def_readonly("diagnostics", &ParsedDocument::diagnostics)
      .def_property_readonly("ok", [](const ParsedDocument& p) { return !has_errors(p.diagnostics); })
      .def("__repr__", [](const ParsedDocument& p) {
        return py::str("<Parsed {!r}: {} diagnostics>").format(to_str(p.runbook->title), p.diagnostics.size());
      });
  const auto languages = py::arg("handler_languages") = std::vector<std::string>{};
  m.def("parse", &parse_text, py::arg("text"), py::arg("path") = py::none(), py::kw_only(), languages,
        "Reads a document from text. Never raises on a bad document: see the diagnostics. A path that ends in .json "
        "means the JSON form, one in .yaml or .yml the YAML form.");
  m.def("parse_file", &parse_path, py::arg("path"), py::kw_only(), languages,
        "Reads a file and keeps every diagnostic. Raises FileError if it cannot be read.");
  m.def("load", &load_path, py::arg("path"), py::kw_only(), languages,
        "Reads a file that is to be run. Raises DocumentError with every diagnostic if there is an error among them.");
}

} // namespace runbook::python
