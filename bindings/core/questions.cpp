#include "questions.hpp"

#include "enums.hpp"

namespace runbook::python {

namespace {

std::string name_of(const py::object& approver) {
  const py::object name = py::getattr(approver, "__qualname__", py::type::of(approver).attr("__name__"));
  return "approver " + from_str(py::str(name));
}

py::list choices_of(const Question& question) {
  py::list choices;
  for (const std::string& choice : question.wants.choices) choices.append(to_str(choice));
  return choices;
}

} // namespace

Answer make_answer(bool yes, std::string who, std::string note, std::string text) {
  return {.yes = yes, .who = std::move(who), .note = std::move(note), .text = std::move(text)};
}

Answer to_answer(const py::object& returned, const py::object& approver) {
  if (returned.is_none()) return {.note = "the approver gave no answer", .unreachable = true};
  if (PyBool_Check(returned.ptr())) return {.yes = returned.ptr() == Py_True, .who = name_of(approver)};
  if (py::isinstance<Answer>(returned)) {
    auto answer = returned.cast<Answer>();
    if (answer.who.empty()) answer.who = name_of(approver);
    return answer;
  }
  py::set_error(PyExc_TypeError,
                py::str("an approver returns True, False, None or an Answer, not {!r}").format(returned));
  throw py::error_already_set();
}

void bind_questions(py::module_& m) {
  py::class_<Question>(m, "Question", "A question for a person.")
      .def_readonly("run", &Question::run)
      .def_property_readonly("token", text_of(&Question::token), "Names the question: `RunHandle.answer` takes it.")
      .def_readonly("kind", &Question::kind)
      .def_property_readonly("step", text_of(&Question::step), "Id of the step; empty if it is about the run.")
      .def_property_readonly("title", text_of(&Question::title))
      .def_property_readonly("text", text_of(&Question::text))
      .def_property_readonly(
          "wants", [](const Question& q) { return q.wants.kind; }, "What kind of answer it wants.")
      .def_property_readonly("choices", &choices_of, "What a choice is made from.")
      .def_property_readonly(
          "pattern", [](const Question& q) { return to_str(q.wants.pattern); },
          "What a text must match as a whole; empty: any text is an answer.")
      .def("__str__", [](const Question& q) { return to_words(q.text); })
      .def("__repr__",
           [](const Question& q) { return py::str("<Question {!r}: {!r}>").format(to_str(q.token), to_str(q.text)); });
  py::class_<Answer>(m, "Answer", "What a person said. `who` is recorded.")
      .def(py::init(&make_answer), py::arg("yes").noconvert(), py::arg("who") = "", py::arg("note") = "",
           py::arg("text") = "")
      .def_readonly("yes", &Answer::yes)
      .def_property_readonly("who", text_of(&Answer::who))
      .def_property_readonly("note", text_of(&Answer::note))
      .def("__repr__", [](const Answer& a) { return a.yes ? "<Answer yes>" : "<Answer no>"; });
}

} // namespace runbook::python
