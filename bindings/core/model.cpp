#include "model.hpp"

#include "enums.hpp"

#include <runbook/parse.hpp>

namespace runbook::python {

namespace {

using Seconds = std::optional<double>;

std::optional<std::chrono::milliseconds> optional_time(const Seconds& seconds) {
  if (!seconds) return std::nullopt;
  return from_seconds(*seconds);
}

// The settings of an action that is added in code, as keyword arguments.
struct ActionSettings {
  std::optional<Effect> effect;
  Seconds timeout;
  std::uint32_t retries;
  std::string capture;
};

void add_action(const StepView& view, std::vector<Action> Step::* actions, std::string handler,
                const py::object& params, ActionSettings settings) {
  Action action;
  action.handler = std::move(handler);
  action.params = to_values(params, "params");
  action.effect = settings.effect;
  action.timeout = optional_time(settings.timeout);
  action.retry.retries = settings.retries;
  action.capture = std::move(settings.capture);
  (view.step().*actions).push_back(std::move(action));
}

// `use`, `check` and `rollback` differ in the list that they add to.
auto adder(std::vector<Action> Step::* actions) {
  return [actions](const StepView& view, std::string handler, const py::object& params, std::optional<Effect> effect,
                   Seconds timeout, std::uint32_t retries, std::string capture) {
    add_action(view, actions, std::move(handler), params, {effect, timeout, retries, std::move(capture)});
    return view;
  };
}

template <class Member>
auto of_step(Member Step::* member) {
  return [member](const StepView& view) { return view.step().*member; };
}

py::list views(const std::shared_ptr<Runbook>& book, std::vector<Step> Runbook::* section) {
  py::list list;
  for (std::size_t i = 0; i < (book.get()->*section).size(); ++i) list.append(StepView{book, section, i});
  return list;
}

auto section_of(std::vector<Step> Runbook::* section) {
  return [section](const std::shared_ptr<Runbook>& book) { return views(book, section); };
}

void bind_parts(py::module_& m) {
  py::class_<RetryPolicy>(m, "RetryPolicy", "How often a failed action is tried again.")
      .def_readonly("retries", &RetryPolicy::retries)
      .def_property_readonly("delay", [](const RetryPolicy& r) { return to_seconds(r.delay); })
      .def_property_readonly("max_delay", [](const RetryPolicy& r) { return to_seconds(r.max_delay); })
      .def_readonly("jitter", &RetryPolicy::jitter, "In percent of a pause.");
  py::class_<Action>(m, "Action", "One thing to do: a handler's name and its parameters.")
      .def_property_readonly("handler", text_of(&Action::handler))
      .def_property_readonly("params", [](const Action& a) { return to_python(a.params); })
      .def_readonly("effect", &Action::effect)
      .def_property_readonly("timeout", [](const Action& a) { return to_seconds(a.timeout); })
      .def_readonly("retry", &Action::retry)
      .def_property_readonly("capture", text_of(&Action::capture))
      .def_readonly("span", &Action::span)
      .def("__repr__", [](const Action& a) {
        return py::str("<Action {!r} {!r}>").format(to_str(a.handler), to_python(a.params));
      });
  py::class_<Input>(m, "Input", "A value that whoever starts the run supplies.")
      .def_property_readonly("name", text_of(&Input::name))
      .def_readonly("type", &Input::type)
      .def_readonly("required", &Input::required)
      .def_property_readonly("default",
                             [](const Input& i) { return i.default_value ? to_python(*i.default_value) : py::none(); })
      .def_property_readonly("pattern", text_of(&Input::pattern))
      .def_property_readonly("description", text_of(&Input::description))
      .def_property_readonly(
          "origin", [](const Input& i) { return to_str(to_string(i.from)); },
          "Where a secret comes from: 'env:TOKEN'; empty if the document does not say.")
      .def_readonly("span", &Input::span)
      .def("__repr__", [](const Input& i) {
        return py::str("<Input {!r} ({})>").format(to_str(i.name), std::string(to_string(i.type)));
      });
  py::class_<Link>(m, "Link", "A link to a related runbook.")
      .def_property_readonly("text", text_of(&Link::text))
      .def_property_readonly("target", text_of(&Link::target))
      .def_readonly("span", &Link::span)
      .def("__repr__", [](const Link& l) { return py::str("<Link {!r}>").format(to_str(l.target)); });
}

void bind_step(py::module_& m) {
  py::class_<StepView> step(m, "Step", "One item of a section: a step, a prerequisite, a verification, ...");
  step.def_property_readonly("id", [](const StepView& v) { return to_str(v.step().id); })
      .def_property(
          "title", [](const StepView& v) { return to_str(v.step().title); },
          [](const StepView& v, std::string title) { v.step().title = std::move(title); })
      .def_property_readonly("notes", [](const StepView& v) { return to_str(v.step().notes); })
      .def_property_readonly("actions", of_step(&Step::actions))
      .def_property_readonly("checks", of_step(&Step::checks))
      .def_property_readonly("undo", of_step(&Step::undo))
      .def_property("irreversible", of_step(&Step::irreversible),
                    [](const StepView& v, bool irreversible) { v.step().irreversible = irreversible; })
      .def_property("on_failure", of_step(&Step::on_failure),
                    [](const StepView& v, OnFailure on_failure) { v.step().on_failure = on_failure; })
      .def_property_readonly("span", of_step(&Step::span))
      .def(
          "titled",
          [](const StepView& v, std::string title) {
            v.step().title = std::move(title);
            return v;
          },
          py::arg("title"))
      .def("__repr__", [](const StepView& v) { return py::str("<Step {!r}>").format(to_str(v.step().id)); });
  const auto add = [&step](const char* name, std::vector<Action> Step::* actions, const char* doc) {
    step.def(name, adder(actions), py::arg("handler"), py::arg("params") = py::none(), py::kw_only(),
             py::arg("effect") = py::none(), py::arg("timeout") = py::none(), py::arg("retries") = 0,
             py::arg("capture") = "", doc);
  };
  add("use", &Step::actions, "Adds an action. Strings in `params` may hold `{{ name }}`. Returns the step.");
  add("check", &Step::checks, "Adds an action that must succeed for the step to count as done. Returns the step.");
  add("rollback", &Step::undo, "Adds an action that undoes the step. Returns the step.");
}

void bind_runbook(py::module_& m) {
  py::class_<Runbook, std::shared_ptr<Runbook>>(m, "Runbook", "A whole runbook.")
      .def(py::init<std::string>(), py::arg("title"))
      .def_property("title", text_of(&Runbook::title), [](Runbook& b, std::string text) { b.title = std::move(text); })
      .def_property("purpose", text_of(&Runbook::purpose),
                    [](Runbook& b, std::string text) { b.purpose = std::move(text); })
      .def_property_readonly("frequency", [](const Runbook& b) { return to_str(b.frequency.text); })
      .def_readwrite("risk_level", &Runbook::risk_level)
      .def_property_readonly("required_access",
                             [](const Runbook& b) {
                               py::list list;
                               for (const Access& access : b.required_access) list.append(to_str(to_string(access)));
                               return list;
                             })
      .def_property_readonly("metadata", [](const Runbook& b) { return to_python(b.metadata); })
      .def_property_readonly("inputs", [](const Runbook& b) { return b.inputs; })
      .def_property_readonly("prerequisites", section_of(&Runbook::prerequisites))
      .def_property_readonly("steps", section_of(&Runbook::steps))
      .def_property_readonly("verification", section_of(&Runbook::verification))
      .def_property_readonly("rollback", section_of(&Runbook::rollback))
      .def_property_readonly("related", [](const Runbook& b) { return b.related; })
      .def_property_readonly("path", text_of(&Runbook::path))
      .def_property_readonly("source", [](const Runbook& b) { return py::bytes(b.source); })
      .def(
          "step",
          [](const std::shared_ptr<Runbook>& book, std::string id) {
            book->step(std::move(id));
            return StepView{book, &Runbook::steps, book->steps.size() - 1};
          },
          py::arg("id"), "Adds a step with this id and returns it.")
      .def(
          "to_json", [](const Runbook& b) { return to_python(to_json(b)); }, "The JSON form as plain Python values.")
      .def(
          "to_yaml", [](const Runbook& b) { return to_str(to_yaml(b)); }, "The YAML form as text.")
      .def_static(
          "from_json",
          [](const py::object& form) {
            return std::make_shared<Runbook>(from_json(to_value(form, "runbook")).value());
          },
          py::arg("form"), "Reads the JSON form. Raises DocumentError with every problem.")
      .def(
          "__eq__", [](const Runbook& a, const Runbook& b) { return a == b; }, py::is_operator())
      .def("__repr__", [](const Runbook& b) {
        return py::str("<Runbook {!r}: {} steps>").format(to_str(b.title), b.steps.size());
      });
}

} // namespace

void bind_model(py::module_& m) {
  bind_parts(m);
  bind_step(m);
  bind_runbook(m);
}

} // namespace runbook::python
