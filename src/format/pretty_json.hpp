// JSON for people.
#pragma once

#include <runbook/value.hpp>

#include <string>

namespace runbook::format {

/// Two blanks for each level, members in their order, a line end at the end. What is empty stays on its line.
[[nodiscard]] std::string pretty_json(const Value& value);

} // namespace runbook::format
