#include "store/sqlite_database.hpp"

#include "printable.hpp"

#include <sqlite3.h>

#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

std::string store_name(const std::string& path) {
  return fmt::format("store '{}'", printable(path));
}

int last_errno(sqlite3* handle, int which_file) {
  sqlite3_file* file = nullptr;
  int number = 0;
  if (sqlite3_file_control(handle, "main", which_file, &file) != SQLITE_OK) return 0;
  if (file == nullptr || file->pMethods == nullptr) return 0;
  return file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK ? number : 0;
}

/// What the system said. SQLite keeps it in one of three places.
std::string system_words(sqlite3* handle) {
  int number = sqlite3_system_errno(handle);
  if (number == 0) number = last_errno(handle, SQLITE_FCNTL_JOURNAL_POINTER);
  if (number == 0) number = last_errno(handle, SQLITE_FCNTL_FILE_POINTER);
  return number == 0 ? std::string() : fmt::format(": {}", std::strerror(number));
}

std::string words(sqlite3* handle, int code) {
  switch (code & 0xff) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED: return "is busy: another program has been using it for too long; try again";
  case SQLITE_FULL: return "cannot grow: the disk or the quota is full";
  case SQLITE_READONLY:
    if (sqlite3_db_readonly(handle, "main") == 1) { // for a reader this is about the index of the log
      return "cannot be read without a '-shm' file beside it, and its folder may not be written" + system_words(handle);
    }
    return "cannot be written" + system_words(handle);
  case SQLITE_CANTOPEN: return "cannot be opened" + system_words(handle);
  case SQLITE_IOERR: return "has an input/output error" + system_words(handle);
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB: return fmt::format("is damaged ({}); restore it from a copy", sqlite3_errmsg(handle));
  default: return fmt::format("has an error: {}", sqlite3_errmsg(handle));
  }
}

int open_flags(Database::Access access) {
  // Symbolic links are resolved by then. The connection is locked by whoever shares it.
  constexpr int common = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (access) {
  case Database::Access::read: return common | SQLITE_OPEN_READONLY;
  case Database::Access::write: return common | SQLITE_OPEN_READWRITE;
  case Database::Access::create: break;
  }
  return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

} // namespace

void Database::Close::operator()(sqlite3* handle) const noexcept {
  sqlite3_close_v2(handle);
}

Database::Database(std::string path, Access access) : path_(std::move(path)) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path_.c_str(), &handle, open_flags(access), nullptr);
  handle_.reset(handle); // there is one even when opening failed
  if (handle == nullptr) throw Exception({errc::store_error, store_name(path_) + " cannot be opened: no memory", {}});
  if (code != SQLITE_OK) fail(code);
}

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::int64_t Database::integer(const char* sql) {
  Statement statement(*this, sql);
  Rows rows = statement.query();
  return rows.next() ? rows.integer(0) : 0;
}

std::int64_t Database::last_inserted() const noexcept {
  return sqlite3_last_insert_rowid(handle());
}

Error Database::error(int code) const {
  return {errc::store_error, fmt::format("{} {}", store_name(path_), words(handle(), code)), {}};
}

void Database::fail(int code) const {
  throw Exception(error(code));
}

void Database::fail(const std::string& what) const {
  throw Exception({errc::store_error, fmt::format("{} {}", store_name(path_), what), {}});
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const noexcept {
  sqlite3_finalize(handle);
}

Statement::Statement(Database& database, const char* sql) : database_(&database) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) database.fail(code);
}

void Statement::bind(int index, std::int64_t value) {
  const int code = sqlite3_bind_int64(handle_.get(), index, value);
  if (code != SQLITE_OK) database_->fail(code);
}

void Statement::bind(int index, std::optional<std::int64_t> value) {
  if (value) return bind(index, *value);
  const int code = sqlite3_bind_null(handle_.get(), index);
  if (code != SQLITE_OK) database_->fail(code);
}

void Statement::bind(int index, std::string_view text) {
  const int code = sqlite3_bind_text64(handle_.get(), index, text.empty() ? "" : text.data(), text.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) database_->fail(code);
}

void Statement::bind(int index, Bytes bytes) {
  const std::string_view view = bytes.view;
  const int code =
      sqlite3_bind_blob64(handle_.get(), index, view.empty() ? "" : view.data(), view.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) database_->fail(code);
}

Rows::~Rows() {
  sqlite3_reset(statement_.handle_.get());
  sqlite3_clear_bindings(statement_.handle_.get()); // they refer to the caller's memory
}

bool Rows::next() {
  const int code = sqlite3_step(statement_.handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) statement_.database_->fail(code);
  return false;
}

std::int64_t Rows::integer(int column) const {
  return sqlite3_column_int64(statement_.handle_.get(), column);
}

std::optional<std::int64_t> Rows::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

bool Rows::is_null(int column) const {
  return sqlite3_column_type(statement_.handle_.get(), column) == SQLITE_NULL;
}

std::string_view Rows::bytes(int column) const {
  // For text this gives its bytes as well.
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.handle_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.handle_.get(), column));
  return data == nullptr ? std::string_view() : std::string_view(data, size);
}

} // namespace runbook
