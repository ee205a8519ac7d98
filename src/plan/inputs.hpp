// Binding inputs: what the runbook declares and what was given become typed values.
#pragma once

#include "plan/findings.hpp"

#include <runbook/model.hpp>

namespace runbook {

/// The inputs with their values in the order of their declaration. An input that is neither given nor has a default is
/// null. Secrets are left out. Everything that is wrong with declarations and values goes to `findings`.
[[nodiscard]] Values bind_inputs(const Runbook& runbook, const Values& given, Findings& findings);

} // namespace runbook
