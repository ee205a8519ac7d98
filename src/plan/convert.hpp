// Giving an input's value the type that the runbook declares.
#pragma once

#include <runbook/model.hpp>

namespace runbook {

/// The value with the type. Text is read as a command line's words would be: `5`, `-1.5`, `true`, `yes`. The error's
/// message says what was expected and what came.
[[nodiscard]] Result<Value> convert(const Value& value, InputType type);

} // namespace runbook
