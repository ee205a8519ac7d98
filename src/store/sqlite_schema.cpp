#include "store/sqlite_schema.hpp"

#include "store/chain.hpp"

#include <limits>
#include <optional>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

namespace runbook {

namespace {

// Kept by SQLite as they stand here, for whoever looks into the file.
constexpr const char* schema = R"sql(
CREATE TABLE runs (
  number      INTEGER PRIMARY KEY, -- in the order in which runs were created
  id          TEXT NOT NULL UNIQUE,
  title       TEXT NOT NULL,
  actor       TEXT NOT NULL,
  started     INTEGER NOT NULL,    -- nanoseconds since 1970-01-01 UTC
  status      TEXT NOT NULL,
  fence       INTEGER NOT NULL,    -- of the owner; events of an older fence are refused
  first_event INTEGER NOT NULL,    -- the run's events lie between these two
  last_event  INTEGER              -- NULL while the run goes on
);
CREATE TABLE documents (
  run   INTEGER PRIMARY KEY,       -- runs.number
  bytes BLOB NOT NULL
);
CREATE TABLE events (              -- append-only
  id    INTEGER PRIMARY KEY,
  run   INTEGER NOT NULL,          -- runs.number
  seq   INTEGER NOT NULL,          -- 1, 2, 3 ... within the run
  fence INTEGER NOT NULL,
  time  INTEGER NOT NULL,          -- nanoseconds since 1970-01-01 UTC
  type  TEXT NOT NULL,
  data  BLOB NOT NULL,             -- JSON, UTF-8
  hash  BLOB                       -- SHA-256 of the row, its output and the hash before it
);
CREATE TABLE outputs (             -- append-only
  event INTEGER PRIMARY KEY,       -- events.id of the step_output
  bytes BLOB NOT NULL
);
)sql";

// New in format 2.
constexpr const char* messages_schema = R"sql(
CREATE TABLE messages (            -- append-only; to the owners of runs
  run    INTEGER NOT NULL,         -- runs.number
  number INTEGER NOT NULL,         -- 1, 2, 3 ... within the run
  time   INTEGER NOT NULL,         -- nanoseconds since 1970-01-01 UTC
  token  TEXT NOT NULL,            -- of the question that is answered; '': the run is to be cancelled
  yes    INTEGER NOT NULL,
  text   TEXT NOT NULL,
  who    TEXT NOT NULL,
  note   TEXT NOT NULL,
  PRIMARY KEY (run, number)
) WITHOUT ROWID;
)sql";

// New in format 3, as is events.hash.
constexpr const char* leases_schema = R"sql(
CREATE TABLE leases (              -- how long owners own their runs without a further word
  run   INTEGER PRIMARY KEY,       -- runs.number
  fence INTEGER NOT NULL,          -- of the owner; a lease of an older fence is none
  until INTEGER NOT NULL           -- nanoseconds since 1970-01-01 UTC
);
)sql";

void record_format(Database& database) {
  database.execute(fmt::format("PRAGMA user_version = {}", store_format).c_str());
}

/// Where the chain of a run begins; none for a run that is not there, whose events nobody can ask for.
std::optional<std::string> begin_of(Statement& statement, std::int64_t run) {
  Rows rows = statement.query(run);
  if (!rows.next()) return std::nullopt;
  return chain_begin(rows.bytes(0), rows.bytes(1));
}

/// The hash of the event in the current row, which continues the chain of its run.
std::string next_hash(const Rows& rows, const std::string& head) {
  EntryView entry{static_cast<std::uint64_t>(rows.integer(2)),
                  static_cast<std::uint64_t>(rows.integer(3)),
                  rows.integer(4),
                  rows.bytes(5),
                  rows.bytes(6),
                  std::nullopt};
  if (!rows.is_null(7)) entry.output = rows.bytes(7);
  return chain_next(head, entry);
}

// One pass over all events with one of them in memory: those of different runs lie among each other.
void hash_events(Database& database) {
  Statement next_event(database, "SELECT e.id, e.run, e.seq, e.fence, e.time, e.type, e.data, o.bytes FROM events e "
                                 "LEFT JOIN outputs o ON o.event = e.id WHERE e.id > ? ORDER BY e.id LIMIT 1");
  Statement begin(database, "SELECT r.id, d.bytes FROM runs r JOIN documents d ON d.run = r.number WHERE r.number = ?");
  Statement put_hash(database, "UPDATE events SET hash = ? WHERE id = ?");
  std::unordered_map<std::int64_t, std::optional<std::string>> heads;
  for (std::int64_t id = std::numeric_limits<std::int64_t>::min();;) {
    std::optional<std::string>* head = nullptr;
    {
      Rows rows = next_event.query(id);
      if (!rows.next()) return;
      id = rows.integer(0);
      const std::int64_t run = rows.integer(1);
      const auto [known, is_new] = heads.try_emplace(run);
      head = &known->second;
      if (is_new) *head = begin_of(begin, run);
      if (*head) **head = next_hash(rows, **head);
    }
    if (*head) put_hash.execute(Bytes{**head}, id);
  }
}

} // namespace

std::int64_t format_of(Database& database) {
  return database.integer("PRAGMA user_version");
}

void create_tables(Database& database) {
  database.execute(schema);
  database.execute(messages_schema);
  database.execute(leases_schema);
  database.execute(fmt::format("PRAGMA application_id = {}", store_application_id).c_str());
  record_format(database);
}

// If it fails, the caller closes the connection, and that rolls it back.
void upgrade_store(Database& database) {
  if (format_of(database) == store_format) return;
  database.execute("BEGIN IMMEDIATE");
  const std::int64_t format = format_of(database);
  if (format < first_format_with_messages) database.execute(messages_schema);
  if (format < first_format_with_hashes) {
    database.execute(leases_schema);
    database.execute("ALTER TABLE events ADD COLUMN hash BLOB");
    hash_events(database);
  }
  record_format(database);
  database.execute("COMMIT");
}

} // namespace runbook
