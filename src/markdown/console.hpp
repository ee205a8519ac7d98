// A terminal session as documents show it: commands behind a prompt, and what they print.
//
//   $ ls releases
//   1.4.1
//   1.4.2
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::markdown {

struct Session {
  std::string script;                ///< all commands, in order
  std::vector<std::size_t> lines;    ///< for each line of the script: the line of the block, from 0
  std::vector<std::size_t> cut;      ///< for each line of the script: how many bytes of that line are prompt
  std::optional<std::string> output; ///< what is expected; none if no command shows any
  std::optional<std::size_t> early;  ///< a line that is printed before the first command
};

/// Which prompts a block may have: `# ` is one only where a comment is not the more likely reading.
enum class Prompts { dollar, dollar_or_hash };

/// `> ` directly after a command goes on with it, as does any line after one that a quote, a here-document or a
/// backslash leaves open. A command that shows no output may print anything.
[[nodiscard]] Session read_session(std::string_view block, Prompts prompts);

/// Whether the first line that is not blank starts with `$ `.
[[nodiscard]] bool starts_with_prompt(std::string_view block);

} // namespace runbook::markdown
