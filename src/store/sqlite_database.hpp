// A SQLite connection and its statements, as objects. Everything here throws `runbook::Exception` with
// `errc::store_error` and words that name the file.
//
// Ownership: a `Database` owns its connection, a `Statement` refers to its database. Thread-safety: one thread at a
// time; whoever shares a database locks it.
#pragma once

#include <runbook/error.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace runbook {

class Database {
public:
  enum class Access { read, write, create };

  Database(std::string path, Access access);

  [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// Runs statements that give no rows.
  void execute(const char* sql);
  /// The first column of the first row.
  [[nodiscard]] std::int64_t integer(const char* sql);

  /// The key of the row that was inserted last.
  [[nodiscard]] std::int64_t last_inserted() const noexcept;

  /// What SQLite says is wrong, with what to do about it.
  [[nodiscard]] Error error(int code) const;
  [[noreturn]] void fail(int code) const;
  /// An error in our words, which go on from "store '/srv/runs.db' ".
  [[noreturn]] void fail(const std::string& what) const;

private:
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// Text and bytes are bound as they are; SQLite keeps any bytes in both.
struct Bytes {
  std::string_view view;
};

class Statement;

/// The rows of a statement that is under way. Ends it when it is destroyed.
class Rows {
public:
  explicit Rows(Statement& statement) : statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows();

  /// Goes to the next row; false: there are no more.
  [[nodiscard]] bool next();
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  /// Valid until `next`.
  [[nodiscard]] std::string_view bytes(int column) const;

private:
  Statement& statement_;
};

/// A statement that is prepared once and run often.
class Statement {
public:
  Statement(Database& database, const char* sql);

  /// Starts it with these parameters: integers, optional integers, text or `Bytes`.
  template <class... Parameters>
  [[nodiscard]] Rows query(const Parameters&... parameters) {
    int index = 0;
    (bind(++index, parameters), ...);
    return Rows(*this);
  }

  /// Runs it to its end.
  template <class... Parameters>
  void execute(const Parameters&... parameters) {
    Rows rows = query(parameters...);
    while (rows.next()) {
    }
  }

private:
  friend class Rows;
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const noexcept;
  };
  void bind(int index, std::int64_t value);
  void bind(int index, std::optional<std::int64_t> value);
  void bind(int index, std::string_view text);
  void bind(int index, Bytes bytes);

  Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

} // namespace runbook
