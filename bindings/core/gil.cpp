#include "gil.hpp"

#include <chrono>
#include <thread>

namespace runbook::python {

namespace {

// Of the interpreter, hence of the process; changed with the GIL held.
int threads_without_gil = 0;
bool ending = false;

void bring_threads_back() {
  ending = true;
  while (threads_without_gil > 0) {
    const py::gil_scoped_release release;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

} // namespace

WithoutGil::WithoutGil() {
  if (ending) return;
  ++threads_without_gil;
  released_.emplace();
}

WithoutGil::~WithoutGil() {
  if (!released_) return;
  released_.reset();
  --threads_without_gil;
}

bool interpreter_is_ending() noexcept {
  return ending;
}

void guard_interpreter_exit() {
  py::module_::import("atexit").attr("register")(py::cpp_function(&bring_threads_back));
  // Of the threads, a forked child has only the one that forked.
  py::module_::import("os").attr("register_at_fork")(py::arg("after_in_child") =
                                                         py::cpp_function([] { threads_without_gil = 0; }));
}

} // namespace runbook::python
