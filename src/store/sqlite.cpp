// The SQLite store. See docs/journal.md for the file.
#include "store/sqlite.hpp"

#include "event/data_json.hpp"
#include "event/members.hpp"
#include "event/value_json.hpp"
#include "store/refusal.hpp"
#include "store/sqlite_connection.hpp"
#include "store/status.hpp"

#include <limits>
#include <utility>

namespace runbook {

namespace {

using std::chrono::system_clock;

std::int64_t to_integer(system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

system_clock::time_point to_time(std::int64_t nanoseconds) {
  return system_clock::time_point(
      std::chrono::duration_cast<system_clock::duration>(std::chrono::nanoseconds{nanoseconds}));
}

/// Does the work; what SQLite's wrapper throws becomes the result.
template <class Work>
auto attempt(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const Exception& exception) {
    return exception.error();
  }
}

/// The JSON of each event, made before anything is locked.
std::vector<std::string> encode(std::span<const Event> events) {
  std::vector<std::string> encoded;
  encoded.reserve(events.size());
  for (const Event& event : events) {
    Values object;
    write_data(object, event.data, nullptr);
    encoded.push_back(write_journal_json(std::move(object)).value());
  }
  return encoded;
}

/// A row of `runs`.
struct RunRow {
  std::int64_t number = 0;
  std::uint64_t fence = 0;
  RunStatus status = RunStatus::running;
  std::int64_t first_event = 0;
  std::int64_t last_event = 0; ///< at the latest
};

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

std::int64_t last_event_id(SqliteConnection& connection) {
  Rows rows = connection.statements().last_event_id.query();
  return rows.next() ? rows.integer(0) : 0;
}

/// Adds events to the open transaction.
void insert_events(SqliteConnection& connection, std::int64_t run, std::span<const Event> events,
                   std::span<const std::string> encoded, std::span<const Blob> blobs) {
  auto& statements = connection.statements();
  auto blob = blobs.begin();
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    statements.insert_event.execute(run, static_cast<std::int64_t>(event.seq), static_cast<std::int64_t>(event.fence),
                                    to_integer(event.time), type_name(event), Bytes{encoded[i]});
    if (blob == blobs.end() || blob->seq != event.seq) continue;
    statements.insert_output.execute(connection.database().last_inserted(), Bytes{blob->bytes});
    ++blob;
  }
}

class SqliteJournal final : public Journal {
public:
  SqliteJournal(std::shared_ptr<SqliteConnection> connection, std::string run, const RunRow& row,
                std::uint64_t last_seq)
      : Journal(row.fence, last_seq), connection_(std::move(connection)), run_(std::move(run)), number_(row.number),
        status_(row.status) {}

protected:
  Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) override {
    if (auto usable = connection_->check_process(); !usable) return usable;
    return attempt([&]() -> Result<void> {
      const std::vector<std::string> encoded = encode(events);
      RunStatus status = status_;
      for (const Event& event : events) status = status_after(status, event.data);
      const std::scoped_lock lock(connection_->mutex());
      WriteTransaction transaction(*connection_);
      if (const auto current = current_fence(); current != fence()) return refusal::fenced(run_, fence(), current);
      insert_events(*connection_, number_, events, encoded, blobs);
      if (status != status_ || status != RunStatus::running) record_status(status);
      transaction.commit();
      status_ = status;
      return {};
    });
  }

private:
  std::uint64_t current_fence() {
    Rows rows = connection_->statements().read_fence.query(number_);
    if (!rows.next()) connection_->database().fail("is damaged: a run that was there is missing");
    return static_cast<std::uint64_t>(rows.integer(0));
  }

  // A run that stands still also says where its events end, so that reading it looks no further.
  void record_status(RunStatus status) {
    std::optional<std::int64_t> last;
    if (status != RunStatus::running) last = last_event_id(*connection_);
    connection_->statements().update_status.execute(name_of(status), last, number_);
  }

  std::shared_ptr<SqliteConnection> connection_;
  std::string run_;
  std::int64_t number_;
  RunStatus status_;
};

/// A row of `events`, not decoded yet.
struct EventRow {
  std::uint64_t seq = 0;
  std::uint64_t fence = 0;
  std::int64_t time = 0;
  std::string type;
  std::string data;
};

Result<Event> decode(const EventRow& row) {
  auto value = read_journal_json(row.data);
  if (!value) return value.error();
  if (!value->is_object()) return Error{errc::store_error, "is no JSON object", {}};
  Members members(value->get_object());
  auto data = read_data(row.type, members);
  if (!data) return data.error();
  return Event{row.seq, row.fence, to_time(row.time), std::move(*data)};
}

class SqliteStore final : public RunStore {
public:
  explicit SqliteStore(std::shared_ptr<SqliteConnection> connection) : connection_(std::move(connection)) {}

  [[nodiscard]] bool is_shared() const noexcept override { return true; }

protected:
  Result<void> do_check() override { return connection_->check_process(); }

  Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override {
    return attempt([&]() -> Result<std::unique_ptr<Journal>> {
      const RunHeader& header = *std::get<RunCreated>(events.front().data).header;
      const std::vector<std::string> encoded = encode(events);
      RunRow row{.fence = 1};
      for (const Event& event : events) row.status = status_after(row.status, event.data);
      const std::scoped_lock lock(connection_->mutex());
      WriteTransaction transaction(*connection_);
      if (find_run(*connection_, header.run)) return refusal::id_taken(header.run);
      row.number = insert_run(header, row.status, events);
      connection_->statements().insert_document.execute(row.number, Bytes{document});
      insert_events(*connection_, row.number, events, encoded, {});
      transaction.commit();
      return std::make_unique<SqliteJournal>(connection_, header.run, row, events.back().seq);
    });
  }

  Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner, system_clock::time_point now,
                                            std::uint64_t last_seq) override {
    return attempt([&]() -> Result<std::unique_ptr<Journal>> {
      const std::scoped_lock lock(connection_->mutex());
      WriteTransaction transaction(*connection_);
      auto row = find_run(*connection_, run);
      if (!row) return refusal::no_run(run);
      if (has_ended(row->status)) return refusal::has_ended(run, row->status);
      const std::uint64_t newest = this->newest(*row);
      if (last_seq != 0 && last_seq != newest) return refusal::went_on(run);
      const Event claimed{newest + 1, row->fence + 1, now, owner};
      row->fence = claimed.fence;
      row->status = status_after(row->status, claimed.data);
      connection_->statements().update_owner.execute(static_cast<std::int64_t>(row->fence), name_of(row->status),
                                                     row->number);
      const std::vector<std::string> encoded = encode({&claimed, 1});
      insert_events(*connection_, row->number, {&claimed, 1}, encoded, {});
      transaction.commit();
      return std::make_unique<SqliteJournal>(connection_, run, *row, claimed.seq);
    });
  }

  Result<std::vector<Event>> do_load(const std::string& run) override {
    return attempt([&]() -> Result<std::vector<Event>> {
      auto rows = read_events(run);
      if (!rows) return rows.error();
      std::vector<Event> events;
      events.reserve(rows->size());
      for (const EventRow& row : *rows) {
        auto event = decode(row);
        if (!event) damaged(run, row.seq, event.error().message);
        if (event->seq != events.size() + 1) damaged(run, events.size() + 1, "is missing");
        events.push_back(std::move(*event));
      }
      return events;
    });
  }

  Result<std::string> do_document(const std::string& run) override {
    return attempt([&]() -> Result<std::string> {
      const std::scoped_lock lock(connection_->mutex());
      const ReadTransaction transaction(*connection_);
      const auto row = find_run(*connection_, run);
      if (!row) return refusal::no_run(run);
      Rows rows = connection_->statements().read_document.query(row->number);
      if (!rows.next()) connection_->database().fail("is damaged: the document of a run is missing");
      return std::string(rows.bytes(0));
    });
  }

  Result<std::string> do_output(const std::string& run, std::uint64_t seq) override {
    return attempt([&]() -> Result<std::string> {
      const std::scoped_lock lock(connection_->mutex());
      const ReadTransaction transaction(*connection_);
      const auto row = find_run(*connection_, run);
      if (!row) return refusal::no_run(run);
      const auto event = event_id(*row, seq);
      if (!event || !is_output(*event)) return refusal::no_output(run, seq);
      Rows rows = connection_->statements().read_output.query(*event);
      return rows.next() ? std::string(rows.bytes(0)) : std::string();
    });
  }

  Result<std::vector<RunSummary>> do_list() override {
    return attempt([&]() -> Result<std::vector<RunSummary>> {
      const std::scoped_lock lock(connection_->mutex());
      std::vector<RunSummary> runs;
      Rows rows = connection_->statements().list_runs.query();
      while (rows.next()) {
        runs.push_back({std::string(rows.bytes(0)), std::string(rows.bytes(1)),
                        read_status(connection_->database(), rows.bytes(2)), to_time(rows.integer(3)),
                        std::string(rows.bytes(4))});
      }
      return runs;
    });
  }

  Result<std::uint64_t> do_post(const std::string& run, const Message& message) override {
    return attempt([&]() -> Result<std::uint64_t> {
      const std::scoped_lock lock(connection_->mutex());
      WriteTransaction transaction(*connection_);
      const auto row = find_run(*connection_, run);
      if (!row) return refusal::no_run(run);
      if (has_ended(row->status)) return refusal::takes_no_message(run, row->status);
      auto* statements = connection_->message_statements();
      if (statements == nullptr) connection_->database().fail("is damaged: it became one of an older version");
      const std::int64_t number = last_message(*statements, row->number) + 1;
      statements->insert.execute(row->number, number, to_integer(message.time), message.token,
                                 std::int64_t{message.yes}, message.text, message.who, message.note);
      transaction.commit();
      return static_cast<std::uint64_t>(number);
    });
  }

  Result<std::vector<Message>> do_messages(const std::string& run, std::uint64_t after) override {
    return attempt([&]() -> Result<std::vector<Message>> {
      const std::scoped_lock lock(connection_->mutex());
      const ReadTransaction transaction(*connection_);
      const auto row = find_run(*connection_, run);
      if (!row) return refusal::no_run(run);
      std::vector<Message> messages;
      auto* statements = connection_->message_statements();
      constexpr auto last = std::uint64_t{std::numeric_limits<std::int64_t>::max()};
      if (statements == nullptr || after >= last) return messages;
      Rows rows = statements->read.query(row->number, static_cast<std::int64_t>(after));
      while (rows.next()) messages.push_back(read_message(rows));
      return messages;
    });
  }

private:
  static std::int64_t last_message(SqliteConnection::MessageStatements& statements, std::int64_t run) {
    Rows rows = statements.last_number.query(run);
    return rows.next() ? rows.integer(0) : 0;
  }

  static Message read_message(const Rows& rows) {
    return {static_cast<std::uint64_t>(rows.integer(0)),
            to_time(rows.integer(1)),
            std::string(rows.bytes(2)),
            rows.integer(3) != 0,
            std::string(rows.bytes(4)),
            std::string(rows.bytes(5)),
            std::string(rows.bytes(6))};
  }

  std::int64_t insert_run(const RunHeader& header, RunStatus status, std::span<const Event> events) {
    const std::int64_t before = last_event_id(*connection_);
    std::optional<std::int64_t> last;
    if (status != RunStatus::running) last = before + static_cast<std::int64_t>(events.size());
    connection_->statements().insert_run.execute(header.run, header.title, header.actor,
                                                 to_integer(events.front().time), name_of(status), before + 1, last);
    return connection_->database().last_inserted();
  }

  std::uint64_t newest(const RunRow& row) {
    Rows rows = connection_->statements().last_seq.query(row.first_event, row.last_event, row.number);
    return rows.next() ? static_cast<std::uint64_t>(rows.integer(0)) : 0;
  }

  // Taken as they are, so that the connection is free for appends while they are decoded.
  Result<std::vector<EventRow>> read_events(const std::string& run) {
    const std::scoped_lock lock(connection_->mutex());
    const ReadTransaction transaction(*connection_);
    const auto row = find_run(*connection_, run);
    if (!row) return refusal::no_run(run);
    std::vector<EventRow> events;
    Rows rows = connection_->statements().read_events.query(row->first_event, row->last_event, row->number);
    while (rows.next()) {
      events.push_back({static_cast<std::uint64_t>(rows.integer(0)), static_cast<std::uint64_t>(rows.integer(1)),
                        rows.integer(2), std::string(rows.bytes(3)), std::string(rows.bytes(4))});
    }
    return events;
  }

  // The events of the run whose outputs were asked for last, by number: reading all outputs of a run looks at its
  // events once.
  std::optional<std::int64_t> event_id(const RunRow& row, std::uint64_t seq) {
    if (numbered_run_ != row.number) {
      numbered_run_ = row.number;
      event_ids_.clear();
    }
    if (seq == 0) return std::nullopt;
    if (seq > event_ids_.size()) {
      const std::int64_t first = event_ids_.empty() ? row.first_event : event_ids_.back() + 1;
      Rows rows = connection_->statements().number_events.query(first, row.last_event, row.number);
      while (rows.next()) event_ids_.push_back(rows.integer(0));
    }
    if (seq > event_ids_.size()) return std::nullopt;
    return event_ids_[seq - 1];
  }

  bool is_output(std::int64_t event) {
    Rows rows = connection_->statements().read_type.query(event);
    return rows.next() && rows.bytes(0) == "step_output";
  }

  [[noreturn]] void damaged(std::string_view run, std::uint64_t seq, std::string_view what) {
    connection_->database().fail(fmt::format("is damaged: event {} of run '{}' {}", seq, printable(run), what));
  }

  std::shared_ptr<SqliteConnection> connection_;
  std::int64_t numbered_run_ = 0;
  std::vector<std::int64_t> event_ids_;
};

} // namespace

Result<std::shared_ptr<RunStore>> open_sqlite(const std::string& path, SqliteOptions options, SqliteTuning tuning) {
  return attempt([&]() -> Result<std::shared_ptr<RunStore>> {
    return std::make_shared<SqliteStore>(std::make_shared<SqliteConnection>(path, options, tuning));
  });
}

Result<std::shared_ptr<RunStore>> open_sqlite(const std::string& path, SqliteOptions options) {
  return open_sqlite(path, options, SqliteTuning{});
}

} // namespace runbook
