#include "store/sqlite_connection.hpp"

#include "store/sqlite_file.hpp"
#include "store/sqlite_schema.hpp"

#include <sqlite3.h>

namespace runbook {

SqliteConnection::Statements::Statements(Database& db)
    : begin_read(db, "BEGIN"), begin_write(db, "BEGIN IMMEDIATE"), commit(db, "COMMIT"), rollback(db, "ROLLBACK"),
      insert_run(db, "INSERT INTO runs (id, title, actor, started, status, fence, first_event, last_event) "
                     "VALUES (?, ?, ?, ?, ?, 1, ?, ?)"),
      insert_document(db, "INSERT INTO documents (run, bytes) VALUES (?, ?)"),
      insert_output(db, "INSERT INTO outputs (event, bytes) VALUES (?, ?)"),
      find_run(db, "SELECT number, fence, status, first_event, last_event FROM runs WHERE id = ?"),
      read_fence(db, "SELECT fence FROM runs WHERE number = ?"),
      list_runs(db, "SELECT id, title, status, started, actor FROM runs ORDER BY number DESC"),
      update_status(db, "UPDATE runs SET status = ?, last_event = ? WHERE number = ?"),
      update_owner(db, "UPDATE runs SET fence = ?, status = ?, last_event = NULL WHERE number = ?"),
      last_event_id(db, "SELECT coalesce(max(id), 0) FROM events"),
      last_seq(db, "SELECT seq FROM events WHERE id BETWEEN ? AND ? AND run = ? ORDER BY id DESC LIMIT 1"),
      read_events(db,
                  "SELECT seq, fence, time, type, data FROM events WHERE id BETWEEN ? AND ? AND run = ? ORDER BY id"),
      read_old_entries(db, "SELECT e.seq, e.fence, e.time, e.type, e.data, o.bytes, NULL FROM events e "
                           "LEFT JOIN outputs o ON o.event = e.id WHERE e.id BETWEEN ? AND ? AND e.run = ? "
                           "ORDER BY e.id"),
      number_events(db, "SELECT id, seq FROM events WHERE id BETWEEN ? AND ? AND run = ? ORDER BY id"),
      first_claim(db, "SELECT data FROM events WHERE id BETWEEN ? AND ? AND run = ? AND type = 'claimed' "
                      "AND fence = ? ORDER BY id LIMIT 1"),
      last_claim(db, "SELECT data FROM events WHERE id BETWEEN ? AND ? AND run = ? AND type = 'claimed' "
                     "AND fence = ? ORDER BY id DESC LIMIT 1"),
      read_document(db, "SELECT bytes FROM documents WHERE run = ?"),
      read_output(db, "SELECT bytes FROM outputs WHERE event = ?"),
      read_type(db, "SELECT type FROM events WHERE id = ?") {}

SqliteConnection::MessageStatements::MessageStatements(Database& db)
    : insert(db, "INSERT INTO messages (run, number, time, token, yes, text, who, note) "
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      last_number(db, "SELECT coalesce(max(number), 0) FROM messages WHERE run = ?"),
      read(db, "SELECT number, time, token, yes, text, who, note FROM messages WHERE run = ? AND number > ? "
               "ORDER BY number") {}

SqliteConnection::ChainStatements::ChainStatements(Database& db)
    : insert_event(db, "INSERT INTO events (run, seq, fence, time, type, data, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"),
      last_hash(db, "SELECT hash FROM events WHERE id BETWEEN ? AND ? AND run = ? ORDER BY id DESC LIMIT 1"),
      read_entries(db, "SELECT e.seq, e.fence, e.time, e.type, e.data, o.bytes, e.hash FROM events e "
                       "LEFT JOIN outputs o ON o.event = e.id WHERE e.id BETWEEN ? AND ? AND e.run = ? "
                       "ORDER BY e.id"),
      read_lease(db, "SELECT until FROM leases WHERE run = ? AND fence = ?"),
      put_lease(db, "INSERT OR REPLACE INTO leases (run, fence, until) VALUES (?, ?, ?)"),
      remove_lease(db, "DELETE FROM leases WHERE run = ?") {}

SqliteConnection::SqliteConnection(const std::string& path, SqliteOptions options, SqliteTuning tuning)
    : options_(options), tuning_(tuning), path_(resolve_store_path(path)), lock_(path_ + ".lock") {
  next_checkpoint_ = tuning_.checkpoint_pages;
  OpenFile::refuse_if_inherited(path_); // before SQLite sees the file
  if (options_.read_only) {
    open(Database::Access::read);
    return;
  }
  if (store_exists(path_)) check_is_store(path_); // somebody else's file gets no lock file beside it
  lock_.acquire(tuning_.patience).value();
  lock_.mark_in_use();
  if (!store_exists(path_)) create_store(path_, lock_.is_in_use_by_others());
  open(Database::Access::write);
  lock_.release();
}

void SqliteConnection::open(Database::Access access) {
  file_.opens(path_);
  database_ = std::make_unique<Database>(open_store(path_, access, tuning_.patience));
  sqlite3* handle = database_->handle();
  if (access == Database::Access::read) {
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  } else {
    const int version = tuning_.sqlite_version == 0 ? sqlite3_libversion_number() : tuning_.sqlite_version;
    if (has_wal_reset_race(version)) {
      sqlite3_wal_hook(
          handle,
          [](void* self, sqlite3*, const char*, int pages) {
            static_cast<SqliteConnection*>(self)->wal_pages_ = pages;
            return SQLITE_OK;
          },
          this);
    } else {
      sqlite3_wal_autocheckpoint(handle, tuning_.checkpoint_pages);
    }
    database_->execute("PRAGMA journal_mode = WAL"); // already is, unless somebody changed it
    upgrade_store(*database_);
  }
  statements_ = std::make_unique<Statements>(*database_); // the first to read the file: recovers it after a crash
  static_cast<void>(message_statements());                // these refuse a store whose tables are missing
  static_cast<void>(chain_statements());
}

SqliteConnection::MessageStatements* SqliteConnection::message_statements() {
  if (!message_statements_ && format_of(*database_) >= first_format_with_messages) {
    message_statements_ = std::make_unique<MessageStatements>(*database_);
  }
  return message_statements_.get();
}

SqliteConnection::ChainStatements* SqliteConnection::chain_statements() {
  if (!chain_statements_ && format_of(*database_) >= first_format_with_hashes) {
    chain_statements_ = std::make_unique<ChainStatements>(*database_);
  }
  return chain_statements_.get();
}

SqliteConnection::~SqliteConnection() {
  if (file_.is_inherited()) {
    // Not even closing it is safe. The lock's descriptor is closed, and the lock itself stays the parent's.
    static_cast<void>(chain_statements_.release());
    static_cast<void>(message_statements_.release());
    static_cast<void>(statements_.release());
    static_cast<void>(database_.release());
    return;
  }
  chain_statements_.reset();
  message_statements_.reset();
  statements_.reset();
  if (!database_ || options_.read_only) return;
  // The last to close folds the log into the file. When others are busy, it is not the last.
  constexpr std::chrono::milliseconds patience{100};
  if (!lock_.acquire(patience)) {
    sqlite3_db_config(database_->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  database_.reset();
}

Result<void> SqliteConnection::check_process() const {
  if (file_.is_inherited()) return OpenFile::inherited(path_);
  return {};
}

void SqliteConnection::take_write_lock() {
  if (options_.read_only) database_->fail("is open for reading only");
  lock_.acquire(tuning_.patience).value();
}

// What is written to a file that was removed or renamed would be lost without anybody noticing.
void SqliteConnection::check_in_place() const {
  int moved = 0;
  sqlite3_file_control(database_->handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved != 0) database_->fail("was moved or removed while it was open; nothing was recorded");
}

// With the write lock held. A blocking checkpoint takes SQLite's own write lock as well, so that even a writer that
// knows nothing of ours is kept out. It is not waited for readers: what they still need stays in the log.
void SqliteConnection::checkpoint_if_due() noexcept {
  if (wal_pages_ < next_checkpoint_) return;
  sqlite3* handle = database_->handle();
  sqlite3_busy_timeout(handle, 0);
  // That it fails is no failure of the commit before it: it is tried again later.
  const int code = sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_FULL, nullptr, nullptr);
  next_checkpoint_ = tuning_.checkpoint_pages + (code == SQLITE_OK ? 0 : wal_pages_);
  wal_pages_ = 0;
  sqlite3_busy_timeout(handle, static_cast<int>(tuning_.patience.count()));
}

ReadTransaction::ReadTransaction(SqliteConnection& connection) : connection_(connection) {
  connection_.statements().begin_read.execute();
}

ReadTransaction::~ReadTransaction() {
  try {
    connection_.statements().rollback.execute();
  } catch (const Exception&) { // nothing was to be kept
  }
}

WriteTransaction::WriteTransaction(SqliteConnection& connection) : connection_(connection) {
  connection_.take_write_lock();
  try {
    connection_.check_in_place();
    connection_.statements().begin_write.execute();
  } catch (...) {
    connection_.lock_.release();
    throw;
  }
}

void WriteTransaction::commit() {
  connection_.statements().commit.execute();
  connection_.checkpoint_if_due();
}

WriteTransaction::~WriteTransaction() {
  if (sqlite3_get_autocommit(connection_.database().handle()) == 0) {
    try {
      connection_.statements().rollback.execute();
    } catch (const Exception&) { // it is rolled back when the connection is next used or closed
    }
  }
  connection_.lock_.release();
}

} // namespace runbook
