// A script as a shell would divide it: commands with their words, and the variables that it uses.
//
// Enough of the shells' grammar for a linter: quotes, comments, substitutions, here-documents, redirections. What
// cannot be told without running the script (aliases, eval, arithmetic) is left alone.
//
// Ownership: plain values. Thread-safety: as with any value type.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::linting {

struct ShellWord {
  std::string text; ///< without quotes; what is expanded stays as it is written
  std::size_t begin = 0;
  std::size_t end = 0; ///< in bytes of the script
  bool quoted = false; ///< some of it is
};

struct HereDocument {
  std::size_t begin = 0;
  std::size_t end = 0; ///< in bytes of the script
};

struct ShellCommand {
  std::vector<ShellWord> words; ///< redirections and reserved words in front are left out; never empty
  std::vector<HereDocument> documents;
  bool writes_file = false; ///< by a redirection of its output, to something else than /dev/null
};

struct VariableUse {
  std::string name;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool may_be_unset = false; ///< `${name:-…}` and the like, and names in arithmetic
  bool assigned = false;     ///< `${name:=…}`
};

struct ShellText {
  std::vector<ShellCommand> commands; ///< in order; what is substituted comes before the command that it is in
  std::vector<VariableUse> uses;      ///< in order
};

/// Never fails: of text that no shell would take, what can be made out is there.
[[nodiscard]] ShellText lex_shell(std::string_view script);

} // namespace runbook::linting
