// A run that says the truth about its document and outputs, for the tests of audits.
#pragma once

#include "digest.hpp"
#include "support/journals.hpp"

#include <runbook/store.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace runbook::testing {

inline constexpr const char* audited_document = "# The document\n";

inline StepOutput true_output(const std::string& bytes) {
  return {forward(0), 1, Stream::out, bytes.size(), bytes.size(), sha256_hex(bytes)};
}

/// Sixteen events: created, claimed, four times an intent, its output and its outcome, taken over, ended.
inline void write_audited_run(RunStore& store, const std::string& run) {
  auto header = sample_header(run);
  header->document_digest = sha256_hex(audited_document);
  EventLine line;
  const auto first = line.next_of({RunCreated{header}, Claimed{"a"}});
  auto journal = store.create(audited_document, first).value();
  for (int step = 0; step < 4; ++step) {
    const std::string bytes = "output " + std::to_string(step) + std::string("\0\xff", 2);
    const auto events = line.next_of({intent(forward(0)), true_output(bytes), ok(forward(0))});
    const Blob blob{events[1].seq, bytes};
    REQUIRE(journal->append(events, {&blob, 1}).has_value());
  }
  journal = store.claim(run, {"b"}, start_time).value();
  const Event closed = EventLine(journal->last_seq(), 2).next(RunClosed{RunStatus::succeeded, "", {}});
  REQUIRE(journal->append({&closed, 1}).has_value());
}

inline constexpr std::uint64_t audited_events = 16;

} // namespace runbook::testing
