// What YAML text without quotes means: what it means in JSON, else text. `yes`, `0o7` and `1:30` are text.
#pragma once

#include <runbook/value.hpp>

#include <optional>
#include <string_view>

namespace runbook::yaml {

/// The value of a scalar that has no quotes: null, true, false, a number as JSON has them, or a string. Nothing if it
/// is a number that is too large.
[[nodiscard]] std::optional<Value> plain_value(std::string_view text);

/// Whether readers of some version of YAML take the word, without quotes, for something else than text.
[[nodiscard]] bool is_special_word(std::string_view text);

} // namespace runbook::yaml
