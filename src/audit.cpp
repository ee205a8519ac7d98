#include "audit/entry_audit.hpp"

#include <runbook/audit.hpp>

#include <algorithm>
#include <utility>

namespace runbook {

namespace {

/// Compares the journal with what the store says beside it. The run may go on while it is looked at: then there is
/// nothing to be compared.
Result<void> compare(RunStore& store, const std::string& run, EntryAudit& audit) {
  const auto list = store.list();
  if (!list) return list.error();
  const auto ownership = store.ownership(run);
  if (!ownership) return ownership.error();
  if (ownership->last_seq > audit.last_seq()) return {};
  audit.compare_fence(ownership->fence);
  const auto listed = std::ranges::find(*list, run, &RunSummary::run);
  audit.compare_listing(listed == list->end() ? nullptr : &*listed);
  return {};
}

} // namespace

Result<Audit> verify(RunStore& store, const std::string& run, const std::string& head) {
  if (auto checked = check_head(head); !checked) return checked.error();
  auto document = store.document(run);
  if (!document) return document.error();
  // What was there before has to be there still, whatever is recorded meanwhile.
  const auto before = store.ownership(run);
  EntryAudit audit(run, std::move(*document), head);
  const auto read = store.entries(run, [&](const JournalEntry& entry) {
    audit.add(entry);
    return true;
  });
  if (!read) return read.error();
  if (before) audit.expect(before->last_seq);
  const auto compared = compare(store, run, audit);
  Audit result = std::move(audit).finish();
  if (!result.passed()) return result; // which says more than an error
  if (!before) return before.error();
  if (!compared) return compared.error();
  return result;
}

} // namespace runbook
