// The SQLite store. See docs/journal.md for the file.
#include "store/sqlite.hpp"

#include "names.hpp"
#include "printable.hpp"
#include "store/refusal.hpp"
#include "store/sqlite_connection.hpp"
#include "store/sqlite_journal.hpp"
#include "store/sqlite_rows.hpp"
#include "store/status.hpp"

#include <limits>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

using std::chrono::system_clock;

/// A row of `events`, not decoded yet.
struct EventRow {
  std::uint64_t seq = 0;
  std::uint64_t fence = 0;
  std::int64_t time = 0;
  std::string type;
  std::string data;
};

class SqliteStore final : public RunStore {
public:
  explicit SqliteStore(std::shared_ptr<SqliteConnection> connection) : connection_(std::move(connection)) {}

  [[nodiscard]] bool is_shared() const noexcept override { return true; }
  [[nodiscard]] std::string folder() const override { return connection_->path() + ".steps"; }

protected:
  Result<void> do_check() override { return connection_->check_process(); }

  Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override {
    return attempt([&]() -> Result<std::unique_ptr<Journal>> {
      const RunHeader& header = *std::get<RunCreated>(events.front().data).header;
      std::string head = chain_begin(header.run, document);
      const auto encoded = encode_events(events, {}, head);
      RunRow row{.fence = 1};
      for (const Event& event : events) row.status = status_after(row.status, event.data);
      const std::scoped_lock lock(connection_->mutex());
      WriteTransaction transaction(*connection_);
      if (find_run(*connection_, header.run)) return refusal::id_taken(header.run);
      row.number = insert_run(header, row.status, events);
      connection_->statements().insert_document.execute(row.number, Bytes{document});
      insert_events(*connection_, row.number, events, encoded, {});
      transaction.commit();
      return std::make_unique<SqliteJournal>(connection_, header.run, row, events.back().seq, std::move(head));
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
      const std::uint64_t newest = runbook::last_seq(*connection_, *row);
      if (last_seq != 0 && last_seq != newest) return refusal::went_on(run);
      std::string head = head_of(*connection_, run, *row);
      const Event claimed{newest + 1, row->fence + 1, now, owner};
      row->fence = claimed.fence;
      row->status = status_after(row->status, claimed.data);
      connection_->statements().update_owner.execute(static_cast<std::int64_t>(row->fence), name_of(row->status),
                                                     row->number);
      chain_statements(*connection_).remove_lease.execute(row->number);
      const auto encoded = encode_events({&claimed, 1}, {}, head);
      insert_events(*connection_, row->number, {&claimed, 1}, encoded, {});
      transaction.commit();
      return std::make_unique<SqliteJournal>(connection_, run, *row, claimed.seq, std::move(head));
    });
  }

  Result<std::vector<Event>> do_load(const std::string& run) override {
    return attempt([&]() -> Result<std::vector<Event>> {
      auto rows = read_events(run);
      if (!rows) return rows.error();
      std::vector<Event> events;
      events.reserve(rows->size());
      for (const EventRow& row : *rows) {
        auto data = decode_data(row.type, row.data);
        if (!data) damaged(run, row.seq, data.error().message);
        if (row.seq != events.size() + 1) damaged(run, events.size() + 1, "is missing");
        events.push_back({row.seq, row.fence, from_nanoseconds(row.time), std::move(*data)});
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
      return read_document(*connection_, *row);
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
                        read_status(connection_->database(), rows.bytes(2)), from_nanoseconds(rows.integer(3)),
                        std::string(rows.bytes(4))});
      }
      return runs;
    });
  }

  Result<void> do_entries(const std::string& run, const std::function<bool(const JournalEntry&)>& visit) override {
    return attempt([&]() -> Result<void> {
      const std::scoped_lock lock(connection_->mutex());
      const ReadTransaction transaction(*connection_);
      const auto row = find_run(*connection_, run);
      if (!row) return refusal::no_run(run);
      visit_entries(*connection_, *row, visit);
      return {};
    });
  }

  Result<Ownership> do_ownership(const std::string& run) override {
    return attempt([&]() -> Result<Ownership> {
      const std::scoped_lock lock(connection_->mutex());
      const ReadTransaction transaction(*connection_);
      const auto row = find_run(*connection_, run);
      if (!row) return refusal::no_run(run);
      return Ownership{owner_of(run, *row), row->fence, runbook::last_seq(*connection_, *row), lease_left(*row)};
    });
  }

  // Journals of other stores are appended to one by one.
  void do_append_together(std::span<Append> appends) override {
    std::vector<Append*> together;
    for (Append& append : appends) {
      const auto* journal = dynamic_cast<const SqliteJournal*>(append.journal);
      if (journal != nullptr && journal->writes_to(*connection_))
        together.push_back(&append);
      else
        RunStore::do_append_together({&append, 1});
    }
    if (together.empty()) return;
    const auto usable = connection_->check_process();
    if (usable) return SqliteJournal::append_together(*connection_, together);
    for (Append* append : together) append->result = usable;
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
      statements->insert.execute(row->number, number, to_nanoseconds(message.time), message.token,
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
            from_nanoseconds(rows.integer(1)),
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
    connection_->statements().insert_run.execute(
        header.run, header.title, header.actor, to_nanoseconds(events.front().time), name_of(status), before + 1, last);
    return connection_->database().last_inserted();
  }

  // The events of an owner begin with its claim; only who created the run may have others before it. Who asks again and
  // again, to see whether an owner lives, costs no search.
  std::string owner_of(const std::string& run, const RunRow& row) {
    const auto known = owners_.find(row.number);
    if (known != owners_.end() && known->second.fence == row.fence) return known->second.owner;
    auto& statements = connection_->statements();
    Statement& claim = row.fence == 1 ? statements.first_claim : statements.last_claim;
    Rows rows = claim.query(row.first_event, row.last_event, row.number, static_cast<std::int64_t>(row.fence));
    if (!rows.next()) return {};
    const auto data = decode_data("claimed", rows.bytes(0));
    if (!data)
      connection_->database().fail(
          fmt::format("is damaged: the claim of run '{}' {}", printable(run), data.error().message));
    constexpr std::size_t most = 10'000;
    if (owners_.size() >= most) owners_.clear();
    return (owners_[row.number] = {row.fence, std::get<Claimed>(*data).owner}).owner;
  }

  std::optional<Lease> lease_left(const RunRow& row) {
    auto* statements = connection_->chain_statements();
    if (statements == nullptr) return std::nullopt;
    Rows rows = statements->read_lease.query(row.number, static_cast<std::int64_t>(row.fence));
    if (!rows.next()) return std::nullopt;
    using std::chrono::floor; // in milliseconds nothing overflows
    return floor<Lease>(std::chrono::nanoseconds{rows.integer(0)}) -
           floor<Lease>(system_clock::now().time_since_epoch());
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
  struct KnownOwner {
    std::uint64_t fence = 0;
    std::string owner{};
  };
  std::unordered_map<std::int64_t, KnownOwner> owners_; ///< by number of the run
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
