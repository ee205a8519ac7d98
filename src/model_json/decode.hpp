// From JSON values to the model.
#pragma once

#include "model_json/origin.hpp"
#include "model_json/problems.hpp"

#include <runbook/model.hpp>

namespace runbook::model_json {

/// The runbook as far as the value is one. Everything that is wrong with it goes to `problems`. `origin` is the text
/// that the value was read from, or null: then nothing has a place.
[[nodiscard]] Runbook decode_runbook(const Value& value, Problems& problems, const Origin* origin = nullptr);

} // namespace runbook::model_json
