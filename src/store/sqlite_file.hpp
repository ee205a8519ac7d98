// The file of a SQLite store: which files are stores, making a new one, and opening it the way that its promises need.
//
// Everything here throws `runbook::Exception` with `errc::store_error`.
#pragma once

#include "store/sqlite_database.hpp"

#include <chrono>
#include <string>

namespace runbook {

/// "RUNB", in the header of every store.
inline constexpr std::int64_t store_application_id = 0x52554E42;
/// Version of the tables. A file of a version that is not between these two is refused before it is touched.
inline constexpr std::int64_t store_format = 2;
/// Has no table of messages; all else is the same.
inline constexpr std::int64_t oldest_store_format = 1;

/// The file's absolute path with symbolic links resolved, so that all who use it find the same lock file beside it.
/// Refuses what can be no store: a folder, a device, a file in a folder that does not exist.
[[nodiscard]] std::string resolve_store_path(const std::string& path);

/// Whether there is a file that holds anything.
[[nodiscard]] bool store_exists(const std::string& path);

/// Makes a new, empty store: complete under its name, or not there at all. What a store of the same name has left
/// beside it is removed first, unless that store is still in use: then there is no new one. Call with the write lock
/// held.
void create_store(const std::string& path, bool in_use);

/// Refuses, untouched, a file that is no store or one of an unknown version.
void check_is_store(const std::string& path);

/// The version that counts: as the open transaction sees it, or as it is now.
[[nodiscard]] std::int64_t format_of(Database& database);

/// Gives a store of an older version, in one commit, the tables of this one. Call with the write lock held.
void upgrade_store(Database& database);

/// Opens a store. Refuses, untouched, a file that is no store or one of an unknown version.
[[nodiscard]] Database open_store(const std::string& path, Database::Access access, std::chrono::milliseconds patience);

} // namespace runbook
