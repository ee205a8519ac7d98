// One connection to a PostgreSQL server, none of whose calls waits beyond its deadline.
//
// Statements are sent in pipelines: any number of them in one round trip, which the server takes as one transaction
// unless they begin one themselves. They are prepared when a connection first needs them.
//
// Thread-safety: one thread at a time. Ownership: the statements must outlive the connection.
#pragma once

#include "store/postgres_library.hpp"
#include "store/postgres_values.hpp"

#include <sys/types.h>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// What a connection is made from.
struct PostgresSettings {
  const PostgresLibrary* pq = nullptr;
  std::string connection{}; ///< may hold a password, so it is never shown
  std::string server{};     ///< in words
  std::chrono::milliseconds patience{};
  /// Writes, and ends what it began at its deadline; else it only reads, and goes on while the server sends.
  bool writes = false;
};

struct PostgresStatement {
  std::string name{}; ///< empty: it is used once and need not stay prepared
  std::string sql{};
};

struct PostgresRequest {
  const PostgresStatement* statement = nullptr;
  PostgresParameters parameters{};
};

/// The connection broke or its time was over while the server had something to do: what became of it is not known.
class PostgresLost final : public std::exception {
public:
  PostgresLost(std::string words, bool timed_out) : words_(std::move(words)), timed_out_(timed_out) {}
  [[nodiscard]] const char* what() const noexcept override { return words_.c_str(); }
  [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }

private:
  std::string words_;
  bool timed_out_;
};

/// The server refused: nothing of the transaction was recorded.
class PostgresRefusal final : public Exception {
public:
  PostgresRefusal(Error error, std::string state) : Exception(std::move(error)), state_(std::move(state)) {}
  [[nodiscard]] bool is_duplicate() const noexcept { return state_ == "23505"; }
  /// For no fault of its own: it met another transaction.
  [[nodiscard]] bool may_be_repeated() const noexcept { return state_ == "40001" || state_ == "40P01"; }

private:
  std::string state_;
};

class PostgresConnection {
public:
  using Clock = std::chrono::steady_clock;

  explicit PostgresConnection(PostgresSettings settings) : settings_(std::move(settings)) {}
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;
  ~PostgresConnection() { close(); }

  [[nodiscard]] const PostgresSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] Error error(std::string_view what) const;

  /// Connects if it is not connected. `insist`: a server that cannot be reached is tried until the deadline, which also
  /// holds for what follows. Throws `Exception`.
  void connect(Clock::time_point deadline, bool insist);
  void close() noexcept;

  /// The rows of each request. Throws `PostgresLost` or `PostgresRefusal`.
  std::vector<PostgresRows> exchange(std::span<const PostgresRequest> requests);
  PostgresRows query(const PostgresRequest& request);
  /// Row by row, until `visit` returns false. The deadline begins anew with each row.
  void stream(const PostgresRequest& request, const std::function<bool(const PostgresRows&)>& visit);

private:
  struct Failure {
    std::string words;
    bool unreachable = false; ///< nobody answered, or not yet
  };
  std::optional<Failure> try_connect();
  std::optional<Failure> finish_connecting();
  [[nodiscard]] Failure connection_failure() const;
  void begin_session();
  void send(const PostgresRequest& request, std::vector<const PostgresStatement*>& expected);
  void sync();
  PGresult* next_result();
  void wait(short events);
  void check(const PostgresRows& rows);
  void renew() { deadline_ = Clock::now() + settings_.patience; }
  [[noreturn]] void lost(std::string_view why) const;

  PostgresSettings settings_;
  PGconn* handle_ = nullptr;
  pid_t process_ = -1; ///< that made the connection: a forked child must not even say goodbye on it
  Clock::time_point deadline_{};
  std::set<const PostgresStatement*> prepared_;
};

} // namespace runbook
