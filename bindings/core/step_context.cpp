#include "step_context.hpp"

#include "enums.hpp"
#include "gil.hpp"

namespace runbook::python {

namespace {

thread_local const std::string* thread_run = nullptr;

} // namespace

const std::string* run_of_this_thread() noexcept {
  return thread_run;
}

OnThread::OnThread(const std::string& run) noexcept {
  thread_run = &run;
}

OnThread::~OnThread() {
  thread_run = nullptr;
}

PyStepContext::PyStepContext(StepContext& context) : context_(&context), end_(std::make_shared<End>()) {}

void PyStepContext::end() {
  context_ = nullptr;
  {
    const std::scoped_lock lock(end_->mutex);
    end_->has_come = true;
  }
  end_->changed.notify_all();
}

StepContext& PyStepContext::context() const {
  if (context_ == nullptr) {
    py::set_error(PyExc_RuntimeError, "the step has ended: its context cannot be used any more");
    throw py::error_already_set();
  }
  return *context_;
}

py::dict PyStepContext::params() {
  if (!params_) params_ = to_python(context().params());
  return params_;
}

py::dict PyStepContext::values() {
  if (!values_) values_ = to_python(context().values());
  return values_;
}

py::dict PyStepContext::environment() const {
  py::dict environment;
  for (const std::string& entry : context().environment()) {
    const std::size_t equals = entry.find('=');
    environment[to_str(entry.substr(0, equals))] = to_str(entry.substr(equals + 1));
  }
  return environment;
}

void PyStepContext::output(const py::object& data, Stream stream) const {
  if (py::isinstance<py::str>(data)) {
    context().output(stream, from_str(data));
  } else if (py::isinstance<py::bytes>(data)) {
    context().output(stream, std::string_view(py::reinterpret_borrow<py::bytes>(data)));
  } else {
    throw py::type_error("output is a str or bytes, not " + std::string(py::repr(py::type::of(data))));
  }
}

bool PyStepContext::wait_for_stop(std::optional<double> seconds) const {
  const std::stop_token stop = context().stop_token();
  const std::shared_ptr<End> end = end_; // the context may go while this waits
  const auto time = seconds ? from_seconds(*seconds) : std::chrono::milliseconds{0};
  const WithoutGil unlocked;
  std::unique_lock lock(end->mutex);
  const auto step_has_ended = [&end] { return end->has_come; };
  if (seconds) {
    end->changed.wait_for(lock, stop, time, step_has_ended);
  } else {
    end->changed.wait(lock, stop, step_has_ended);
  }
  return stop.stop_requested();
}

void bind_step_context(py::module_& m) {
  py::class_<PyStepContext, std::shared_ptr<PyStepContext>>(
      m, "StepContext", "One attempt at one action, as its handler sees it. Valid until the handler returns.")
      .def_property_readonly("params", &PyStepContext::params, "The action's parameters, with `{{ name }}` expanded.")
      .def_property_readonly("values", &PyStepContext::values,
                             "Inputs that are no secrets, and what earlier actions captured.")
      .def_property_readonly(
          "secrets",
          [](const PyStepContext& c) {
            py::dict secrets;
            for (const auto& [name, secret] : c.context().secrets()) secrets[to_str(name)] = to_str(secret.reveal());
            return secrets;
          },
          "The run's secrets. They are masked in whatever the handler prints, returns or raises.")
      .def_property_readonly(
          "run", [](const PyStepContext& c) { return c.context().run(); }, "The run's id.")
      .def_property_readonly(
          "step", [](const PyStepContext& c) { return to_str(c.context().step()); }, "The step's id.")
      .def_property_readonly(
          "attempt", [](const PyStepContext& c) { return c.context().attempt(); }, "1 for the first.")
      .def_property_readonly(
          "idempotency_key", [](const PyStepContext& c) { return to_str(c.context().idempotency_key()); },
          "The same for all attempts at the same action of the same run.")
      .def_property_readonly(
          "timeout", [](const PyStepContext& c) { return to_seconds(c.context().timeout()); },
          "The seconds that this attempt has as a whole, or None.")
      .def_property_readonly(
          "directory", [](const PyStepContext& c) { return to_str(c.context().directory()); },
          "Where programs start. Empty: where the host is.")
      .def_property_readonly("environment", &PyStepContext::environment,
                             "The environment for programs, for `subprocess.run(..., env=ctx.environment)`.")
      .def_property_readonly(
          "stop_requested", [](const PyStepContext& c) { return c.context().stop_token().stop_requested(); },
          "Whether the attempt shall end early: the run is cancelled or the time is over.")
      .def(
          "log", [](const PyStepContext& c, const py::str& line) { c.context().log(from_str(line)); }, py::arg("line"),
          "Reports one line on the error stream.")
      .def("output", &PyStepContext::output, py::arg("data"), py::arg("stream") = Stream::out,
           "Reports output: shown live, and recorded up to a cap with its digest and full length.")
      .def("wait_for_stop", &PyStepContext::wait_for_stop, py::arg("timeout") = py::none(),
           "Sleeps for so many seconds, or until a stop is requested. Returns whether it is.");
}

} // namespace runbook::python
