// Secrets and where they come from, between Python and C++. Everything here needs the GIL.
#pragma once

#include "values.hpp"

#include <runbook/secret.hpp>

namespace runbook::python {

/// A mapping of names to `env:NAME`, `file:PATH` or `command:COMMAND`; None is an empty one. Raises ValueError for
/// anything else, which may be the secret itself and is not repeated.
[[nodiscard]] SecretOrigins to_origins(const py::object& secrets);

/// A mapping of names to text, bytes, or functions that return them; None is an empty one.
[[nodiscard]] Secrets to_secrets(const py::object& secrets);

} // namespace runbook::python
