#include "store/postgres_writes.hpp"

#include "names.hpp"
#include "store/postgres_journal.hpp"
#include "store/refusal.hpp"
#include "store/status.hpp"

#include <sys/random.h>

#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

std::string new_mark() {
  std::string bytes(16, '\0');
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw Exception({errc::store_error, "the system gives no random bytes", {}});
  }
  return bytes;
}

Error being_claimed(std::string_view run) {
  return {errc::fenced, fmt::format("run '{}' is being taken over by somebody else right now", printable(run)), {}};
}

/// A run that is to be created.
struct Creation {
  std::string_view document;
  std::span<const Event> events;
  PostgresRun run;
  std::vector<EncodedEvent> encoded;
  std::string mark = new_mark();

  Creation(std::string_view the_document, std::span<const Event> the_events)
      : document(the_document), events(the_events), run{.fence = 1, .last_seq = the_events.back().seq} {
    run.id = std::get<RunCreated>(events.front().data).header->run;
    run.head = chain_begin(run.id, document);
    encoded = encode_events(events, {}, run.head);
    for (const Event& event : events) run.status = status_after(run.status, event.data);
  }

  /// Its number, unless there is a run of its name.
  [[nodiscard]] PostgresRows insert(PostgresConnection& connection, const PostgresTables& tables) const {
    const RunHeader& header = *std::get<RunCreated>(events.front().data).header;
    PostgresParameters parameters;
    parameters.add(std::string_view(run.id)).add(std::string_view(header.title)).add(std::string_view(header.actor));
    parameters.add(to_nanoseconds(events.front().time)).add(name_of(run.status));
    parameters.add(owner_in(events).value_or(std::string_view())).add(run.last_seq);
    parameters.add(std::string_view(run.head)).add(std::string_view(mark)).add(document);
    add_events(parameters, events, encoded, {});
    return connection.query({&tables.create, std::move(parameters)});
  }

  /// Its number, if an earlier attempt has recorded it.
  [[nodiscard]] PostgresRows look(PostgresConnection& connection, const PostgresTables& tables) const {
    PostgresParameters parameters;
    parameters.add(std::string_view(run.id)).add(std::string_view(mark));
    return connection.query({&tables.look_for_run, std::move(parameters)});
  }
};

/// A run that is to be taken over. A transaction is open from `lock` on.
class Claim {
public:
  Claim(PostgresLink& link, PostgresConnection& connection, const std::string& run)
      : tables_(link.tables()), connection_(connection), id_(run), key_(advisory_key("claim", tables_.schema, run)) {}

  /// Whoever appends or leaves a message is waited for; whoever else claims is not, unless that may be an earlier
  /// attempt of this very claim.
  Result<void> lock(bool may_be_own) {
    std::vector<PostgresRequest> requests;
    requests.push_back({&tables_.begin, {}});
    if (may_be_own) requests.push_back({&tables_.lock, std::move(PostgresParameters().add(key_))});
    requests.push_back({&tables_.has_run, std::move(PostgresParameters().add(std::string_view(id_)))});
    requests.push_back({&tables_.lock_run, std::move(PostgresParameters().add(std::string_view(id_)).add(key_))});
    const auto answers = connection_.exchange(requests);
    const PostgresRows& row = answers.back();
    if (answers[answers.size() - 2].empty()) return refusal::no_run(id_);
    if (row.empty()) return being_claimed(id_);
    run_ = {id_,
            row.integer(0, 0),
            row.number(0, 1),
            row.number(0, 3),
            postgres_status(connection_, row.bytes(0, 2)),
            row.text(0, 4)};
    mark_ = row.text(0, 5);
    return {};
  }

  [[nodiscard]] const PostgresRun& run() const noexcept { return run_; }
  /// Of whoever has claimed it last.
  [[nodiscard]] const std::string& mark() const noexcept { return mark_; }

  PostgresRun take(const Claimed& owner, std::chrono::system_clock::time_point now, std::string_view mark) {
    const Event claimed{run_.last_seq + 1, run_.fence + 1, now, owner};
    PostgresRun after{id_, run_.number, claimed.fence, claimed.seq, status_after(run_.status, claimed.data), run_.head};
    const auto encoded = encode_events({&claimed, 1}, {}, after.head);
    PostgresParameters parameters;
    parameters.add(run_.number).add(run_.fence).add(run_.last_seq).add(after.fence).add(std::string_view(owner.owner));
    parameters.add(name_of(after.status)).add(std::string_view(after.head)).add(mark);
    parameters.add(to_nanoseconds(now)).add(type_name(claimed)).add(std::string_view(encoded.front().data));
    std::vector<PostgresRequest> requests;
    requests.push_back({&tables_.take, std::move(parameters)});
    requests.push_back({&tables_.commit, {}});
    static_cast<void>(connection_.exchange(requests));
    return after;
  }

  void give_up() { static_cast<void>(connection_.query({&tables_.rollback, {}})); }

private:
  const PostgresTables& tables_;
  PostgresConnection& connection_;
  std::string id_;
  std::int64_t key_;
  PostgresRun run_;
  std::string mark_;
};

PostgresRequest message_request(const PostgresTables& tables, const std::string& run, const Message& message,
                                std::string_view mark) {
  PostgresParameters parameters;
  parameters.add(std::string_view(run)).add(to_nanoseconds(message.time)).add(std::string_view(message.token));
  parameters.add(std::int64_t{message.yes}).add(std::string_view(message.text)).add(std::string_view(message.who));
  parameters.add(std::string_view(message.note)).add(mark);
  return {&tables.post, std::move(parameters)};
}

Error no_message(PostgresConnection& connection, const PostgresTables& tables, const std::string& run) {
  const PostgresRows rows =
      connection.query({&tables.has_run, std::move(PostgresParameters().add(std::string_view(run)))});
  if (rows.empty()) return refusal::no_run(run);
  return refusal::takes_no_message(run, postgres_status(connection, rows.bytes(0, 0)));
}

} // namespace

RunStatus postgres_status(const PostgresConnection& connection, std::string_view word) {
  if (const auto status = enum_from<RunStatus>(word)) return *status;
  throw Exception(connection.error(fmt::format("is damaged: a run has the unknown status '{}'", printable(word))));
}

Result<std::unique_ptr<Journal>> create_run(const std::shared_ptr<PostgresLink>& link, std::string_view document,
                                            std::span<const Event> events) {
  Creation creation(document, events);
  return link->use([&](PostgresConnection& connection, bool again) -> Result<std::unique_ptr<Journal>> {
    const PostgresTables& tables = link->tables();
    std::optional<PostgresRows> row;
    if (again) row = creation.look(connection, tables);
    if (!row || row->empty()) row = creation.insert(connection, tables);
    if (row->empty()) row = creation.look(connection, tables); // an earlier attempt may have come through after all
    if (row->empty()) return refusal::id_taken(creation.run.id);
    PostgresRun run = creation.run;
    run.number = row->integer(0, 0);
    return std::make_unique<PostgresJournal>(link, std::move(run));
  });
}

Result<std::unique_ptr<Journal>> claim_run(const std::shared_ptr<PostgresLink>& link, const std::string& run,
                                           const Claimed& owner, std::chrono::system_clock::time_point now,
                                           std::uint64_t last_seq) {
  const std::string mark = new_mark();
  return link->use([&](PostgresConnection& connection, bool again) -> Result<std::unique_ptr<Journal>> {
    Claim claim(*link, connection, run);
    Result<void> open = claim.lock(again);
    const PostgresRun& before = claim.run();
    const bool done = open && again && claim.mark() == mark;
    if (open && !done && has_ended(before.status)) open = refusal::has_ended(run, before.status);
    if (open && !done && last_seq != 0 && last_seq != before.last_seq) open = refusal::went_on(run);
    if (!open || done) claim.give_up();
    if (!open) return open.error();
    return std::make_unique<PostgresJournal>(link, done ? before : claim.take(owner, now, mark));
  });
}

Result<std::uint64_t> post_message(PostgresLink& link, const std::string& run, const Message& message) {
  const std::string mark = new_mark();
  return link.use([&](PostgresConnection& connection, bool again) -> Result<std::uint64_t> {
    const PostgresTables& tables = link.tables();
    const auto look = [&] {
      return connection.query({&tables.look_for_message, std::move(PostgresParameters().add(std::string_view(mark)))});
    };
    if (again) {
      if (const PostgresRows there = look(); !there.empty()) return there.number(0, 0);
    }
    std::optional<PostgresRows> row;
    try {
      row = connection.query(message_request(tables, run, message, mark));
    } catch (const PostgresRefusal& refusal) {
      if (!refusal.is_duplicate()) throw;
    }
    if (!row || row->empty()) row = look(); // an earlier attempt may have come through after all
    if (row->empty()) return no_message(connection, tables, run);
    return row->number(0, 0);
  });
}

} // namespace runbook
