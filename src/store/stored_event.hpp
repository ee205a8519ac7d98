// An event out of the form in which a store keeps it.
//
// Thread-safety: plain functions.
#pragma once

#include <runbook/store.hpp>

namespace runbook {

/// Fails with words that say what is wrong with the entry's data ("is no JSON object").
[[nodiscard]] Result<Event> stored_event(const JournalEntry& entry);

} // namespace runbook
