// The right to write to a run of a PostgreSQL store, and appends to several runs in one transaction.
//
// Thread-safety: a journal belongs to one thread at a time. It keeps the connection alive.
#pragma once

#include "store/chain.hpp"
#include "store/postgres_link.hpp"

#include <runbook/store.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// Where a run stands.
struct PostgresRun {
  std::string id{};
  std::int64_t number = 0;
  std::uint64_t fence = 0;
  std::uint64_t last_seq = 0;
  RunStatus status = RunStatus::running;
  std::string head{}; ///< the hash of the last event
};

/// The owner that the last of these events names, if one does.
[[nodiscard]] std::optional<std::string_view> owner_in(std::span<const Event> events);

/// Adds what the store keeps of events, column by column: seq, time, type, data, hash, output.
void add_events(PostgresParameters& parameters, std::span<const Event> events, std::span<const EncodedEvent> encoded,
                std::span<const Blob> blobs);

class PostgresJournal final : public Journal {
public:
  PostgresJournal(std::shared_ptr<PostgresLink> link, PostgresRun run)
      : Journal(run.fence, run.last_seq), link_(std::move(link)), run_(std::move(run)) {}

  /// All in one transaction, with the results filled in. The journals are of this link.
  static void append(PostgresLink& link, std::span<Append> appends);
  [[nodiscard]] bool writes_through(const PostgresLink& link) const noexcept { return link_.get() == &link; }

protected:
  Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) override;
  Result<void> do_renew(Lease lease) override;

private:
  struct Pending;
  static void append(PostgresLink& link, PostgresConnection& connection, bool again, std::vector<Pending>& pending);
  [[nodiscard]] Error fenced(PostgresConnection& connection) const;

  std::shared_ptr<PostgresLink> link_;
  PostgresRun run_;
};

} // namespace runbook
