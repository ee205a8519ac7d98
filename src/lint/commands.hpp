// The programs that a script calls: what `sudo`, `xargs`, `ssh host`, `sh -c` and their like only pass on is in sight.
//
// Ownership: plain values. Thread-safety: as with any value type.
#pragma once

#include "lint/shell_lexer.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::linting {

/// One call of a program.
struct Call {
  std::string program;            ///< without the folder
  std::vector<std::string> words; ///< behind the program
  std::string documents;          ///< the text of its here-documents
  bool writes_file = false;
  std::size_t begin = 0;
  std::size_t end = 0; ///< in bytes of the script

  /// Whether one of the words is this one; a `*` at its end stands for any text.
  [[nodiscard]] bool has(std::string_view word) const;
};

[[nodiscard]] std::vector<Call> calls_of(std::string_view script, const ShellText& shell);

/// Whether a word is in a list of words with one blank between them.
[[nodiscard]] bool is_listed(std::string_view list, std::string_view word);

/// `NAME=value`, `NAME+=value`: the length of the name, or 0.
[[nodiscard]] std::size_t assigned_name(std::string_view word);

} // namespace runbook::linting
