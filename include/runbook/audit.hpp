// Audits: whether a run's journal is as it was recorded.
//
// Each entry of a journal has a hash of itself and of all before it, from the document on. So what is changed, removed,
// added or moved is found; only who can write to the store can change an entry and make all later hashes anew. Against
// that helps a head, the hash of the last entry, that is kept elsewhere: a journal in which it stands has all that was
// in it when the head was kept. docs/journal.md has the definition for programs that know nothing of this library.
//
// What is checked: the document, the events, their outputs, and what the listing says of the run. Messages and leases
// are no part of a journal.
//
// Ownership: plain values. Thread-safety: the functions may be called from any thread.
#pragma once

#include <runbook/error.hpp>
#include <runbook/export.hpp>
#include <runbook/store.hpp>

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// One thing that is not as it was recorded.
struct AuditFinding {
  std::uint64_t seq = 0; ///< of the event; 0: it is about the run as a whole
  std::string message{}; ///< "event 17 was changed"
};

struct Audit {
  std::string run{};
  std::uint64_t events = 0;
  std::uint64_t outputs = 0; ///< that were kept
  std::string head{};        ///< the last entry's hash in hex, to be kept elsewhere; empty: it has none
  std::vector<AuditFinding> findings{};

  [[nodiscard]] bool passed() const noexcept { return findings.empty(); }
};

/// Checks a run of a store. `head`: one that an earlier audit gave, or empty. The run may go on meanwhile. Fails if the
/// store cannot be read, if there is no such run, or with `errc::invalid_argument` if `head` is none.
[[nodiscard]] RUNBOOK_EXPORT Result<Audit> verify(RunStore& store, const std::string& run,
                                                  const std::string& head = {});

/// Gives the run as lines of JSON, each with its end of line, that can be checked by themselves: its id and document,
/// each entry, its head. Ends when `sink` returns false, which must not use the store. Nothing is checked.
[[nodiscard]] RUNBOOK_EXPORT Result<void> export_run(RunStore& store, const std::string& run,
                                                     const std::function<bool(std::string_view)>& sink);

/// Checks what `export_run` gave. Fails with `errc::invalid_argument` if it is no export of a run, which names the
/// line, and with `errc::io_error` if it cannot be read.
[[nodiscard]] RUNBOOK_EXPORT Result<Audit> verify_export(std::istream& lines, const std::string& head = {});

} // namespace runbook
