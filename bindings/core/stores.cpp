#include "enums.hpp"
#include "events.hpp"
#include "gil.hpp"

#include <runbook/audit.hpp>
#include <runbook/postgres.hpp>
#include <runbook/standing.hpp>
#include <runbook/store.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace runbook::python {

namespace {

std::vector<PyEvent> load_events(RunStore& store, const std::string& run) {
  return to_py_events(store.load(run).value());
}

std::shared_ptr<RunStore> open_path(const py::object& path, bool read_only) {
  const std::string file = to_path(path);
  const WithoutGil unlocked;
  return open_sqlite(file, {.read_only = read_only}).value();
}

py::bytes output_bytes(RunStore& store, const std::string& run, std::uint64_t seq) {
  std::string bytes;
  {
    const WithoutGil unlocked;
    bytes = store.output(run, seq).value();
  }
  return py::bytes(bytes);
}

py::bytes document_bytes(RunStore& store, const std::string& run) {
  std::string bytes;
  {
    const WithoutGil unlocked;
    bytes = store.document(run).value();
  }
  return py::bytes(bytes);
}

std::uint64_t post(RunStore& store, const std::string& run, std::string token, bool yes, std::string text,
                   std::string who, std::string note) {
  Message message;
  message.token = std::move(token);
  message.yes = yes;
  message.text = std::move(text);
  message.who = std::move(who);
  message.note = std::move(note);
  return store.post(run, message).value();
}

// The head to keep, and what is not as it was recorded.
py::tuple verify_run(RunStore& store, const std::string& run, const std::string& head) {
  Audit audit;
  {
    const WithoutGil unlocked;
    audit = verify(store, run, head).value();
  }
  py::list findings;
  for (const AuditFinding& finding : audit.findings) findings.append(to_str(finding.message));
  return py::make_tuple(audit.head, findings);
}

std::shared_ptr<RunStore> open_server(const std::string& connection, std::string schema, double patience,
                                      bool read_only, const py::object& folder) {
  PostgresOptions options;
  options.schema = std::move(schema);
  options.patience = from_seconds(patience);
  options.read_only = read_only;
  if (!folder.is_none()) options.folder = to_path(folder);
  const WithoutGil unlocked;
  return open_postgres(connection, std::move(options)).value();
}

} // namespace

void bind_stores(py::module_& m) {
  py::class_<RunSummary>(m, "RunSummary", "One line of a listing of runs.")
      .def_readonly("run", &RunSummary::run)
      .def_property_readonly("title", text_of(&RunSummary::title))
      .def_readonly("status", &RunSummary::status)
      .def_property_readonly("started", [](const RunSummary& s) { return to_datetime(s.started); })
      .def_property_readonly("actor", text_of(&RunSummary::actor))
      .def("__repr__", [](const RunSummary& s) {
        return py::str("<RunSummary {} {} {!r}>").format(s.run, std::string(to_string(s.status)), to_str(s.title));
      });
  const py::call_guard<WithoutGil> released;
  py::class_<RunStore, std::shared_ptr<RunStore>>(m, "RunStore", "Where the journals of runs are kept.")
      .def(
          "list", [](RunStore& s) { return s.list().value(); }, released, "All runs, newest first.")
      .def("load", &load_events, py::arg("run"), released, "All events of a run, in order.")
      .def("document", &document_bytes, py::arg("run"), "The document of a run, as bytes.")
      .def("output", &output_bytes, py::arg("run"), py::arg("seq"),
           "The kept bytes of the step_output event with this number.")
      .def("verify", &verify_run, py::arg("run"), py::arg("head") = "",
           "The run's head, to be kept elsewhere, and a list of what is not as it was recorded. `head`: one from "
           "before.")
      .def(
          "standing",
          [](RunStore& s, const std::string& run) { return std::string(to_string(standing_of(s, run).value().kind)); },
          py::arg("run"), released, "How the run stands: running, waiting, in_doubt, parked, abandoned or ended.")
      .def("post", &post, py::arg("run"), py::kw_only(), py::arg("token") = "", py::arg("yes") = false,
           py::arg("text") = "", py::arg("who") = "", py::arg("note") = "", released,
           "Leaves a message for the run's owner and gives its number: the answer to the question with this token, or "
           "without one that the run is to be cancelled. It is kept as it is: no secret belongs in it.");
  m.def(
      "open_postgres", &open_server, py::arg("connection"), py::kw_only(), py::arg("schema") = "runbook",
      py::arg("patience") = 5.0, py::arg("read_only") = false, py::arg("folder") = py::none(),
      "Opens a store on a PostgreSQL server, named by a URI or as libpq does. Raises StoreError if it cannot be used.");
  m.def("memory_store", &make_memory_store, "A store that lasts as long as the object.");
  m.def("open_sqlite", &open_path, py::arg("path"), py::kw_only(), py::arg("read_only") = false,
        "Opens or makes a store in a SQLite file. Raises StoreError if the file is no store or cannot be used.");
}

} // namespace runbook::python
