// What the built-in handlers say of a parameter that cannot be right.
#pragma once

#include <runbook/error.hpp>
#include <runbook/model.hpp>

#include <string>
#include <utility>

namespace runbook {

[[nodiscard]] inline Diagnostic invalid_parameter(const Action& action, std::string message, std::string hint,
                                                  Severity severity = Severity::error) {
  return {severity, "invalid-parameter", std::move(message), std::move(hint), {}, {}, action.span};
}

} // namespace runbook
