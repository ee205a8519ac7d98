// Runs and their results in Python.
#pragma once

#include "module.hpp"

#include <runbook/executor.hpp>

namespace runbook::python {

/// With the GIL held.
[[nodiscard]] py::object to_result(RunResult result);

} // namespace runbook::python
