// SQLite without the store, in a test of its file.
#pragma once

#include <sqlite3.h>

#include <doctest/doctest.h>

#include <string>

namespace runbook::testing {

/// SQLite without the store, to look at files and to spoil them. Stays open: closing would fold the log into the file.
class Raw {
public:
  explicit Raw(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK); }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;
  ~Raw() { sqlite3_close(handle_); }

  std::string run(const std::string& sql) {
    std::string out;
    char* error = nullptr;
    const auto add = [](void* text, int, char** columns, char**) {
      *static_cast<std::string*>(text) += (columns[0] == nullptr ? "NULL" : columns[0]) + std::string("\n");
      return 0;
    };
    const int code = sqlite3_exec(handle_, sql.c_str(), add, &out, &error);
    const std::string message = error == nullptr ? "" : error;
    sqlite3_free(error);
    REQUIRE_MESSAGE(code == SQLITE_OK, message);
    return out;
  }

private:
  sqlite3* handle_ = nullptr;
};

} // namespace runbook::testing
