// The scripts of a runbook, taken apart, with the places of their parts in the document.
//
// Ownership: refers to the runbook and to the source. Thread-safety: belongs to one thread.
#pragma once

#include "lint/placed_step.hpp"
#include "lint/shell_lexer.hpp"
#include "lint/source.hpp"
#include "markdown/block_text.hpp"

#include <runbook/event.hpp>
#include <runbook/model.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace runbook::linting {

struct Script {
  PlacedStep place;
  const Action* action = nullptr; ///< never null
  ActionKind kind = ActionKind::forward;
  std::string_view text{};
  ShellText shell{};

  /// Bytes of the script. Where the document has no such block (the JSON form), the action's own place.
  [[nodiscard]] SourceSpan span(std::size_t begin, std::size_t end) const;

  std::vector<std::size_t> starts{};          ///< of its lines
  std::optional<markdown::BlockText> block{}; ///< that it stands in
  std::vector<std::size_t> block_lines{};     ///< of a session: which line of the block each of its lines is
  std::vector<std::size_t> prompts{};         ///< and how much of it is prompt
};

/// All scripts for a shell: the items in the order of a run, of each its actions, checks and undos.
[[nodiscard]] std::vector<Script> read_scripts(const std::vector<PlacedStep>& steps, const Source* source);

} // namespace runbook::linting
