// Every kind of store, for the tests of what all of them promise.
#pragma once

#include "support/journals.hpp"
#include "support/postgres_server.hpp"
#include "support/temp_folder.hpp"

#include <runbook/postgres.hpp>
#include <runbook/store.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook::testing {

struct MemoryBackend {
  std::shared_ptr<RunStore> store = make_memory_store();
};

struct SqliteBackend {
  TempFolder folder;
  std::shared_ptr<RunStore> store = open_sqlite(folder / "runs.db").value();
};

/// A schema of its own on a server that all cases of the program share. What is tested here is not the disk.
struct PostgresBackend {
  static const PostgresServer& server() {
    static const PostgresServer only({"fsync=off"});
    return only;
  }
  static PostgresOptions options() {
    static int schemas = 0;
    return {.schema = "contract " + std::to_string(++schemas), .patience = std::chrono::seconds{30}};
  }
  std::shared_ptr<RunStore> store = open_postgres(server().connection(), options()).value();
};

inline std::unique_ptr<Journal> create(RunStore& store, const std::string& run, EventLine& line,
                                       std::string_view document = "the document") {
  const Event created = line.next(RunCreated{sample_header(run)});
  auto journal = store.create(document, {&created, 1});
  REQUIRE_MESSAGE(journal.has_value(), to_string(journal.error()));
  return std::move(*journal);
}

inline void append(Journal& journal, const std::vector<Event>& events, const std::vector<Blob>& blobs = {}) {
  const auto appended = journal.append(events, blobs);
  REQUIRE_MESSAGE(appended.has_value(), to_string(appended.error()));
}

inline std::vector<Event> load(RunStore& store, const std::string& run) {
  auto events = store.load(run);
  REQUIRE_MESSAGE(events.has_value(), to_string(events.error()));
  return std::move(*events);
}

template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE(!result.has_value());
  return result.error();
}

inline std::uint64_t post(RunStore& store, const std::string& run, const Message& message) {
  const auto number = store.post(run, message);
  REQUIRE_MESSAGE(number.has_value(), to_string(number.error()));
  return *number;
}

} // namespace runbook::testing

TYPE_TO_STRING_AS("memory", runbook::testing::MemoryBackend);
TYPE_TO_STRING_AS("sqlite", runbook::testing::SqliteBackend);
TYPE_TO_STRING_AS("postgres", runbook::testing::PostgresBackend);
#define BACKENDS runbook::testing::MemoryBackend, runbook::testing::SqliteBackend, runbook::testing::PostgresBackend
