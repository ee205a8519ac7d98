// The rows of a SQLite store that belong to a run: finding them, reading them and adding to them.
//
// Everything here is called with the connection's mutex held and in a transaction, and throws what `Database` throws.
#pragma once

#include "store/chain.hpp"
#include "store/sqlite_connection.hpp"

#include <runbook/error.hpp>
#include <runbook/event.hpp>
#include <runbook/store.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace runbook {

/// Does the work; what SQLite's wrapper throws becomes the result.
template <class Work>
auto attempt(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const Exception& exception) {
    return exception.error();
  }
}

/// A row of `runs`.
struct RunRow {
  std::int64_t number = 0;
  std::uint64_t fence = 0;
  RunStatus status = RunStatus::running;
  std::int64_t first_event = 0;
  std::int64_t last_event = 0; ///< at the latest
};

[[nodiscard]] RunStatus read_status(Database& database, std::string_view word);
[[nodiscard]] std::optional<RunRow> find_run(SqliteConnection& connection, std::string_view run);
[[nodiscard]] std::string read_document(SqliteConnection& connection, const RunRow& run);

/// The key of the newest event of all runs, or 0.
[[nodiscard]] std::int64_t last_event_id(SqliteConnection& connection);
/// The number of the run's newest event, or 0.
[[nodiscard]] std::uint64_t last_seq(SqliteConnection& connection, const RunRow& run);
/// The hash of the run's newest entry. What a program has recorded that knows no hashes is hashed for it.
[[nodiscard]] std::string head_of(SqliteConnection& connection, std::string_view id, const RunRow& run);

/// The statements that a writer needs. Fails if the file became one of an older version.
[[nodiscard]] SqliteConnection::ChainStatements& chain_statements(SqliteConnection& connection);

/// Adds events to the open transaction.
void insert_events(SqliteConnection& connection, std::int64_t run, std::span<const Event> events,
                   std::span<const EncodedEvent> encoded, std::span<const Blob> blobs);

/// The run's entries in order, as they are kept, until `visit` returns false.
void visit_entries(SqliteConnection& connection, const RunRow& run,
                   const std::function<bool(const JournalEntry&)>& visit);

} // namespace runbook
