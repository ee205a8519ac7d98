// What an append of one event costs beside a bare INSERT that the server commits, on the same server.
//
//     postgres_bench [APPENDS] [ROUNDS]      prints medians in µs and their ratio as JSON
//
// The bare one is a prepared INSERT of the same bytes into a table with the same key, sent over a connection of its own
// in its own transaction: one round trip, one sync of the disk. Rounds are interleaved.
#include "store/postgres_library.hpp"
#include "support/journals.hpp"
#include "support/postgres_server.hpp"

#include <runbook/postgres.hpp>

#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace {

using namespace runbook;
using namespace runbook::testing;
using Clock = std::chrono::steady_clock;

/// A bare connection with a prepared INSERT.
class Bare {
public:
  Bare(const PostgresLibrary& pq, const std::string& connection, std::size_t bytes)
      : pq_(pq), handle_(start(pq, connection)), data_(bytes, 'x') {
    prepare("CREATE TABLE bare (run int8, seq int8, fence int8, time int8, type text, data bytea, hash bytea,"
            " PRIMARY KEY (run, seq))",
            "");
    execute("", {});
    prepare("INSERT INTO bare VALUES (1, $1::int8, 1, 0, 'step_intent', $2::bytea, $3::bytea)", "insert");
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  ~Bare() { pq_.finish(handle_); }

  void insert() {
    const std::string seq = std::to_string(++seq_);
    execute("insert", {seq.c_str(), data_.c_str(), "0123456789abcdef0123456789abcdef"});
  }

private:
  static PGconn* start(const PostgresLibrary& pq, const std::string& connection) {
    const std::array<const char*, 2> names{"dbname", nullptr};
    const std::array<const char*, 2> values{connection.c_str(), nullptr};
    PGconn* handle = pq.connect_start(names.data(), values.data(), 1);
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
      if (state == PGRES_POLLING_FAILED) throw std::runtime_error(pq.error_message(handle));
      pollfd descriptor{pq.socket(handle), static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
      ::poll(&descriptor, 1, -1);
      state = pq.connect_poll(handle);
    }
    return handle;
  }
  void finish() {
    while (PGresult* result = pq_.get_result(handle_)) { // waits for it
      const bool ok = pq_.result_status(result) == PGRES_COMMAND_OK;
      pq_.clear(result);
      if (!ok) throw std::runtime_error(pq_.error_message(handle_));
    }
  }
  void prepare(const char* sql, const char* name) {
    pq_.send_prepare(handle_, name, sql, 0, nullptr);
    finish();
  }
  void execute(const char* name, const std::vector<const char*>& values) {
    pq_.send_query_prepared(handle_, name, static_cast<int>(values.size()), values.data(), nullptr, nullptr, 1);
    finish();
  }

  const PostgresLibrary& pq_;
  PGconn* handle_;
  std::string data_;
  std::int64_t seq_ = 0;
};

template <class Work>
double microseconds_of(int times, Work work) {
  std::vector<double> all;
  for (int i = 0; i < times; ++i) {
    const auto begin = Clock::now();
    work();
    all.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  std::nth_element(all.begin(), all.begin() + times / 2, all.end());
  return all[static_cast<std::size_t>(times) / 2];
}

double median(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  return all[all.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
  const int appends = argc > 1 ? std::atoi(argv[1]) : 300;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
  const PostgresServer server;
  const auto store = open_postgres(server.connection()).value();
  EventLine line;
  const Event created = line.next(RunCreated{sample_header("r")});
  const auto journal = store->create("the document", {&created, 1}).value();
  std::size_t bytes = 0;
  const auto append = [&] {
    const Event event = line.next(intent(forward(0)));
    journal->append({&event, 1}).value();
  };
  append();
  store->entries("r", [&](const JournalEntry& entry) { return (bytes = entry.data.size()) > 0; }).value();
  Bare bare(*postgres_library().value(), server.connection(), bytes);
  std::vector<double> stored;
  std::vector<double> inserted;
  for (int round = 0; round < rounds; ++round) {
    inserted.push_back(microseconds_of(appends, [&] { bare.insert(); }));
    stored.push_back(microseconds_of(appends, append));
  }
  fmt::print("{{\"bare\": {:.1f}, \"append\": {:.1f}, \"ratio\": {:.3f}}}\n", median(inserted), median(stored),
             median(stored) / median(inserted));
  return 0;
}
