// Which calls of programs destroy something that no command brings back.
#pragma once

#include "lint/commands.hpp"

#include <string>
#include <string_view>

namespace runbook::linting {

/// What is destructive about the call, in words to quote: "rm -r". Empty if it is not known to be.
[[nodiscard]] std::string destruction_by(const Call& call);

/// The same of SQL: "DROP TABLE".
[[nodiscard]] std::string destruction_by_sql(std::string_view sql);

} // namespace runbook::linting
