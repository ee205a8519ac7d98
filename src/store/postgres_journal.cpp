#include "store/postgres_journal.hpp"

#include "names.hpp"
#include "store/refusal.hpp"
#include "store/status.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr Lease longest_lease = std::chrono::hours{24 * 365 * 100};

PostgresRequest look_for(const PostgresTables& tables, std::int64_t run, std::uint64_t seq) {
  return {&tables.look_for_append, std::move(PostgresParameters().add(run).add(seq))};
}

} // namespace

std::optional<std::string_view> owner_in(std::span<const Event> events) {
  std::optional<std::string_view> owner;
  for (const Event& event : events) {
    if (const auto* claimed = std::get_if<Claimed>(&event.data)) owner = claimed->owner;
  }
  return owner;
}

void add_events(PostgresParameters& parameters, std::span<const Event> events, std::span<const EncodedEvent> encoded,
                std::span<const Blob> blobs) {
  PostgresArray seqs(PostgresType::integer, events.size());
  PostgresArray times(PostgresType::integer, events.size());
  PostgresArray types(PostgresType::text, events.size());
  PostgresArray data(PostgresType::bytes, events.size());
  PostgresArray hashes(PostgresType::bytes, events.size());
  PostgresArray outputs(PostgresType::bytes, events.size());
  auto blob = blobs.begin();
  for (std::size_t i = 0; i < events.size(); ++i) {
    seqs.add(static_cast<std::int64_t>(events[i].seq));
    times.add(to_nanoseconds(events[i].time));
    types.add(type_name(events[i]));
    data.add(encoded[i].data);
    hashes.add(encoded[i].hash);
    if (blob != blobs.end() && blob->seq == events[i].seq)
      outputs.add((blob++)->bytes);
    else
      outputs.add_null();
  }
  for (PostgresArray* array : {&seqs, &times, &types, &data, &hashes, &outputs}) parameters.add(std::move(*array));
}

/// An append that has not been answered yet.
struct PostgresJournal::Pending {
  PostgresJournal* journal;
  Append* append;
  PostgresRun after; ///< where the run stands then
  std::vector<EncodedEvent> encoded;
  bool done = false;

  Pending(PostgresJournal& of, Append& what) : journal(&of), append(&what), after(of.run_) {
    encoded = encode_events(what.events, what.blobs, after.head);
    for (const Event& event : what.events) after.status = status_after(after.status, event.data);
    after.last_seq += what.events.size();
  }

  [[nodiscard]] PostgresRequest request(const PostgresTables& tables) const {
    PostgresParameters parameters;
    parameters.add(after.number).add(after.fence).add(journal->run_.last_seq).add(after.last_seq);
    parameters.add(std::string_view(after.head)).add(name_of(after.status)).add(owner_in(append->events));
    add_events(parameters, append->events, encoded, append->blobs);
    return {&tables.append, std::move(parameters)};
  }

  void succeed() {
    done = true;
    append->result = {};
    journal->run_ = after;
  }

  /// What the run's row and the event that would be the last one say: it was recorded, or why it was not.
  void settle(const PostgresConnection& connection, const PostgresRows& rows, bool refused) {
    if (rows.empty()) {
      fail(connection.error("is damaged: a run that was there is missing"));
    } else if (!rows.is_null(0, 2) && rows.bytes(0, 2) == after.head) {
      succeed();
    } else if (rows.number(0, 0) != after.fence) {
      fail(refusal::fenced(after.id, after.fence, rows.number(0, 0)));
    } else if (refused || rows.number(0, 1) != journal->run_.last_seq) {
      fail(connection.error(
          fmt::format("has event {} of run '{}' already: an append that was not answered was recorded, "
                      "and it was another one; nothing more was recorded",
                      rows.number(0, 1), printable(after.id))));
    }
  }

  void fail(Error error) {
    done = true;
    append->result = std::move(error);
  }
};

void PostgresJournal::append(PostgresLink& link, std::span<Append> appends) {
  std::vector<Pending> pending;
  pending.reserve(appends.size());
  for (Append& append : appends) pending.emplace_back(static_cast<PostgresJournal&>(*append.journal), append);
  // The rows are locked in this order, the same for all, so that two of them never wait for each other.
  std::sort(pending.begin(), pending.end(),
            [](const Pending& a, const Pending& b) { return a.after.number < b.after.number; });
  try {
    link.use([&](PostgresConnection& connection, bool again) { append(link, connection, again, pending); });
  } catch (const Exception& exception) {
    for (Pending& one : pending) {
      if (!one.done) one.fail(exception.error());
    }
  }
}

void PostgresJournal::append(PostgresLink& link, PostgresConnection& connection, bool again,
                             std::vector<Pending>& pending) {
  const auto settle = [&](bool refused) {
    std::vector<PostgresRequest> requests;
    std::vector<Pending*> open;
    for (Pending& one : pending) {
      if (one.done) continue;
      requests.push_back(look_for(link.tables(), one.after.number, one.after.last_seq));
      open.push_back(&one);
    }
    if (open.empty()) return;
    const auto rows = connection.exchange(requests);
    for (std::size_t i = 0; i < open.size(); ++i) open[i]->settle(connection, rows[i], refused);
  };
  if (again) settle(false);
  std::vector<PostgresRequest> requests;
  std::vector<Pending*> open;
  for (Pending& one : pending) {
    if (one.done) continue;
    requests.push_back(one.request(link.tables()));
    open.push_back(&one);
  }
  if (open.empty()) return;
  const auto rows = connection.exchange(requests);
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (rows[i].affected() == open[i]->append->events.size()) open[i]->succeed();
  }
  settle(true);
}

Result<void> PostgresJournal::do_append(std::span<const Event> events, std::span<const Blob> blobs) {
  if (auto usable = link_->check_process(); !usable) return usable;
  Append one{this, events, blobs, {}};
  append(*link_, {&one, 1});
  return one.result;
}

Error PostgresJournal::fenced(PostgresConnection& connection) const {
  const PostgresRows rows = connection.query(look_for(link_->tables(), run_.number, 0));
  if (rows.empty()) return connection.error("is damaged: a run that was there is missing");
  return refusal::fenced(run_.id, run_.fence, rows.number(0, 0));
}

// Done twice it is the same, so that it needs no look.
Result<void> PostgresJournal::do_renew(Lease lease) {
  if (auto usable = link_->check_process(); !usable) return usable;
  return link_->use([&](PostgresConnection& connection, bool) -> Result<void> {
    PostgresParameters parameters;
    parameters.add(run_.number).add(run_.fence);
    if (lease == Lease{0})
      parameters.add_null();
    else
      parameters.add(std::int64_t{std::clamp(lease, -longest_lease, longest_lease).count()});
    const PostgresRows rows = connection.query({&link_->tables().renew, std::move(parameters)});
    if (rows.affected() == 0) return fenced(connection);
    return {};
  });
}

} // namespace runbook
