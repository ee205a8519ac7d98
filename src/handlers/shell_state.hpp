// What a shell says of itself when its script ends: the output of `export -p` and, after it, of `pwd -P`.
#pragma once

#include <runbook/terminal.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

struct ShellState {
  std::map<std::string, std::string, std::less<>> variables{}; ///< those that programs would get
  std::string directory{};                                     ///< empty: the shell could not tell
};

/// Reads what any of the shells prints: `export NAME='value'`, `declare -x NAME="value"` with `$'\n'` and the like.
/// Nothing if it is not complete, as when the shell was killed while it wrote.
[[nodiscard]] std::optional<ShellState> read_shell_state(std::string_view text);

/// The variables that differ from those that the shell was started with (`NAME=value`), but for those that shells keep
/// for themselves.
[[nodiscard]] Values changed_variables(const std::vector<std::string>& before, const ShellState& after);

} // namespace runbook
