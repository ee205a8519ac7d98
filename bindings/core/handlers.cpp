#include "enums.hpp"
#include "errors.hpp"
#include "shared_object.hpp"
#include "step_context.hpp"

#include <runbook/handlers.hpp>

#include <memory>

namespace runbook::python {

namespace {

// The traceback goes to the step's output, so that the journal has it; the failure itself is one line.
void log_traceback(StepContext& context, const py::error_already_set& raised) {
  try {
    const py::object trace = raised.trace() ? raised.trace() : py::object(py::none()); // none: raised by this module
    const auto lines = py::module_::import("traceback").attr("format_exception")(raised.type(), raised.value(), trace);
    context.output(Stream::err, from_str(py::str("").attr("join")(lines)));
  } catch (const py::error_already_set&) { // an exception whose own words cannot be had
  }
}

// The context that a handler gets; the handler may keep it for longer than it is good for.
class LentContext {
public:
  explicit LentContext(StepContext& context) : step_(std::make_shared<PyStepContext>(context)) {}
  LentContext(const LentContext&) = delete;
  LentContext& operator=(const LentContext&) = delete;
  ~LentContext() { step_->end(); }
  [[nodiscard]] const std::shared_ptr<PyStepContext>& step() const noexcept { return step_; }

private:
  std::shared_ptr<PyStepContext> step_;
};

Result<Value> call(const py::object& function, StepContext& context) {
  const LentContext lent(context);
  try {
    return to_value(function(lent.step()), "the handler's result");
  } catch (const py::error_already_set& raised) {
    log_traceback(context, raised);
    return Error{errc::handler_failed, describe(raised), {}};
  }
}

HandlerFunction on_worker(const py::object& function) {
  return [shared = SharedObject(function)](StepContext& context) {
    const OnThread here(context.run());
    const py::gil_scoped_acquire gil;
    return call(shared.get(), context);
  };
}

void refuse_what_is_no_handler(const std::string& name, const py::object& function) {
  if (!PyCallable_Check(function.ptr())) {
    throw py::type_error("handler '" + name + "': " + std::string(py::repr(function)) + " cannot be called");
  }
  if (py::cast<bool>(py::module_::import("inspect").attr("iscoroutinefunction")(function))) {
    throw py::type_error("handler '" + name +
                         "' is an async function; a handler is called on a thread of its own, so "
                         "give it a plain function (which may call asyncio.run)");
  }
}

std::string first_line_of_doc(const py::object& function) {
  const py::object doc = py::getattr(function, "__doc__", py::none());
  if (!py::isinstance<py::str>(doc)) return {};
  const std::string text = from_str(doc.attr("strip")());
  return text.substr(0, text.find('\n'));
}

// A parameter is given by name (then it is required) or as a HandlerParam.
std::vector<HandlerParam> to_params(const py::iterable& params) {
  if (py::isinstance<py::str>(params)) throw py::type_error("params: a list of names is needed, not a str");
  std::vector<HandlerParam> result;
  for (const py::handle param : params) {
    if (py::isinstance<py::str>(param)) {
      result.push_back({.name = from_str(param), .required = true, .description = {}});
    } else {
      result.push_back(param.cast<HandlerParam>());
    }
  }
  return result;
}

using Register = HandlerRegistry& (HandlerRegistry::*)(HandlerInfo, HandlerFunction);

// Registers the function, or makes the decorator that will. Both give the function back.
py::object enter(Register enter_it, const py::object& registry, HandlerInfo info, const py::object& function) {
  if (!function.is_none()) {
    refuse_what_is_no_handler(info.name, function);
    if (info.description.empty()) info.description = first_line_of_doc(function);
    (registry.cast<HandlerRegistry&>().*enter_it)(std::move(info), on_worker(function));
    return function;
  }
  return py::cpp_function([enter_it, registry, info](const py::object& decorated) {
    if (decorated.is_none()) throw py::type_error("handler '" + info.name + "': None cannot be called");
    return enter(enter_it, registry, info, decorated);
  });
}

auto registering(Register enter_it) {
  return
      [enter_it](const py::object& registry, std::string name, const py::object& function, Effect effect,
                 std::string description, const py::iterable& params, std::vector<std::string> languages, bool expand) {
        HandlerInfo info;
        info.name = std::move(name);
        info.description = std::move(description);
        info.effect = effect;
        info.params = to_params(params);
        info.languages = std::move(languages);
        info.expand = expand;
        return enter(enter_it, registry, std::move(info), function);
      };
}

void bind_registry(py::module_& m) {
  py::class_<HandlerRegistry> registry(m, "HandlerRegistry", "The handlers by name.");
  registry.def(py::init<>())
      .def("names", &HandlerRegistry::names)
      .def("languages", &HandlerRegistry::languages, "Every fence language that a handler claims.")
      .def("copy", [](const HandlerRegistry& r) { return r; })
      .def("__contains__", [](const HandlerRegistry& r, const std::string& name) { return r.find(name) != nullptr; })
      .def("__len__", [](const HandlerRegistry& r) { return r.names().size(); })
      .def("__iter__", [](const HandlerRegistry& r) { return py::iter(py::cast(r.names())); })
      .def("__repr__", [](const HandlerRegistry& r) {
        return py::str("<HandlerRegistry: {}>").format(py::str(", ").attr("join")(r.names()));
      });
  const auto define = [&registry](const char* name, Register enter_it, const char* doc) {
    registry.def(name, registering(enter_it), py::arg("name"), py::arg("function") = py::none(), py::kw_only(),
                 py::arg("effect") = Effect::mutating, py::arg("description") = "", py::arg("params") = py::tuple(),
                 py::arg("languages") = std::vector<std::string>{}, py::arg("expand") = true, doc);
  };
  define("add", &HandlerRegistry::add,
         "Registers a function, or without one gives a decorator. The function gets a StepContext; what it returns "
         "(JSON-like) is the step's value, an exception is its failure. It runs on a worker thread and may block.");
  define("replace", &HandlerRegistry::replace, "As `add`, in the place of a handler of the same name.");
}

} // namespace

void bind_handlers(py::module_& m) {
  bind_step_context(m);
  py::class_<HandlerParam>(m, "HandlerParam", "A parameter that a handler takes.")
      .def(py::init([](std::string name, bool required, std::string description, bool expand) {
             return HandlerParam{std::move(name), required, std::move(description), expand};
           }),
           py::arg("name"), py::arg("required") = false, py::arg("description") = "", py::arg("expand") = false)
      .def_readonly("name", &HandlerParam::name)
      .def_readonly("required", &HandlerParam::required)
      .def_readonly("description", &HandlerParam::description)
      .def_readonly("expand", &HandlerParam::expand);
  bind_registry(m);
  m.def("builtin_handlers", &builtin_handlers,
        "A registry with the built-in handlers: shell, http, confirm, wait, assert, set, file, runbook.");
}

} // namespace runbook::python
