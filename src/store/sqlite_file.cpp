#include "store/sqlite_file.hpp"

#include "printable.hpp"
#include "store/sqlite_schema.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

namespace runbook {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw Exception({errc::store_error, fmt::format("store '{}' {}", printable(path), what), {}});
}

[[noreturn]] void refuse_by_errno(const std::string& path, std::string_view what) {
  refuse(path, fmt::format("{}: {}", what, std::strerror(errno)));
}

std::uint32_t big_endian(const unsigned char* at) {
  return std::uint32_t{at[0]} << 24U | std::uint32_t{at[1]} << 16U | std::uint32_t{at[2]} << 8U | std::uint32_t{at[3]};
}

// The first bytes of the file, read through SQLite's own handle: opening and closing the file beside it would drop the
// locks that other connections of this process hold. Reading them this way runs no recovery and changes nothing.
std::array<unsigned char, 100> read_header(Database& database) {
  std::array<unsigned char, 100> header{};
  sqlite3_file* file = nullptr;
  const int code = sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code != SQLITE_OK || file == nullptr || file->pMethods == nullptr) database.fail(SQLITE_CANTOPEN);
  const int read = file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0);
  if (read != SQLITE_OK && read != SQLITE_IOERR_SHORT_READ) database.fail(read);
  return header;
}

void check_identity(const std::string& path, std::int64_t application, std::int64_t format) {
  if (application != store_application_id) {
    refuse(path,
           fmt::format("is no runbook store but a SQLite file of another program (application id {}); it was left "
                       "as it is",
                       application));
  }
  if (format > store_format) {
    refuse(path, fmt::format("was written by a newer version of this program (format {}, and {} is the newest that is "
                             "known); it was left as it is",
                             format, store_format));
  }
  if (format < oldest_store_format)
    refuse(path, fmt::format("has the unknown format {}; it was left as it is", format));
}

// As https://sqlite.org/fileformat.html has it: the magic, then `user_version` at 60 and `application_id` at 68.
void check_header(Database& database) {
  const auto header = read_header(database);
  constexpr std::string_view magic("SQLite format 3\0", 16);
  if (std::memcmp(header.data(), magic.data(), magic.size()) != 0) {
    refuse(database.path(), "is no runbook store; it was left as it is");
  }
  check_identity(database.path(), big_endian(header.data() + 68), big_endian(header.data() + 60));
}

// A newer version that was killed may have left its format in the log only, and the log counts. If so, it stays as it
// is: closing does not fold it into the file.
void check_log(Database& database, bool writes) {
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  check_identity(database.path(), database.integer("PRAGMA application_id"), format_of(database));
  if (writes) sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

void configure(Database& database, bool writes) {
  sqlite3* handle = database.handle();
  sqlite3_extended_result_codes(handle, 1);
  // Whatever else somebody put into the file does not run.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  database.execute("PRAGMA cell_size_check = ON");
  if (!writes) return;
  // Durable when COMMIT returns, also across a loss of power.
  database.execute("PRAGMA synchronous = FULL");
  // In use the write-ahead log stays far below this; more, after a long read held it up, is given back.
  database.execute("PRAGMA journal_size_limit = 33554432");
}

void sync_file(const std::string& path, const std::string& store) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) refuse_by_errno(store, "cannot be created");
  const int synced = ::fsync(descriptor);
  ::close(descriptor);
  if (synced != 0) refuse_by_errno(store, "cannot be created");
}

void sync_folder_of(const std::string& path) {
  sync_file(fs::path(path).parent_path().string(), path);
}

/// What SQLite keeps beside a database: the log, its index, and the rollback journal of other modes.
constexpr std::array<const char*, 3> companions{"-wal", "-shm", "-journal"};

bool is_there(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0;
}

// SQLite takes a log or a journal for the database's whose name it bears, and would write what it says into the new
// store: the runs of a store that was removed would be there again. They go for good before the new store can be there.
void remove_companions(const std::string& path, bool in_use) {
  for (const char* companion : companions) {
    const std::string left = path + companion;
    if (!is_there(left)) continue;
    if (in_use) {
      refuse(path, "was removed, moved or emptied while another program has it open; end that program and try again");
    }
    if (::unlink(left.c_str()) != 0) {
      const int number = errno;
      refuse(path, fmt::format("cannot be created: '{}', left by a former store, cannot be removed: {}",
                               printable(left), std::strerror(number)));
    }
  }
  sync_folder_of(path); // always: they may have been removed by one that was killed right then
}

/// The new store under its first name: nothing of it is left behind, neither by one that was killed nor by one that
/// failed.
class FreshFile {
public:
  explicit FreshFile(std::string path) : path_(std::move(path)) { remove(); }
  FreshFile(const FreshFile&) = delete;
  FreshFile& operator=(const FreshFile&) = delete;
  ~FreshFile() { remove(); }

private:
  void remove() const {
    ::unlink(path_.c_str());
    for (const char* companion : companions) ::unlink((path_ + companion).c_str());
  }
  std::string path_;
};

void write_new_store(const std::string& path) {
  Database database(path, Database::Access::create);
  // Nothing is lost if this is cut short: nobody knows the file yet.
  database.execute("PRAGMA synchronous = OFF");
  database.execute("PRAGMA journal_mode = OFF");
  database.execute("BEGIN");
  create_tables(database);
  database.execute("COMMIT");
  database.execute("PRAGMA journal_mode = WAL");
}

} // namespace

std::string resolve_store_path(const std::string& path) {
  if (path.empty()) throw Exception({errc::store_error, "a store needs a path", {}});
  if (path.find('\0') != std::string::npos) refuse(path, "has a NUL in its path");
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  if (error) refuse(path, "has no absolute path: " + error.message());
  const fs::path folder = fs::canonical(absolute.parent_path(), error);
  if (error) refuse(path, "has no folder to be in: " + error.message());
  const fs::path named = folder / absolute.filename();
  // Said here, since SQLite only says that it cannot open such a file. The longest name that is made is of this kind.
  const std::size_t longest = named.native().size() + std::string_view(".new-journal").size();
  if (longest > static_cast<std::size_t>(sqlite3_vfs_find(nullptr)->mxPathname)) {
    refuse(path, fmt::format("has a path that is too long for SQLite ({} bytes in full)", named.native().size()));
  }
  const fs::file_status link = fs::symlink_status(named, error);
  if (!fs::exists(link)) {
    if (link.type() != fs::file_type::not_found) refuse(path, "cannot be looked at: " + error.message());
    if (absolute.filename().empty()) refuse(path, "is a folder");
    return named.string();
  }
  const fs::path real = fs::canonical(named, error);
  if (error) refuse(path, "is a symbolic link to nothing: " + error.message());
  const fs::file_status status = fs::status(real, error);
  if (fs::is_directory(status)) refuse(path, "is a folder");
  if (!fs::is_regular_file(status)) refuse(path, "is no regular file");
  return real.string();
}

bool store_exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

void create_store(const std::string& path, bool in_use) {
  remove_companions(path, in_use);
  const std::string fresh = path + ".new";
  const FreshFile file(fresh);
  write_new_store(fresh);
  struct stat existing{};
  if (::stat(path.c_str(), &existing) == 0) ::chmod(fresh.c_str(), existing.st_mode & 07777); // it was empty
  sync_file(fresh, path);
  if (::rename(fresh.c_str(), path.c_str()) != 0) refuse_by_errno(path, "cannot be created");
  sync_folder_of(path);
}

void check_is_store(const std::string& path) {
  Database database(path, Database::Access::read); // reads nothing by itself
  check_header(database);
}

Database open_store(const std::string& path, Database::Access access, std::chrono::milliseconds patience) {
  Database database(path, access);
  check_header(database);
  const bool writes = access != Database::Access::read;
  if (writes && sqlite3_db_readonly(database.handle(), "main") == 1) refuse(path, "cannot be written");
  sqlite3_busy_timeout(database.handle(), static_cast<int>(patience.count()));
  configure(database, writes);
  check_log(database, writes);
  return database;
}

} // namespace runbook
