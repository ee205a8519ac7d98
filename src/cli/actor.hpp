// Who runs the command.
#pragma once

#include <string>

namespace runbook::cli {

/// The user's name at the host's name.
[[nodiscard]] std::string default_actor();

} // namespace runbook::cli
