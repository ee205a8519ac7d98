// Binding inputs: what the runbook declares and what was given become typed values.
#pragma once

#include "plan/findings.hpp"

#include <runbook/model.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace runbook {

/// What is given for inputs.
struct GivenInputs {
  Values values{};
  std::set<std::string, std::less<>> later{}; ///< those that are given, and whose values only the run will bring
};

/// The inputs with their values in the order of their declaration. An input that is neither given nor has a default is
/// null. Left out are secrets, and what is given later. Everything that is wrong with declarations and values goes to
/// `findings`.
[[nodiscard]] Values bind_inputs(const std::vector<Input>& declared, const GivenInputs& given, Findings& findings);

} // namespace runbook
