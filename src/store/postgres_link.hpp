// A connection that the parts of a store share, and what they do when it breaks.
//
// Thread-safety: all functions may be called from any thread.
#pragma once

#include "store/postgres_connection.hpp"
#include "store/postgres_tables.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace runbook {

class PostgresLink {
public:
  PostgresLink(PostgresSettings settings, std::shared_ptr<const PostgresTables> tables);

  [[nodiscard]] const PostgresTables& tables() const noexcept { return *tables_; }
  [[nodiscard]] Error error(std::string_view what) const { return connection_.error(what); }
  /// An error in a forked child.
  [[nodiscard]] Result<void> check_process() const;

  /// Connects for the first time and sees to the tables. Tries no longer than it takes to be told no.
  void open();

  /// Does `work(connection, again)`. When the connection breaks meanwhile it is made anew, and `work` is done again:
  /// `again` says that it may have been done already, so that it looks before it repeats anything. All that takes no
  /// longer than the store's patience. Throws `Exception`.
  template <class Work>
  auto use(Work work) -> decltype(work(std::declval<PostgresConnection&>(), false)) {
    Attempts attempts = begin();
    for (;;) {
      try {
        connection_.connect(attempts.deadline, true);
        return work(connection_, attempts.in_doubt);
      } catch (...) {
        recover(attempts); // throws on when it was the last one
      }
    }
  }

private:
  struct Attempts {
    std::unique_lock<std::timed_mutex> lock;
    PostgresConnection::Clock::time_point deadline;
    bool in_doubt = false;
  };
  Attempts begin();
  void recover(Attempts& attempts);
  [[nodiscard]] Error doubtful(std::string_view words, bool in_doubt) const;

  std::shared_ptr<const PostgresTables> tables_;
  pid_t process_;
  std::timed_mutex mutex_;
  PostgresConnection connection_;
};

} // namespace runbook
