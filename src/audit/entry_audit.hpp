// Judges the entries of one run, one after the other, in the order in which they are kept.
//
// Ownership: a plain value. Thread-safety: one thread at a time.
#pragma once

#include <runbook/audit.hpp>
#include <runbook/event.hpp>
#include <runbook/store.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runbook {

/// Fails with `errc::invalid_argument` if the text is neither empty nor the head of an audit.
[[nodiscard]] Result<void> check_head(const std::string& head);

[[nodiscard]] std::string to_hex(std::string_view bytes);
/// Nothing if the text is no lower-case hex.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

class EntryAudit {
public:
  /// `kept`: the head that must be among the entries' hashes; empty: any may be.
  EntryAudit(std::string run, std::string document, std::string kept);

  void add(const JournalEntry& entry);

  /// Call behind the last entry: there is one with this number, so all up to it must have been among them.
  void expect(std::uint64_t seq);

  /// What the store says beside the journal. Call behind the last entry, and only if nothing was recorded since then.
  void compare_status(RunStatus listed);
  /// Null: it is not listed.
  void compare_listing(const RunSummary* listed);
  void compare_fence(std::uint64_t fence);

  [[nodiscard]] std::uint64_t last_seq() const noexcept { return last_seq_; }
  [[nodiscard]] Audit finish() &&;

private:
  void find(std::uint64_t seq, std::string message) { audit_.findings.push_back({seq, std::move(message)}); }
  bool judge_place(std::uint64_t seq);
  void judge_hash(const JournalEntry& entry, bool follows, const EventData* data);
  void judge_beginning(const RunCreated& created);
  void judge_data(const JournalEntry& entry, const EventData& data);
  [[nodiscard]] bool fits_document(const RunHeader& header) const;
  void settle(std::string message);

  /// An entry that has another hash than it should: the entry after it tells whether it or its hash was changed.
  struct Suspect {
    std::uint64_t seq = 0;
    std::string computed{};
    std::string message{};
  };
  /// Numbers from the first to the last.
  using Range = std::pair<std::uint64_t, std::uint64_t>;

  Audit audit_;
  std::string document_;
  std::string kept_;
  bool kept_found_ = false;
  std::string head_; ///< what the next entry's hash builds upon
  std::optional<Suspect> suspect_;
  std::vector<Range> missing_;
  std::vector<Range> unhashed_;
  std::uint64_t last_seq_ = 0; ///< of the entry before
  std::uint64_t highest_ = 0;
  std::uint64_t fence_ = 0;
  std::int64_t started_ = 0;
  RunStatus status_ = RunStatus::running;
  bool readable_ = true;           ///< every event so far
  bool origin_is_changed_ = false; ///< the document's or the run's name: then the first hash fits nothing
  std::shared_ptr<const RunHeader> header_;
};

} // namespace runbook
