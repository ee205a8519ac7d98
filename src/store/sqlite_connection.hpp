// The one connection of a SQLite store, shared by the store and its journals.
//
// Commits and checkpoints. SQLite 3.7.0 to 3.51.2 may lose commits or damage the file when one connection's checkpoint
// meets another one's commit that starts the write-ahead log over. Here they never meet: every write transaction, the
// checkpoint after it and the one on closing happen with the store's write lock held, by every process that uses the
// store. The lock is taken whatever this process's SQLite is, since another process may have an affected one.
//
// Ownership: shared. Thread-safety: `check_process()` from any thread; hold `mutex()` while using anything else.
#pragma once

#include "store/fork.hpp"
#include "store/sqlite.hpp"
#include "store/sqlite_database.hpp"
#include "store/write_lock.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace runbook {

/// Whether this version of SQLite, as `sqlite3_libversion_number` has it, mishandles a checkpoint that meets a commit.
[[nodiscard]] constexpr bool has_wal_reset_race(int version) noexcept {
  if (version >= 3'044'006 && version < 3'045'000) return false;
  if (version >= 3'050'007 && version < 3'051'000) return false;
  return version < 3'051'003;
}

class SqliteConnection {
public:
  /// Opens a store and, unless it is only read, makes it if there is none.
  SqliteConnection(const std::string& path, SqliteOptions options, SqliteTuning tuning);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection();

  /// Fails in a process that was forked off the one that opened the store. Call it before any lock is taken: its holder
  /// may have been a thread that the child does not have.
  [[nodiscard]] Result<void> check_process() const;

  [[nodiscard]] std::mutex& mutex() noexcept { return mutex_; }
  [[nodiscard]] Database& database() noexcept { return *database_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  struct Statements {
    explicit Statements(Database& database);
    Statement begin_read, begin_write, commit, rollback;
    Statement insert_run, insert_document, insert_output;
    Statement find_run, read_fence, list_runs, update_status, update_owner;
    Statement last_event_id, last_seq, read_events, read_old_entries, number_events, first_claim, last_claim;
    Statement read_document, read_output, read_type;
  };
  [[nodiscard]] Statements& statements() noexcept { return *statements_; }

  struct MessageStatements {
    explicit MessageStatements(Database& database);
    Statement insert, last_number, read;
  };
  /// Null: the file is of a version without messages, which only a reader sees. A writer may change that at any time.
  [[nodiscard]] MessageStatements* message_statements();

  struct ChainStatements {
    explicit ChainStatements(Database& database);
    Statement insert_event, last_hash, read_entries, read_lease, put_lease, remove_lease;
  };
  /// Null: the file is of a version without hashes and leases, as above.
  [[nodiscard]] ChainStatements* chain_statements();

private:
  friend class WriteTransaction;
  void open(Database::Access access);
  void take_write_lock();
  void check_in_place() const;
  void checkpoint_if_due() noexcept;

  SqliteOptions options_;
  SqliteTuning tuning_;
  std::mutex mutex_;
  std::string path_;
  WriteLock lock_;
  OpenFile file_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Statements> statements_;
  std::unique_ptr<MessageStatements> message_statements_;
  std::unique_ptr<ChainStatements> chain_statements_;
  int wal_pages_ = 0;
  int next_checkpoint_ = 0;
};

/// Reads that see one state of the store.
class ReadTransaction {
public:
  explicit ReadTransaction(SqliteConnection& connection);
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  ~ReadTransaction();

private:
  SqliteConnection& connection_;
};

/// Writes that become durable together, or not at all when it is destroyed without `commit`.
class WriteTransaction {
public:
  explicit WriteTransaction(SqliteConnection& connection);
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  ~WriteTransaction();

  void commit();

private:
  SqliteConnection& connection_;
};

} // namespace runbook
