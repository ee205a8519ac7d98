#include "store/sqlite_journal.hpp"

#include "names.hpp"
#include "store/refusal.hpp"
#include "store/status.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

namespace runbook {

namespace {

using std::chrono::system_clock;

/// When a lease that begins now is over, in nanoseconds. One that is too long for that is over at the end of time.
std::int64_t end_of(Lease lease) {
  using std::chrono::duration_cast;
  using std::chrono::nanoseconds;
  const nanoseconds now = duration_cast<nanoseconds>(system_clock::now().time_since_epoch());
  const auto longest = duration_cast<Lease>(nanoseconds::max() - now);
  return (now + nanoseconds(std::clamp(lease, -longest, longest))).count();
}

} // namespace

SqliteJournal::SqliteJournal(std::shared_ptr<SqliteConnection> connection, std::string run, const RunRow& row,
                             std::uint64_t last_seq, std::string head)
    : Journal(row.fence, last_seq), connection_(std::move(connection)), run_(std::move(run)), number_(row.number),
      status_(row.status), head_(std::move(head)) {}

Result<void> SqliteJournal::do_append(std::span<const Event> events, std::span<const Blob> blobs) {
  if (auto usable = connection_->check_process(); !usable) return usable;
  return attempt([&]() -> Result<void> {
    Pending pending = prepare(events, blobs);
    const std::scoped_lock lock(connection_->mutex());
    WriteTransaction transaction(*connection_);
    if (auto written = write(pending, events, blobs); !written) return written;
    transaction.commit();
    accept(std::move(pending));
    return {};
  });
}

void SqliteJournal::append_together(SqliteConnection& connection, std::span<Append* const> appends) {
  struct Work {
    Append* append;
    SqliteJournal* journal;
    Pending pending;
  };
  std::vector<Work> works;
  for (Append* append : appends) {
    auto* journal = static_cast<SqliteJournal*>(append->journal);
    auto pending = attempt([&]() -> Result<Pending> { return journal->prepare(append->events, append->blobs); });
    if (pending)
      works.push_back({append, journal, std::move(*pending)});
    else
      append->result = std::move(pending).error();
  }
  if (works.empty()) return;
  const auto committed = attempt([&]() -> Result<void> {
    const std::scoped_lock lock(connection.mutex());
    WriteTransaction transaction(connection);
    for (Work& work : works) {
      work.append->result = work.journal->write(work.pending, work.append->events, work.append->blobs);
    }
    transaction.commit();
    return {};
  });
  for (Work& work : works) {
    if (!work.append->result) continue; // it was taken over
    if (committed)
      work.journal->accept(std::move(work.pending));
    else
      work.append->result = committed.error();
  }
}

Result<void> SqliteJournal::do_renew(Lease lease) {
  if (auto usable = connection_->check_process(); !usable) return usable;
  return attempt([&]() -> Result<void> {
    const std::scoped_lock lock(connection_->mutex());
    WriteTransaction transaction(*connection_);
    if (auto owned = check_fence(); !owned) return owned;
    auto& statements = chain_statements(*connection_);
    if (lease == Lease::zero())
      statements.remove_lease.execute(number_);
    else
      statements.put_lease.execute(number_, static_cast<std::int64_t>(fence()), end_of(lease));
    transaction.commit();
    return {};
  });
}

// Before anything is locked, and where it cannot fail others.
SqliteJournal::Pending SqliteJournal::prepare(std::span<const Event> events, std::span<const Blob> blobs) const {
  Pending pending{{}, head_, status_};
  pending.encoded = encode_events(events, blobs, pending.head);
  for (const Event& event : events) pending.status = status_after(pending.status, event.data);
  return pending;
}

Result<void> SqliteJournal::write(const Pending& pending, std::span<const Event> events, std::span<const Blob> blobs) {
  if (auto owned = check_fence(); !owned) return owned;
  insert_events(*connection_, number_, events, pending.encoded, blobs);
  if (pending.status != status_ || pending.status != RunStatus::running) record_status(pending.status);
  return {};
}

void SqliteJournal::accept(Pending&& pending) noexcept {
  status_ = pending.status;
  head_ = std::move(pending.head);
}

Result<void> SqliteJournal::check_fence() {
  Rows rows = connection_->statements().read_fence.query(number_);
  if (!rows.next()) connection_->database().fail("is damaged: a run that was there is missing");
  const auto current = static_cast<std::uint64_t>(rows.integer(0));
  if (current != fence()) return refusal::fenced(run_, fence(), current);
  return {};
}

// A run that stands still also says where its events end, so that reading it looks no further.
void SqliteJournal::record_status(RunStatus status) {
  std::optional<std::int64_t> last;
  if (status != RunStatus::running) last = last_event_id(*connection_);
  connection_->statements().update_status.execute(name_of(status), last, number_);
}

} // namespace runbook
