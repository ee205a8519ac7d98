#include "store/sqlite_rows.hpp"

#include "names.hpp"
#include "printable.hpp"

#include <limits>
#include <utility>

#include <fmt/format.h>

namespace runbook {

RunStatus read_status(Database& database, std::string_view word) {
  if (const auto status = enum_from<RunStatus>(word)) return *status;
  database.fail(fmt::format("is damaged: a run has the unknown status '{}'", printable(word)));
}

std::optional<RunRow> find_run(SqliteConnection& connection, std::string_view run) {
  Rows rows = connection.statements().find_run.query(run);
  if (!rows.next()) return std::nullopt;
  RunRow row;
  row.number = rows.integer(0);
  row.fence = static_cast<std::uint64_t>(rows.integer(1));
  row.status = read_status(connection.database(), rows.bytes(2));
  row.first_event = rows.integer(3);
  row.last_event = rows.optional_integer(4).value_or(std::numeric_limits<std::int64_t>::max());
  return row;
}

std::string read_document(SqliteConnection& connection, const RunRow& run) {
  Rows rows = connection.statements().read_document.query(run.number);
  if (!rows.next()) connection.database().fail("is damaged: the document of a run is missing");
  return std::string(rows.bytes(0));
}

std::int64_t last_event_id(SqliteConnection& connection) {
  Rows rows = connection.statements().last_event_id.query();
  return rows.next() ? rows.integer(0) : 0;
}

std::uint64_t last_seq(SqliteConnection& connection, const RunRow& run) {
  Rows rows = connection.statements().last_seq.query(run.first_event, run.last_event, run.number);
  return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
}

std::string head_of(SqliteConnection& connection, std::string_view id, const RunRow& run) {
  {
    Rows rows = chain_statements(connection).last_hash.query(run.first_event, run.last_event, run.number);
    if (rows.next() && rows.bytes(0).size() == chain_hash_size) return std::string(rows.bytes(0));
  }
  std::string head = chain_begin(id, read_document(connection, run));
  visit_entries(connection, run, [&](const JournalEntry& entry) {
    head = entry.hash.size() == chain_hash_size ? entry.hash : chain_next(head, view_of(entry));
    return true;
  });
  return head;
}

SqliteConnection::ChainStatements& chain_statements(SqliteConnection& connection) {
  auto* statements = connection.chain_statements();
  if (statements == nullptr) connection.database().fail("is damaged: it became one of an older version");
  return *statements;
}

void insert_events(SqliteConnection& connection, std::int64_t run, std::span<const Event> events,
                   std::span<const EncodedEvent> encoded, std::span<const Blob> blobs) {
  Statement& insert_event = chain_statements(connection).insert_event;
  auto blob = blobs.begin();
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    insert_event.execute(run, static_cast<std::int64_t>(event.seq), static_cast<std::int64_t>(event.fence),
                         to_nanoseconds(event.time), type_name(event), Bytes{encoded[i].data}, Bytes{encoded[i].hash});
    if (blob == blobs.end() || blob->seq != event.seq) continue;
    connection.statements().insert_output.execute(connection.database().last_inserted(), Bytes{blob->bytes});
    ++blob;
  }
}

void visit_entries(SqliteConnection& connection, const RunRow& run,
                   const std::function<bool(const JournalEntry&)>& visit) {
  auto* chain = connection.chain_statements();
  Statement& read = chain != nullptr ? chain->read_entries : connection.statements().read_old_entries;
  Rows rows = read.query(run.first_event, run.last_event, run.number);
  while (rows.next()) {
    JournalEntry entry{static_cast<std::uint64_t>(rows.integer(0)),
                       static_cast<std::uint64_t>(rows.integer(1)),
                       rows.integer(2),
                       std::string(rows.bytes(3)),
                       std::string(rows.bytes(4)),
                       std::nullopt,
                       std::string(rows.bytes(6))};
    if (!rows.is_null(5)) entry.output = rows.bytes(5);
    if (!visit(entry)) return;
  }
}

} // namespace runbook
