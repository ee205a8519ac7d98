// Errors as Python exceptions: `runbook.Error` and a subclass for each kind that callers tell apart.
#pragma once

#include "module.hpp"

#include <runbook/error.hpp>

namespace runbook::python {

/// The exception for an error, with `code`, `message` and `diagnostics`. Needs the GIL.
[[nodiscard]] py::object to_exception(const Error& error);

/// What a Python exception says, as the words of a failure: "ValueError: no such node". Needs the GIL.
[[nodiscard]] std::string describe(const py::error_already_set& raised);

} // namespace runbook::python
