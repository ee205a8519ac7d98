// SQLite stores in a test: opened or refused, and runs written into them.
#pragma once

#include "store/sqlite.hpp"
#include "support/journals.hpp"

#include <runbook/store.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace runbook::testing {

/// Waits for others no longer than a test can.
inline constexpr SqliteTuning impatient{.patience = std::chrono::milliseconds{300}};

inline std::shared_ptr<RunStore> open(const std::string& path, SqliteOptions options = {}, SqliteTuning tuning = {}) {
  auto store = open_sqlite(path, options, tuning);
  REQUIRE_MESSAGE(store.has_value(), to_string(store.error()));
  return std::move(*store);
}

inline std::string refusal_of(const std::string& path, SqliteOptions options = {}) {
  const auto store = open_sqlite(path, options, impatient);
  REQUIRE(!store.has_value());
  CHECK(store.error().code == errc::store_error);
  return store.error().message;
}

inline bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

inline std::unique_ptr<Journal> create(RunStore& store, const std::string& run, EventLine& line) {
  const Event created = line.next(RunCreated{sample_header(run)});
  auto journal = store.create("the document", {&created, 1});
  REQUIRE_MESSAGE(journal.has_value(), to_string(journal.error()));
  return std::move(*journal);
}

/// A run of many events with output, so that frames and pages of it lie everywhere.
inline Result<void> write_run(RunStore& store, const std::string& run, int steps) {
  EventLine line;
  const Event created = line.next(RunCreated{sample_header(run)});
  auto journal = store.create("the document", {&created, 1});
  if (!journal) return journal.error();
  for (int step = 0; step < steps; ++step) {
    const auto events = line.next_of({intent(forward(0)), output(forward(0), 200), ok(forward(0))});
    const Blob blob{events[1].seq, std::string(200, 'o')};
    if (auto appended = (*journal)->append(events, {&blob, 1}); !appended) return appended;
  }
  return {};
}

} // namespace runbook::testing
