// The file of a SQLite store: which files are stores, making a new one, and opening it the way that its promises need.
//
// Everything here throws `runbook::Exception` with `errc::store_error`.
#pragma once

#include "store/sqlite_database.hpp"

#include <chrono>
#include <string>

namespace runbook {

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

/// Opens a store. Refuses, untouched, a file that is no store or one of an unknown version.
[[nodiscard]] Database open_store(const std::string& path, Database::Access access, std::chrono::milliseconds patience);

} // namespace runbook
