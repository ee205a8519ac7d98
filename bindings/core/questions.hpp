// Questions to people and their answers, between C++ and Python.
#pragma once

#include "module.hpp"

#include <runbook/system.hpp>

namespace runbook::python {

/// `text`: what was answered beside yes; it is not shown again, as it may be a secret.
[[nodiscard]] Answer make_answer(bool yes, std::string who, std::string note, std::string text);

/// What an approver returned: True, False, an Answer, or None for "nobody can be asked". Anything else raises
/// TypeError: no other value is ever taken for a yes.
[[nodiscard]] Answer to_answer(const py::object& returned, const py::object& approver);

} // namespace runbook::python
