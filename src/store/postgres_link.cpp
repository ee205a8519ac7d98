#include "store/postgres_link.hpp"

#include <unistd.h>

#include <thread>

#include <fmt/format.h>

namespace runbook {

namespace {

/// Who is thrown out again and again does not come back at once.
constexpr std::chrono::milliseconds between_attempts{20};

} // namespace

PostgresLink::PostgresLink(PostgresSettings settings, std::shared_ptr<const PostgresTables> tables)
    : tables_(std::move(tables)), process_(::getpid()), connection_(std::move(settings)) {}

Result<void> PostgresLink::check_process() const {
  if (process_ == ::getpid()) return {};
  return error("was opened before a fork: the child cannot use its parent's connection");
}

void PostgresLink::open() {
  const Attempts attempts = begin();
  try {
    connection_.connect(attempts.deadline, false);
    open_tables(connection_, *tables_);
  } catch (const PostgresLost& lost) {
    connection_.close();
    throw Exception(error(fmt::format("cannot be used: {}", lost.what())));
  } catch (...) {
    connection_.close();
    throw;
  }
}

PostgresLink::Attempts PostgresLink::begin() {
  const auto deadline = PostgresConnection::Clock::now() + connection_.settings().patience;
  std::unique_lock lock(mutex_, std::defer_lock);
  if (!lock.try_lock_until(deadline)) {
    throw Exception(error(fmt::format("is busy: others of this program have used its connection for {} ms",
                                      connection_.settings().patience.count())));
  }
  return {std::move(lock), deadline};
}

Error PostgresLink::doubtful(std::string_view words, bool in_doubt) const {
  const bool says = in_doubt && connection_.settings().writes;
  return error(fmt::format("{}{}", words, says ? "; whether it has recorded what it was sent is not known" : ""));
}

void PostgresLink::recover(Attempts& attempts) {
  try {
    throw;
  } catch (const PostgresLost& lost) {
    connection_.close();
    const bool over = PostgresConnection::Clock::now() + between_attempts >= attempts.deadline;
    if (lost.timed_out()) throw Exception(doubtful(lost.what(), true));
    if (over) throw Exception(doubtful(fmt::format("has broken off: {}", lost.what()), true));
    attempts.in_doubt = true;
    std::this_thread::sleep_for(between_attempts);
  } catch (const PostgresRefusal& refusal) {
    connection_.close(); // with the transaction that may be open
    if (!refusal.may_be_repeated() || PostgresConnection::Clock::now() >= attempts.deadline) throw;
  } catch (const Exception& exception) {
    connection_.close();
    if (!attempts.in_doubt) throw;
    Error error = exception.error();
    if (connection_.settings().writes) error.message += "; whether it has recorded what it was sent is not known";
    throw Exception(std::move(error));
  } catch (...) {
    connection_.close();
    throw;
  }
}

} // namespace runbook
