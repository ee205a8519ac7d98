#include "attendance.hpp"
#include "enums.hpp"
#include "gil.hpp"
#include "runs.hpp"
#include "secrets.hpp"

#include <runbook/store.hpp>

#include <memory>

namespace runbook::python {

namespace {

// The Python object `Executor`. Whatever way it goes, the runs are waited for: by `close()`, by the destructor, or at
// the interpreter's exit.
class PyExecutor {
public:
  explicit PyExecutor(std::shared_ptr<ExecutorCore> core) : core_(std::move(core)), at_exit_(shutter(core_)) {
    py::module_::import("atexit").attr("register")(at_exit_);
  }
  PyExecutor(const PyExecutor&) = delete;
  PyExecutor& operator=(const PyExecutor&) = delete;
  ~PyExecutor() {
    try {
      drop();
    } catch (py::error_already_set& raised) {
      raised.discard_as_unraisable("the end of a runbook.Executor");
    }
  }

  [[nodiscard]] const std::shared_ptr<ExecutorCore>& core() const noexcept { return core_; }

  void close() {
    if (is_here()) {
      throw Exception(
          Error{errc::invalid_argument, "a handler cannot close its own executor: it would wait for itself", {}});
    }
    try {
      attend_runs();
    } catch (const py::error_already_set& raised) {
      cancel_all(py::cast<std::string>(raised.type().attr("__name__")));
      core_->shut_down();
      throw;
    }
    core_->shut_down();
    forget_exit();
  }

  void cancel_all(const std::string& who) {
    const WithoutGil unlocked;
    core_->cancel_all(who);
  }

private:
  static py::object shutter(const std::shared_ptr<ExecutorCore>& core) {
    return py::cpp_function([weak = std::weak_ptr(core)] {
      if (const auto still_there = weak.lock()) still_there->shut_down();
    });
  }

  [[nodiscard]] bool is_here() {
    const WithoutGil unlocked;
    return core_->is_here();
  }

  // With an approver, a run that asks something can still succeed.
  void attend_runs() {
    if (core_->approver().is_none()) return;
    std::vector<FollowedRun> runs;
    {
      const WithoutGil unlocked;
      runs = core_->runs();
    }
    for (FollowedRun& run : runs) {
      static_cast<void>(Attendance({core_, std::move(run.handle), std::move(run.feed)}).wait(std::nullopt));
    }
  }

  // The last reference may go on a worker thread, in a handler of one of the runs. To wait there would be to wait for
  // itself: the interpreter's exit takes it over.
  void drop() {
    if (core_->is_shut_down()) return;
    if (is_here()) {
      py::module_::import("atexit").attr("register")(py::cpp_function([core = core_] { core->shut_down(); }));
      return;
    }
    core_->shut_down();
    forget_exit();
  }

  void forget_exit() {
    if (const py::object registered = std::exchange(at_exit_, py::object())) {
      py::module_::import("atexit").attr("unregister")(registered);
    }
  }

  std::shared_ptr<ExecutorCore> core_;
  py::object at_exit_;
};

std::shared_ptr<RunStore> to_store(const py::object& store) {
  if (store.is_none()) return nullptr;
  if (py::isinstance<RunStore>(store)) return store.cast<std::shared_ptr<RunStore>>();
  const std::string path = to_path(store);
  const WithoutGil unlocked;
  return open_sqlite(path).value();
}

std::optional<SharedObject> to_approver(const py::object& approver) {
  if (approver.is_none()) return std::nullopt;
  if (PyCallable_Check(approver.ptr()) == 0) throw py::type_error("approver: a callable is needed, or None");
  return SharedObject(approver);
}

std::unique_ptr<PyExecutor> make_executor(const HandlerRegistry& handlers, const py::object& store,
                                          const py::object& approver, unsigned workers, std::size_t output_cap,
                                          double grace, std::vector<std::string> pass_environment,
                                          std::optional<bool> supervised, double lease) {
  if (interpreter_is_ending()) {
    throw Exception(Error{errc::invalid_argument, "no executor can be made while the interpreter ends", {}});
  }
  ExecutorOptions options;
  options.store = to_store(store);
  options.workers = workers;
  options.output_cap = output_cap;
  options.grace = from_seconds(grace);
  options.pass_environment = std::move(pass_environment);
  if (supervised) options.supervision = *supervised ? Supervision::required : Supervision::none;
  options.lease = from_seconds(lease);
  return std::make_unique<PyExecutor>(
      std::make_shared<ExecutorCore>(handlers, std::move(options), to_approver(approver)));
}

StartedRun start(const PyExecutor& executor, const Plan& plan, std::string actor, RollbackMode rollback,
                 OnRollbackFailure on_rollback_failure, std::string run_id, const py::object& directory,
                 std::uint32_t parallel, std::optional<double> timeout, const py::object& secrets) {
  StartOptions options;
  options.secrets = to_secrets(secrets);
  options.parallel = parallel;
  if (timeout) options.timeout = from_seconds(*timeout);
  options.actor = std::move(actor);
  options.rollback = rollback;
  options.on_rollback_failure = on_rollback_failure;
  options.run_id = std::move(run_id);
  if (!directory.is_none()) options.directory = to_path(directory);
  const WithoutGil unlocked;
  FollowedRun run = executor.core()->start(plan, std::move(options));
  return {executor.core(), std::move(run.handle), std::move(run.feed)};
}

py::object run(const PyExecutor& executor, const Plan& plan, std::string actor, RollbackMode rollback,
               OnRollbackFailure on_rollback_failure, std::string run_id, const py::object& directory,
               std::uint32_t parallel, std::optional<double> timeout, const py::object& secrets) {
  StartedRun started = start(executor, plan, std::move(actor), rollback, on_rollback_failure, std::move(run_id),
                             directory, parallel, timeout, secrets);
  started.unattended = true;
  return to_result(*Attendance(started).wait(std::nullopt));
}

StartedRun resume(const PyExecutor& executor, const std::string& run, const py::object& secrets, bool take_over) {
  ResumeOptions options;
  options.secrets = to_secrets(secrets);
  options.take_over = take_over;
  const WithoutGil unlocked;
  FollowedRun followed = executor.core()->resume(run, std::move(options));
  return {executor.core(), std::move(followed.handle), std::move(followed.feed)};
}

void leave(PyExecutor& executor, const py::object& type, const py::object&, const py::object&) {
  if (!type.is_none()) executor.cancel_all(py::cast<std::string>(type.attr("__name__")));
  executor.close();
}

} // namespace

void bind_executor(py::module_& m) {
  py::class_<PyExecutor> executor(m, "Executor",
                                  "Carries plans out. As a context manager it waits for its runs at the end of the "
                                  "block; an exception that leaves the block cancels them first.");
  executor
      .def(py::init(&make_executor), py::arg("handlers"), py::arg("store") = py::none(),
           py::arg("approver") = py::none(), py::kw_only(), py::arg("workers") = 4,
           py::arg("output_cap") = std::size_t{1} << 20, py::arg("grace") = 5.0,
           py::arg("pass_environment") = std::vector<std::string>{}, py::arg("supervised") = py::none(),
           py::arg("lease") = 30.0)
      .def_property_readonly("store", [](const PyExecutor& e) { return e.core()->store(); })
      .def("cancel_all", &PyExecutor::cancel_all, py::arg("who") = "", "Cancels every run that goes on.")
      .def("close", &PyExecutor::close,
           "Waits for the runs that go on; those that wait for a person are parked. Nothing can be started after it.")
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", &leave);
  const auto define = [&executor](const char* name, auto function, const char* doc, const auto&... extra) {
    executor.def(name, function, py::arg("plan"), py::kw_only(), py::arg("actor") = "",
                 py::arg("rollback") = RollbackMode::automatic,
                 py::arg("on_rollback_failure") = OnRollbackFailure::proceed, py::arg("run_id") = "",
                 py::arg("directory") = py::none(), py::arg("parallel") = 4, py::arg("timeout") = py::none(),
                 py::arg("secrets") = py::none(), doc, extra...);
  };
  define("start", &start, "Starts a run and returns at once.", py::keep_alive<0, 1>());
  define("run", &run, "Starts a run and waits for it. A question that no approver answers parks it.");
  executor.def(
      "resume", &resume, py::arg("run"), py::kw_only(), py::arg("secrets") = py::none(), py::arg("take_over") = false,
      py::keep_alive<0, 1>(),
      "Takes up a run of the store that is parked, or whose owner is gone, where its journal ends, and returns "
      "at once. Raises if it has ended, if its owner lives, and if an action was under way. `take_over`: also "
      "if its owner is another host's, of which nobody can tell here.");
}

} // namespace runbook::python
