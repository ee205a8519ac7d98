// Which variables a script gives a value, and which of them it passes on to what runs after it.
//
// Ownership: refers to the script's words. Thread-safety: as with any value type.
#pragma once

#include "lint/shell_lexer.hpp"

#include <string_view>
#include <unordered_set>

namespace runbook::linting {

struct AssignedNames {
  std::unordered_set<std::string_view> all;
  std::unordered_set<std::string_view> exported;
  bool unknown = false; ///< it runs text that is not in sight (`source`, `eval`): anything may have a value afterwards
};

[[nodiscard]] AssignedNames assigned_names(const ShellText& shell);

} // namespace runbook::linting
