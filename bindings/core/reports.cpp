#include "enums.hpp"
#include "events.hpp"
#include "gil.hpp"

#include <runbook/report.hpp>
#include <runbook/store.hpp>

#include <memory>

namespace runbook::python {

namespace {

std::vector<Event> journal(const py::iterable& events) {
  std::vector<Event> result;
  for (const py::handle event : events) result.push_back(event.cast<const PyEvent&>().event);
  if (result.empty() || !std::holds_alternative<RunCreated>(result.front().data)) {
    throw py::value_error("a report is made of a whole journal: its first event is a run_created");
  }
  return result;
}

Report report_of(const py::iterable& events, const std::shared_ptr<RunStore>& store) {
  const std::vector<Event> all = journal(events);
  const std::string& run = std::get<RunCreated>(all.front().data).header->run;
  const WithoutGil unlocked;
  if (!store) return make_report(all);
  return make_report(all, [&](std::uint64_t seq) { return store->output(run, seq).value(); });
}

py::object ended(const Report& report) {
  return report.ended ? to_datetime(*report.ended) : py::none();
}

} // namespace

void bind_reports(py::module_& m) {
  py::class_<Report>(m, "Report", "What a run did.")
      .def_property_readonly("run", [](const Report& r) { return r.header.run; })
      .def_property_readonly("title", [](const Report& r) { return to_str(r.header.title); })
      .def_readonly("status", &Report::status)
      .def_property_readonly("reason", [](const Report& r) { return to_words(r.reason); })
      .def_property_readonly("started", [](const Report& r) { return to_datetime(r.started); })
      .def_property_readonly("ended", &ended)
      .def("to_markdown", [](const Report& r) { return to_words(to_markdown(r)); })
      .def("to_text", [](const Report& r) { return to_words(to_text(r)); })
      .def(
          "to_json", [](const Report& r) { return to_python(to_json(r)); }, "As plain Python values.")
      .def("_repr_markdown_", [](const Report& r) { return to_words(to_markdown(r)); })
      .def("__str__", [](const Report& r) { return to_words(to_text(r)); })
      .def("__repr__", [](const Report& r) {
        return py::str("<Report {} {}>").format(r.header.run, std::string(to_string(r.status)));
      });
  m.def("make_report", &report_of, py::arg("events"), py::arg("store") = std::shared_ptr<RunStore>(),
        "The report of a whole journal. With the run's store it shows what the steps printed, too.");
}

} // namespace runbook::python
