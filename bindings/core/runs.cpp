#include "attendance.hpp"
#include "enums.hpp"
#include "errors.hpp"
#include "events.hpp"
#include "gil.hpp"
#include "questions.hpp"

#include <memory>

namespace runbook::python {

namespace {

// A step whose effect may still be there, with its name.
struct NamedResidue {
  Residue residue;
  std::string step;
  std::string title;
};

// As `runbook::RunResult`; its events become Python objects when they are first asked for.
struct PyRunResult {
  RunResult result;
  py::object events;
};

py::object events_of(PyRunResult& r) {
  if (!r.events) r.events = py::cast(to_py_events(r.result.events));
  return r.events;
}

const Outline* outline_of(const std::vector<Event>& events) {
  if (events.empty()) return nullptr;
  const auto* created = std::get_if<RunCreated>(&events.front().data);
  return created == nullptr ? nullptr : created->header->outline.get();
}

std::vector<NamedResidue> residue_of(const PyRunResult& r) {
  const Outline* outline = outline_of(r.result.events);
  std::vector<NamedResidue> named;
  for (const Residue& residue : r.result.residue) {
    NamedResidue& entry = named.emplace_back(NamedResidue{residue, {}, {}});
    if (outline == nullptr) continue;
    entry.step = action_path(*outline, {.step = residue.step, .iteration = residue.iteration});
    entry.title = outline->at(residue.step).title;
  }
  return named;
}

py::object error_of(const PyRunResult& r) {
  return r.result.error ? to_exception(*r.result.error) : py::none();
}

void bind_results(py::module_& m) {
  py::class_<NamedResidue>(m, "Residue", "A step whose effect may still be there.")
      .def_property_readonly("step", text_of(&NamedResidue::step),
                             "The step's id, in a loop with the number of the element.")
      .def_property_readonly("title", text_of(&NamedResidue::title))
      .def_property_readonly("index", [](const NamedResidue& r) { return r.residue.step; })
      .def_property_readonly("iteration", [](const NamedResidue& r) { return r.residue.iteration; })
      .def_property_readonly("cause", [](const NamedResidue& r) { return r.residue.cause; })
      .def("__repr__", [](const NamedResidue& r) {
        return py::str("<Residue {!r}: {}>").format(to_str(r.step), std::string(to_string(r.residue.cause)));
      });
  py::class_<PyRunResult>(m, "RunResult", "How a run ended.")
      .def_property_readonly(
          "run", [](const PyRunResult& r) { return r.result.run; }, "The run's id.")
      .def_property_readonly("status", [](const PyRunResult& r) { return r.result.status; })
      .def_property_readonly(
          "ok", [](const PyRunResult& r) { return r.result.status == RunStatus::succeeded; }, "Whether it succeeded.")
      .def_property_readonly(
          "reason", [](const PyRunResult& r) { return to_words(r.result.reason); }, "Why it did not succeed.")
      .def_property_readonly("residue", &residue_of, "What is not undone.")
      .def_property_readonly("error", &error_of, "A StoreError if the journal could not be written, else None.")
      .def_property_readonly("events", &events_of, "The whole journal.")
      .def("__repr__", [](const PyRunResult& r) {
        return py::str("<RunResult {} {}>").format(r.result.run, std::string(to_string(r.result.status)));
      });
}

PyRunResult wait_for(const StartedRun& run, std::optional<double> timeout) {
  std::optional<std::chrono::milliseconds> time;
  if (timeout) time = from_seconds(*timeout);
  auto result = Attendance(run).wait(time);
  if (!result) {
    py::set_error(PyExc_TimeoutError, ("run " + run.handle.id() + " still goes on").c_str());
    throw py::error_already_set();
  }
  return {std::move(*result), {}};
}

void give_answer(const StartedRun& run, const std::string& token, bool yes, std::string who, std::string note,
                 std::string text) {
  run.core->refuse_after_fork();
  const WithoutGil unlocked;
  run.handle.answer(token, make_answer(yes, std::move(who), std::move(note), std::move(text))).value();
}

struct EventIterator {
  StartedRun run;
  std::size_t position = 0;
};

PyEvent next_event(EventIterator& iterator) {
  auto event = Attendance(iterator.run).next(iterator.position);
  if (!event) throw py::stop_iteration();
  ++iterator.position;
  return {std::move(*event), iterator.run.feed->outline()};
}

} // namespace

py::object to_result(RunResult result) {
  return py::cast(PyRunResult{std::move(result), {}});
}

void bind_runs(py::module_& m) {
  bind_results(m);
  py::class_<EventIterator>(m, "EventIterator")
      .def("__iter__", [](const py::object& self) { return self; })
      .def("__next__", &next_event);
  py::class_<StartedRun>(m, "RunHandle", "A run. Iterating over it gives its events as they become durable.")
      .def_property_readonly("id", [](const StartedRun& r) { return r.handle.id(); })
      .def_property_readonly("status", [](const StartedRun& r) { return r.handle.status(); })
      .def("wait", &wait_for, py::arg("timeout") = py::none(),
           "Waits until the run has ended or is parked. Raises TimeoutError if that takes longer. Ctrl-C cancels the "
           "run, waits for its rollback, and raises KeyboardInterrupt.")
      .def(
          "cancel", [](const StartedRun& r, const std::string& who) { r.handle.cancel(who); }, py::arg("who") = "",
          "Stops the run and rolls it back as its mode says. During the rollback: asks whether to give that up; once "
          "more: gives it up. Does not wait.")
      .def(
          "answer", &give_answer, py::arg("token"), py::arg("yes").noconvert(), py::arg("who") = "",
          py::arg("note") = "", py::arg("text") = "",
          "Answers an open question. The first answer counts. One that the question does not take is an error, and the "
          "question stays open.")
      .def(
          "__iter__", [](const StartedRun& r) { return EventIterator{r}; }, py::keep_alive<0, 1>())
      .def("__repr__", [](const StartedRun& r) {
        return py::str("<RunHandle {} {}>").format(r.handle.id(), std::string(to_string(r.handle.status())));
      });
}

} // namespace runbook::python
