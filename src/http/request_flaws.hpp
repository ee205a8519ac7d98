// What is wrong with an `http` action, whatever its `{{ name }}` stand for.
#pragma once

#include <runbook/model.hpp>

#include <vector>

namespace runbook::http {

/// Its parameters, what it expects and captures, names that are used before they are captured, and retries of a request
/// that must not be sent twice.
[[nodiscard]] std::vector<Diagnostic> request_flaws(const Action& action);

} // namespace runbook::http
