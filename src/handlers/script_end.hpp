// How a shell is made to tell what its script leaves behind: by commands in front of the script, on its first line, so
// that all lines keep their numbers. They have the shell write its state into a file when it ends, in whatever way, and
// take themselves out of the script's sight.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// The variable that has the path of the file (`ProcessSpec::result_variable`).
inline constexpr std::string_view result_variable = "_runbook_result";

/// A script that tells.
struct TellingScript {
  std::string text;                   ///< for the shell
  std::vector<std::string> variables; ///< `NAME=value`, for its environment besides the result's
};

/// `shell` is sh, bash or zsh. A script that is `too_long` for a variable is only ever put behind the commands.
[[nodiscard]] TellingScript telling(std::string_view shell, std::string_view script, bool too_long);

} // namespace runbook
