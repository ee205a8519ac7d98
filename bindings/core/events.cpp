#include "events.hpp"

#include "enums.hpp"

namespace runbook::python {

namespace {

// What an event is about, without what every event has.
py::dict data_of(const PyEvent& e) {
  py::dict data = to_python(to_json(e.event, e.steps()).as_object());
  for (const char* common : {"seq", "fence", "time", "type"}) data.attr("pop")(common, py::none());
  return data;
}

py::object step_of(const PyEvent& e) {
  const Value json = to_json(e.event, e.steps());
  const Value* step = json.as_object().if_contains("step");
  return step == nullptr ? py::none() : to_python(*step);
}

} // namespace

std::vector<PyEvent> to_py_events(const std::vector<Event>& events) {
  std::shared_ptr<const Outline> outline;
  if (!events.empty()) {
    if (const auto* created = std::get_if<RunCreated>(&events.front().data)) outline = created->header->outline;
  }
  std::vector<PyEvent> result;
  result.reserve(events.size());
  for (const Event& event : events) result.push_back({event, outline});
  return result;
}

void bind_events(py::module_& m) {
  py::class_<PyEvent>(m, "Event", "One entry of a run's journal; `str()` is one line for people.")
      .def_property_readonly(
          "seq", [](const PyEvent& e) { return e.event.seq; }, "1, 2, 3, ... without gaps.")
      .def_property_readonly("fence", [](const PyEvent& e) { return e.event.fence; })
      .def_property_readonly(
          "time", [](const PyEvent& e) { return to_datetime(e.event.time); }, "An aware datetime.")
      .def_property_readonly(
          "type", [](const PyEvent& e) { return std::string(type_name(e.event)); }, "\"step_intent\", ...")
      .def_property_readonly("step", &step_of, "The id of the step that it is about, or None.")
      .def_property_readonly("data", &data_of, "What happened, as plain Python values.")
      .def("to_json", [](const PyEvent& e) { return to_python(to_json(e.event, e.steps())); })
      .def("__str__", [](const PyEvent& e) { return to_words(to_line(e)); })
      .def("__repr__", [](const PyEvent& e) { return py::str("<Event {}>").format(to_words(to_line(e))); });
}

} // namespace runbook::python
