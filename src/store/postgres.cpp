// The PostgreSQL store. See docs/journal.md for its tables.
#include <runbook/postgres.hpp>

#include "event/data_json.hpp"
#include "store/postgres_address.hpp"
#include "store/postgres_journal.hpp"
#include "store/postgres_writes.hpp"
#include "store/refusal.hpp"
#include "store/stored_event.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

using std::chrono::system_clock;

/// The server's numbers end there; nothing has a greater one.
std::uint64_t within_range(std::uint64_t number) {
  return std::min(number, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

PostgresParameters of_run(const std::string& run) {
  return std::move(PostgresParameters().add(std::string_view(run)));
}

class PostgresStore final : public RunStore {
public:
  /// The reader's connection is one of its own, so that a long read is not in the way of appends.
  PostgresStore(std::shared_ptr<PostgresLink> writer, std::shared_ptr<PostgresLink> reader, std::string folder)
      : writer_(std::move(writer)), reader_(std::move(reader)), folder_(std::move(folder)) {}

  [[nodiscard]] bool is_shared() const noexcept override { return true; }
  [[nodiscard]] std::string folder() const override { return folder_; }

protected:
  Result<void> do_check() override { return reader_->check_process(); }

  Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override {
    if (!writer_) return only_reads();
    return create_run(writer_, document, events);
  }

  Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner, system_clock::time_point now,
                                            std::uint64_t last_seq) override {
    if (!writer_) return only_reads();
    return claim_run(writer_, run, owner, now, last_seq);
  }

  void do_append_together(std::span<Append> appends) override {
    if (!writer_) return RunStore::do_append_together(appends);
    const bool own = std::all_of(appends.begin(), appends.end(), [&](const Append& append) {
      const auto* journal = dynamic_cast<const PostgresJournal*>(append.journal);
      return journal != nullptr && journal->writes_through(*writer_);
    });
    if (!own) return RunStore::do_append_together(appends);
    if (auto usable = writer_->check_process(); !usable) {
      for (Append& append : appends) append.result = usable;
      return;
    }
    PostgresJournal::append(*writer_, appends);
  }

  Result<std::uint64_t> do_post(const std::string& run, const Message& message) override {
    if (!writer_) return only_reads();
    return post_message(*writer_, run, message);
  }

  Result<std::vector<Event>> do_load(const std::string& run) override {
    std::vector<Event> events;
    const auto read = rows_of(run, tables().read_events, [&](const PostgresRows& row) {
      const JournalEntry entry{
          row.number(0, 0), row.number(0, 1), row.integer(0, 2), row.text(0, 3), row.text(0, 4), std::nullopt, {}};
      auto event = stored_event(entry);
      if (!event) throw Exception(damaged(run, entry.seq, event.error().message));
      if (event->seq != events.size() + 1) throw Exception(damaged(run, events.size() + 1, "is missing"));
      events.push_back(std::move(*event));
      return true;
    });
    if (!read) return read.error();
    return events;
  }

  Result<void> do_entries(const std::string& run, const std::function<bool(const JournalEntry&)>& visit) override {
    return rows_of(run, tables().read_entries, [&](const PostgresRows& row) {
      JournalEntry entry{row.number(0, 0), row.number(0, 1), row.integer(0, 2), row.text(0, 3),
                         row.text(0, 4),   std::nullopt,     row.text(0, 5)};
      if (!row.is_null(0, 6)) entry.output = row.text(0, 6);
      return visit(entry);
    });
  }

  Result<std::string> do_document(const std::string& run) override {
    const PostgresRows rows = read(tables().read_document, of_run(run));
    if (rows.empty()) return refusal::no_run(run);
    if (rows.is_null(0, 0)) return reader_->error("is damaged: the document of a run is missing");
    return rows.text(0, 0);
  }

  Result<std::string> do_output(const std::string& run, std::uint64_t seq) override {
    const PostgresRows rows = read(tables().read_output, std::move(of_run(run).add(within_range(seq))));
    if (rows.empty()) return refusal::no_run(run);
    if (rows.bytes(0, 0) != type_name(EventData(StepOutput{}))) return refusal::no_output(run, seq);
    return rows.text(0, 1);
  }

  Result<std::vector<RunSummary>> do_list() override {
    return reader_->use([&](PostgresConnection& connection, bool) -> Result<std::vector<RunSummary>> {
      const PostgresRows rows = connection.query({&tables().list, {}});
      std::vector<RunSummary> runs;
      runs.reserve(static_cast<std::size_t>(rows.count()));
      for (int i = 0; i < rows.count(); ++i) {
        runs.push_back({rows.text(i, 0), rows.text(i, 1), postgres_status(connection, rows.bytes(i, 2)),
                        from_nanoseconds(rows.integer(i, 3)), rows.text(i, 4)});
      }
      return runs;
    });
  }

  Result<std::vector<Message>> do_messages(const std::string& run, std::uint64_t after) override {
    const PostgresRows rows = read(tables().read_messages, std::move(of_run(run).add(within_range(after))));
    if (rows.empty()) return refusal::no_run(run);
    std::vector<Message> messages;
    for (int i = 0; i < rows.count() && !rows.is_null(i, 0); ++i) {
      messages.push_back({rows.number(i, 0), from_nanoseconds(rows.integer(i, 1)), rows.text(i, 2),
                          rows.integer(i, 3) != 0, rows.text(i, 4), rows.text(i, 5), rows.text(i, 6)});
    }
    return messages;
  }

  Result<Ownership> do_ownership(const std::string& run) override {
    const PostgresRows rows = read(tables().read_ownership, of_run(run));
    if (rows.empty()) return refusal::no_run(run);
    Ownership ownership{rows.text(0, 0), rows.number(0, 1), rows.number(0, 2), std::nullopt};
    if (!rows.is_null(0, 3)) ownership.lease_left = std::chrono::milliseconds{rows.integer(0, 3)};
    return ownership;
  }

private:
  [[nodiscard]] const PostgresTables& tables() const { return reader_->tables(); }
  [[nodiscard]] Error only_reads() const { return reader_->error("was opened to be read only"); }

  [[nodiscard]] Error damaged(const std::string& run, std::uint64_t seq, std::string_view what) const {
    return reader_->error(fmt::format("is damaged: event {} of run '{}' {}", seq, printable(run), what));
  }

  PostgresRows read(const PostgresStatement& statement, PostgresParameters parameters) {
    const PostgresRequest request{&statement, std::move(parameters)};
    return reader_->use([&](PostgresConnection& connection, bool) { return connection.query(request); });
  }

  /// Visits rows that begin with their number. If the connection breaks it goes on behind the last one.
  Result<void> rows_of(const std::string& run, const PostgresStatement& statement,
                       const std::function<bool(const PostgresRows&)>& visit) {
    std::uint64_t seen = 0;
    return reader_->use([&](PostgresConnection& connection, bool) -> Result<void> {
      const PostgresRows found = connection.query({&tables().read_run, of_run(run)});
      if (found.empty()) return refusal::no_run(run);
      PostgresParameters parameters;
      parameters.add(found.integer(0, 0)).add(seen);
      connection.stream({&statement, std::move(parameters)}, [&](const PostgresRows& row) {
        seen = row.number(0, 0);
        return visit(row);
      });
      return {};
    });
  }

  std::shared_ptr<PostgresLink> writer_; ///< null if it only reads
  std::shared_ptr<PostgresLink> reader_;
  std::string folder_;
};

std::optional<Error> flaw_of(const PostgresOptions& options) {
  constexpr std::size_t longest_name = 63; // a longer one would be cut off, and might be another's then
  const std::string& schema = options.schema;
  if (schema.empty() || schema.size() > longest_name || schema.find('\0') != std::string::npos) {
    return Error{
        errc::invalid_argument,
        fmt::format("'{}' can be no PostgreSQL schema: its name has 1 to {} bytes", printable(schema), longest_name),
        {}};
  }
  if (options.patience > std::chrono::milliseconds{0}) return std::nullopt;
  return Error{errc::invalid_argument, "a PostgreSQL store needs a patience of more than 0 ms", {}};
}

} // namespace

Result<std::shared_ptr<RunStore>> open_postgres(const std::string& connection, PostgresOptions options) {
  if (auto flaw = flaw_of(options)) return *std::move(flaw);
  const auto pq = postgres_library();
  if (!pq) return pq.error();
  auto words = postgres_words(**pq, connection);
  if (!words) return words.error();
  PostgresSettings settings{*pq, connection, std::move(*words), options.patience, !options.read_only};
  auto tables = std::make_shared<const PostgresTables>(options.schema);
  try {
    auto link = std::make_shared<PostgresLink>(settings, tables);
    link->open();
    if (options.read_only) return std::make_shared<PostgresStore>(nullptr, std::move(link), options.folder);
    settings.writes = false;
    auto reader = std::make_shared<PostgresLink>(settings, tables);
    return std::make_shared<PostgresStore>(std::move(link), std::move(reader), options.folder);
  } catch (const Exception& exception) {
    return exception.error();
  }
}

} // namespace runbook
