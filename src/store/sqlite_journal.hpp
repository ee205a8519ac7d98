// The right to write to one run of a SQLite store.
//
// Ownership: a journal shares the store's connection. Thread-safety: as `Journal` says; journals of one connection take
// turns by its mutex.
#pragma once

#include "store/chain.hpp"
#include "store/sqlite_rows.hpp"

#include <runbook/store.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace runbook {

class SqliteJournal final : public Journal {
public:
  /// `head`: the hash of the run's newest entry.
  SqliteJournal(std::shared_ptr<SqliteConnection> connection, std::string run, const RunRow& row,
                std::uint64_t last_seq, std::string head);

  [[nodiscard]] bool writes_to(const SqliteConnection& connection) const noexcept {
    return connection_.get() == &connection;
  }

  /// Appends to journals of this connection in one commit.
  static void append_together(SqliteConnection& connection, std::span<Append* const> appends);

protected:
  Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) override;
  Result<void> do_renew(Lease lease) override;

private:
  /// What an append writes, and what the journal is when that is durable.
  struct Pending {
    std::vector<EncodedEvent> encoded;
    std::string head;
    RunStatus status = RunStatus::running;
  };
  [[nodiscard]] Pending prepare(std::span<const Event> events, std::span<const Blob> blobs) const;
  // Into the open transaction.
  Result<void> write(const Pending& pending, std::span<const Event> events, std::span<const Blob> blobs);
  void accept(Pending&& pending) noexcept;
  Result<void> check_fence();
  void record_status(RunStatus status);

  std::shared_ptr<SqliteConnection> connection_;
  std::string run_;
  std::int64_t number_;
  RunStatus status_;
  std::string head_;
};

} // namespace runbook
