// Releasing the interpreter lock (GIL) so that the interpreter can still end.
//
// A daemon thread that asks for the GIL back while the interpreter is ending is killed by it, and through C++ frames
// that kills the process. So no thread may be without the GIL in our code when the interpreter ends: at its exit, after
// all executors have ended and nothing waits any more, those that are come back first, and none leaves again.
#pragma once

#include "module.hpp"

#include <optional>

namespace runbook::python {

/// Without the GIL in this scope. The only way in which this module releases it. With the GIL held.
class WithoutGil {
public:
  WithoutGil();
  ~WithoutGil();
  WithoutGil(const WithoutGil&) = delete;
  WithoutGil& operator=(const WithoutGil&) = delete;

private:
  std::optional<py::gil_scoped_release> released_;
};

/// Whether the interpreter's exit has come so far that nothing may be started any more. With the GIL held.
[[nodiscard]] bool interpreter_is_ending() noexcept;

/// Makes the interpreter's exit wait for threads that are without the GIL. Called once, before any executor is made,
/// because what is registered last is called first.
void guard_interpreter_exit();

} // namespace runbook::python
