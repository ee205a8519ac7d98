// Whether a script plainly does nothing but run programs.
#pragma once

#include <string_view>

namespace runbook {

/// Whether a script for `sh` or `bash` can neither change directory nor change what it exports, whatever the programs
/// do that it runs. It looks at the words and knows no grammar: false where it cannot be sure. Such a script does not
/// have to be asked for its state, and its shell may give its own process to the last program.
[[nodiscard]] bool runs_programs_only(std::string_view script) noexcept;

} // namespace runbook
