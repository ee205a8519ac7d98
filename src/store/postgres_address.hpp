// Where a PostgreSQL server is, in words that have no password in them.
//
// Thread-safety: plain functions.
#pragma once

#include "store/postgres_library.hpp"

#include <string>

namespace runbook {

/// "PostgreSQL store 'host:port/database'" of what libpq takes as a connection, or why it can be none. The error shows
/// nothing of the string that may be a part of a password.
[[nodiscard]] Result<std::string> postgres_words(const PostgresLibrary& pq, const std::string& connection);

/// What libpq or a server said, on one line and without where in their source they said it.
[[nodiscard]] std::string one_line(const char* message);

} // namespace runbook
