// Which calls of programs only look.
#pragma once

#include "lint/commands.hpp"

#include <string_view>

namespace runbook::linting {

/// Whether the call is known to change nothing that lasts. Of an unknown program nothing is known.
[[nodiscard]] bool only_reads(const Call& call);

/// Whether all of the script's calls only look.
[[nodiscard]] bool only_reads(std::string_view script, const ShellText& shell);

} // namespace runbook::linting
