// The SQLite store with its inner settings, for tests.
#pragma once

#include <runbook/store.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace runbook {

struct SqliteTuning {
  std::chrono::milliseconds patience{5000}; ///< how long to wait for other writers
  int checkpoint_pages = 1000;              ///< size of the write-ahead log after which it is folded into the file
  int sqlite_version = 0;                   ///< taken for SQLite's own; 0: what it says itself
};

[[nodiscard]] Result<std::shared_ptr<RunStore>> open_sqlite(const std::string& path, SqliteOptions options,
                                                            SqliteTuning tuning);

} // namespace runbook
