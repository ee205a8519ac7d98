// Variables as a shell would have them set in front of a command: `A=1 B='two words'`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook::markdown {

struct Assignments {
  std::vector<std::pair<std::string, std::string>> all;
  std::optional<std::string> flaw; ///< what is wrong with the text, if something is
};

/// Blanks separate assignments; quotes of both kinds hold a value with blanks together, and `\` takes the meaning from
/// the character after it, but not within `'…'`. Nothing else has a meaning: there is no shell.
[[nodiscard]] Assignments read_assignments(std::string_view text);

} // namespace runbook::markdown
