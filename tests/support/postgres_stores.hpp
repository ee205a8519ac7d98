// PostgreSQL stores in a test, and runs written into them.
#pragma once

#include "store/chain.hpp"
#include "support/journals.hpp"
#include "support/postgres_server.hpp"

#include <runbook/postgres.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook::testing {

/// One for all cases of the program, which fsyncs: it may be killed.
inline PostgresServer& postgres() {
  static PostgresServer server;
  return server;
}

/// For a schema that no other case has.
inline PostgresOptions fresh_schema(std::chrono::milliseconds patience = std::chrono::seconds{20}) {
  static int schemas = 0;
  return {.schema = "s" + std::to_string(++schemas), .patience = patience};
}

inline std::shared_ptr<RunStore> open(const std::string& connection, const PostgresOptions& options) {
  auto store = open_postgres(connection, options);
  REQUIRE_MESSAGE(store.has_value(), to_string(store.error()));
  return std::move(*store);
}

inline std::unique_ptr<Journal> create(RunStore& store, const std::string& run, EventLine& line) {
  const Event created = line.next(RunCreated{sample_header(run)});
  auto journal = store.create("the document", {&created, 1});
  REQUIRE_MESSAGE(journal.has_value(), to_string(journal.error()));
  return std::move(*journal);
}

inline Result<void> append(Journal& journal, EventLine& line, std::uint32_t step = 0) {
  const Event event = line.next(intent(forward(step)));
  return journal.append({&event, 1});
}

template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE(!result.has_value());
  return result.error();
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The events are there in order, and each hash is the one that its event and the one before it give.
inline void check_chain(RunStore& store, const std::string& run, std::size_t events) {
  std::string head = chain_begin(run, store.document(run).value());
  std::size_t count = 0;
  const auto read = store.entries(run, [&](const JournalEntry& entry) {
    CHECK(entry.seq == ++count);
    EntryView view{entry.seq, entry.fence, entry.time, entry.type, entry.data, std::nullopt};
    if (entry.output) view.output = *entry.output;
    head = chain_next(head, view);
    CHECK((entry.hash == head));
    return true;
  });
  CHECK(read.has_value());
  CHECK(count == events);
  CHECK(store.load(run)->size() == events);
  CHECK(store.ownership(run)->last_seq == events);
}

} // namespace runbook::testing
