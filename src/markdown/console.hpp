// A terminal session as documents show it: commands behind a prompt, and what they print.
//
//   $ ls releases
//   1.4.1
//   1.4.2
//
// Prompts are `$ `, `# ` and `% `, alone or behind what terminals put in front of them: `deploy@web-1:~$ `,
// `[root@web-1 ~]# `, `bash-5.2$ `, `(venv) $ `.
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
  std::optional<std::string> output; ///< what is expected; none if no command shows any. `...` for those that show none
  std::string shown;                 ///< the same without these `...`
  std::size_t showing = 0;           ///< commands that show output
  std::optional<std::size_t> early;  ///< a line that is printed before the first command
  std::optional<std::size_t> unclear; ///< a line with the prompt `# ` in a session of another: perhaps a comment
  std::optional<std::size_t> comment; ///< a line that could be a command of root, if it did not lead to another prompt
};

/// Which prompts a block may have: a lone `# ` or `% ` is one only where another reading is not the more likely one.
/// Where it is none, `# ` starts a comment.
enum class Prompts { certain, all };

/// `> ` directly after a command goes on with it, as does any line after one that a quote, a here-document or a
/// backslash leaves open. A command that shows no output may print anything.
[[nodiscard]] Session read_session(std::string_view block, Prompts prompts);

/// Whether the first line that is neither blank nor a comment starts with a prompt that is nothing else to a shell.
[[nodiscard]] bool starts_with_prompt(std::string_view block);

/// `PS C:\>` or `C:\>`: the prompt of a shell that runs no such commands as this project's.
[[nodiscard]] bool is_windows_prompt(std::string_view line);

} // namespace runbook::markdown
