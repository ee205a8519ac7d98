#include "store/postgres_connection.hpp"

#include "printable.hpp"
#include "store/postgres_address.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

using std::chrono::milliseconds;

constexpr int oldest_server = 120000;
constexpr milliseconds between_attempts{50};

/// The server's code for why it does not let anybody in ("FATAL:  57P03: …"), which is taken out of the words.
std::string take_state(std::string& words) {
  constexpr std::size_t size = 5;
  for (std::size_t at = words.rfind(":  "); at != std::string::npos; at = at == 0 ? at : words.rfind(":  ", at - 1)) {
    std::string state = words.substr(at + 3, size);
    const bool is_state = state.size() == size && words.substr(at + 3 + size, 2) == ": " &&
                          std::all_of(state.begin(), state.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
    if (is_state) {
      words.erase(at + 2, size + 3);
      return state;
    }
    if (at == 0) break;
  }
  return {};
}

/// The server goes away, or takes nobody in right now.
bool is_going(std::string_view state) {
  return state == "57P01" || state == "57P02" || state == "57P03" || state.starts_with("08");
}

/// The session's settings. The server lets go of locks of ours at about the time at which the client gives up, also
/// when the client's host is gone; a commit waits for the disk whatever was set for the role.
PostgresStatement session_settings(const PostgresSettings& settings) {
  std::string sql =
      "SELECT set_config('default_transaction_isolation', 'read committed', false)"
      ", set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false)"
      ", set_config('tcp_keepalives_count', '3', false)";
  const auto patience = std::max<std::int64_t>(settings.patience.count(), 1);
  if (settings.writes) {
    sql += fmt::format(", set_config('lock_timeout', '{0}', false), set_config('statement_timeout', '{0}', false)"
                       ", set_config('idle_in_transaction_session_timeout', '{0}', false)"
                       ", CASE WHEN current_setting('synchronous_commit') = 'off'"
                       " THEN set_config('synchronous_commit', 'on', false) END",
                       std::min<std::int64_t>(patience, 2'000'000'000));
  } else {
    sql += ", set_config('default_transaction_read_only', 'on', false)";
  }
  return {{}, sql};
}

} // namespace

Error PostgresConnection::error(std::string_view what) const {
  return {errc::store_error, fmt::format("{} {}", settings_.server, what), {}};
}

void PostgresConnection::lost(std::string_view why) const {
  throw PostgresLost(std::string(why), false);
}

void PostgresConnection::close() noexcept {
  if (handle_ == nullptr) return;
  if (process_ == ::getpid()) settings_.pq->finish(handle_);
  handle_ = nullptr;
  prepared_.clear();
}

void PostgresConnection::connect(Clock::time_point deadline, bool insist) {
  deadline_ = deadline;
  if (handle_ != nullptr && settings_.pq->status(handle_) == CONNECTION_OK) return;
  for (;;) {
    close();
    auto failure = try_connect();
    if (!failure) return;
    close();
    const bool again = insist && failure->unreachable;
    if (!again || Clock::now() + between_attempts >= deadline) {
      throw Exception(
          error(again ? fmt::format("could not be reached for {} ms: {}", settings_.patience.count(), failure->words)
                      : fmt::format("cannot be used: {}", failure->words)));
    }
    std::this_thread::sleep_for(between_attempts);
  }
}

std::optional<PostgresConnection::Failure> PostgresConnection::try_connect() {
  // What stands before the connection's own words is the default for what they do not say. A host that does not answer
  // at all must leave time for the next one of a list.
  const std::string user_timeout = std::to_string(std::max<std::int64_t>(settings_.patience.count() / 2, 1));
  const std::array<const char*, 5> names{"fallback_application_name", "tcp_user_timeout", "target_session_attrs",
                                         "dbname", nullptr};
  const std::array<const char*, 5> values{"runbook", user_timeout.c_str(), settings_.writes ? "read-write" : "any",
                                          settings_.connection.c_str(), nullptr};
  process_ = ::getpid();
  handle_ = settings_.pq->connect_start(names.data(), values.data(), 1);
  if (handle_ == nullptr) return Failure{"there is no memory"};
  settings_.pq->set_notice_processor(handle_, [](void*, const char*) {}, nullptr);
  settings_.pq->set_error_verbosity(handle_, PQERRORS_VERBOSE); // with the code of what is wrong
  if (settings_.pq->status(handle_) == CONNECTION_BAD) return connection_failure();
  try {
    if (auto failure = finish_connecting()) return failure;
    begin_session();
  } catch (const PostgresLost& broken) {
    return Failure{broken.what(), true};
  } catch (const Exception& refused) {
    return Failure{refused.error().message};
  }
  return std::nullopt;
}

std::optional<PostgresConnection::Failure> PostgresConnection::finish_connecting() {
  for (short events = POLLOUT;;) {
    wait(events);
    switch (settings_.pq->connect_poll(handle_)) {
    case PGRES_POLLING_READING: events = POLLIN; break;
    case PGRES_POLLING_WRITING: events = POLLOUT; break;
    case PGRES_POLLING_OK: return std::nullopt;
    case PGRES_POLLING_FAILED:
    default: return connection_failure();
    }
  }
}

PostgresConnection::Failure PostgresConnection::connection_failure() const {
  std::string words = one_line(settings_.pq->error_message(handle_));
  const std::string state = take_state(words);
  return {words, state.empty() || is_going(state) || state == "53300"}; // 53300: too many connections
}

void PostgresConnection::begin_session() {
  const PostgresLibrary& pq = *settings_.pq;
  if (const int version = pq.server_version(handle_); version < oldest_server) {
    throw Exception({errc::store_error, fmt::format("it is version {}, and 12 is needed", version / 10000), {}});
  }
  if (pq.set_nonblocking(handle_, 1) != 0 || pq.enter_pipeline_mode(handle_) != 1) lost("there is no memory");
  const PostgresStatement statement = session_settings(settings_);
  static_cast<void>(query({&statement, {}}));
}

void PostgresConnection::wait(short events) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline_ - Clock::now()).count();
    pollfd descriptor{settings_.pq->socket(handle_), events, 0};
    const int ready = ::poll(&descriptor, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) lost(std::strerror(errno));
    if (left <= 0) {
      throw PostgresLost(fmt::format("did not answer within {} ms", settings_.patience.count()), true);
    }
  }
}

void PostgresConnection::send(const PostgresRequest& request, std::vector<const PostgresStatement*>& expected) {
  const PostgresStatement& statement = *request.statement;
  const PostgresLibrary& pq = *settings_.pq;
  const bool is_prepared =
      prepared_.contains(&statement) || std::find(expected.begin(), expected.end(), &statement) != expected.end();
  if (!is_prepared || statement.name.empty()) {
    if (pq.send_prepare(handle_, statement.name.c_str(), statement.sql.c_str(), 0, nullptr) != 1) {
      lost(one_line(pq.error_message(handle_)));
    }
    expected.push_back(&statement);
  }
  const PostgresParameters& parameters = request.parameters;
  if (pq.send_query_prepared(handle_, statement.name.c_str(), parameters.count(), parameters.values(),
                             parameters.lengths(), parameters.formats(), 1) != 1) {
    lost(one_line(pq.error_message(handle_)));
  }
  expected.push_back(nullptr);
}

void PostgresConnection::sync() {
  if (settings_.pq->pipeline_sync(handle_) != 1) lost(one_line(settings_.pq->error_message(handle_)));
}

/// The next result, or null at the end of those of one statement.
PGresult* PostgresConnection::next_result() {
  const PostgresLibrary& pq = *settings_.pq;
  for (;;) {
    const int unsent = pq.flush(handle_);
    if (unsent < 0) lost(one_line(pq.error_message(handle_)));
    if (pq.is_busy(handle_) == 0) return pq.get_result(handle_);
    wait(static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN));
    if (!settings_.writes) renew();
    if (pq.consume_input(handle_) != 1) lost(one_line(pq.error_message(handle_)));
  }
}

/// Throws if it is no success.
void PostgresConnection::check(const PostgresRows& rows) {
  const PostgresLibrary& pq = *settings_.pq;
  const ExecStatusType status = pq.result_status(rows.result());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE) return;
  const char* field = pq.result_error_field(rows.result(), PG_DIAG_SQLSTATE);
  const std::string state = field == nullptr ? "" : field;
  const char* message = pq.result_error_field(rows.result(), PG_DIAG_MESSAGE_PRIMARY);
  const std::string words = message != nullptr ? one_line(message) : one_line(pq.error_message(handle_));
  if (state.empty() || is_going(state) || pq.status(handle_) == CONNECTION_BAD) lost(words);
  if (state == "55P03") throw PostgresRefusal(error("is busy: somebody else keeps a lock on the run"), state);
  throw PostgresRefusal(error(fmt::format("refused: {} ({})", words, state)), state);
}

std::vector<PostgresRows> PostgresConnection::exchange(std::span<const PostgresRequest> requests) {
  std::vector<const PostgresStatement*> expected; // a statement: that it is prepared
  for (const PostgresRequest& request : requests) send(request, expected);
  sync();
  std::vector<PostgresRows> all;
  std::exception_ptr refusal;
  for (std::size_t at = 0;;) {
    PGresult* const result = next_result();
    if (result == nullptr) {
      if (settings_.pq->status(handle_) != CONNECTION_OK) lost(one_line(settings_.pq->error_message(handle_)));
      continue;
    }
    PostgresRows rows(*settings_.pq, result);
    if (settings_.pq->result_status(result) == PGRES_PIPELINE_SYNC) break;
    if (refusal) continue; // the rest of them were not done
    try {
      check(rows);
    } catch (const PostgresRefusal&) {
      refusal = std::current_exception();
      continue;
    }
    const PostgresStatement* prepared = at < expected.size() ? expected[at++] : nullptr;
    if (prepared == nullptr)
      all.push_back(std::move(rows));
    else if (!prepared->name.empty())
      prepared_.insert(prepared);
  }
  if (refusal) std::rethrow_exception(refusal);
  return all;
}

PostgresRows PostgresConnection::query(const PostgresRequest& request) {
  return std::move(exchange({&request, 1}).front());
}

void PostgresConnection::stream(const PostgresRequest& request, const std::function<bool(const PostgresRows&)>& visit) {
  std::vector<const PostgresStatement*> expected;
  send(request, expected);
  sync();
  bool single = false;
  for (std::size_t at = 0;;) {
    // Rows come singly only if that is asked for when their turn has come.
    if (!single && at + 1 == expected.size()) {
      single = settings_.pq->set_single_row_mode(handle_) == 1;
      if (!single) lost("rows cannot be read one by one");
    }
    renew();
    PGresult* const result = next_result();
    if (result == nullptr) {
      if (settings_.pq->status(handle_) != CONNECTION_OK) lost(one_line(settings_.pq->error_message(handle_)));
      if (!single) ++at;
      continue;
    }
    const PostgresRows rows(*settings_.pq, result);
    const ExecStatusType status = settings_.pq->result_status(result);
    if (status == PGRES_PIPELINE_SYNC) break;
    check(rows);
    if (!single && !request.statement->name.empty()) prepared_.insert(request.statement);
    if (status == PGRES_SINGLE_TUPLE && !visit(rows)) return close(); // the rest need not come
  }
}

} // namespace runbook
