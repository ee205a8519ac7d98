// From JSON values to the model.
#pragma once

#include "model_json/problems.hpp"

#include <runbook/model.hpp>

namespace runbook::model_json {

/// The runbook as far as the value is one. Everything that is wrong with it goes to `problems`.
[[nodiscard]] Runbook decode_runbook(const Value& value, Problems& problems);

} // namespace runbook::model_json
