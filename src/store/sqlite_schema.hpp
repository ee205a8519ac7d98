// The tables of a SQLite store: those of this version, and how those of older ones become them.
//
// Everything here throws `runbook::Exception` with `errc::store_error`.
#pragma once

#include "store/sqlite_database.hpp"

#include <cstdint>

namespace runbook {

/// "RUNB", in the header of every store.
inline constexpr std::int64_t store_application_id = 0x52554E42;
/// Version of the tables. A file of a version that is not between these two is refused before it is touched.
inline constexpr std::int64_t store_format = 3;
inline constexpr std::int64_t oldest_store_format = 1;

inline constexpr std::int64_t first_format_with_messages = 2;
inline constexpr std::int64_t first_format_with_hashes = 3; ///< and with leases

/// The version that counts: as the open transaction sees it, or as it is now.
[[nodiscard]] std::int64_t format_of(Database& database);

/// Makes the tables in an empty database, within the open transaction.
void create_tables(Database& database);

/// Gives a store of an older version, in one commit, the tables of this one, and its events their hashes. Call with the
/// write lock held. It takes as long as reading and writing all events.
void upgrade_store(Database& database);

} // namespace runbook
