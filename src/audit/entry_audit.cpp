#include "audit/entry_audit.hpp"

#include "digest.hpp"
#include "names.hpp"
#include "printable.hpp"
#include "store/chain.hpp"
#include "store/status.hpp"

#include <algorithm>
#include <variant>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace runbook {

namespace {

using Range = std::pair<std::uint64_t, std::uint64_t>;

std::string events_words(const Range& range) {
  if (range.first == range.second) return fmt::format("event {}", range.first);
  return fmt::format("events {} to {}", range.first, range.second);
}

/// Takes a number out of ranges in order; false: it is in none.
bool take_out(std::vector<Range>& ranges, std::uint64_t number) {
  for (auto range = ranges.begin(); range != ranges.end(); ++range) {
    if (number < range->first || number > range->second) continue;
    const Range rest{number + 1, range->second};
    range->second = number - 1;
    const bool is_empty = range->second < range->first;
    if (rest.first <= rest.second) range = ranges.insert(range + 1, rest) - 1;
    if (is_empty) ranges.erase(range);
    return true;
  }
  return false;
}

/// What a hash that does not fit says about the entry.
std::string changed_words(const JournalEntry& entry, const EventData* data) {
  const auto* output = data == nullptr ? nullptr : std::get_if<StepOutput>(data);
  if (output != nullptr && output->kept > 0) {
    if (!entry.output) return fmt::format("the output of event {} is missing", entry.seq);
    const bool is_whole = output->kept == output->size;
    if (entry.output->size() != output->kept || (is_whole && sha256_hex(*entry.output) != output->digest)) {
      return fmt::format("the output of event {} was changed", entry.seq);
    }
  }
  return fmt::format("event {} was changed", entry.seq);
}

} // namespace

std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) fmt::format_to(std::back_inserter(hex), "{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

std::optional<std::string> from_hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = digits.find(text[i]);
    const auto low = digits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

Result<void> check_head(const std::string& head) {
  const auto bytes = from_hex(head);
  if (bytes && (bytes->empty() || bytes->size() == chain_hash_size)) return {};
  return Error{errc::invalid_argument,
               fmt::format("'{}' is no head of a run: give the 64 hexadecimal digits that an audit printed",
                           printable_excerpt(head, 80)),
               {}};
}

EntryAudit::EntryAudit(std::string run, std::string document, std::string kept)
    : document_(std::move(document)), kept_(from_hex(kept).value_or(std::string())),
      head_(chain_begin(run, document_)) {
  audit_.run = std::move(run);
}

void EntryAudit::add(const JournalEntry& entry) {
  ++audit_.events;
  if (entry.output) ++audit_.outputs;
  const bool follows = judge_place(entry.seq);
  const auto data = decode_data(entry.type, entry.data);
  if (audit_.events == 1) {
    started_ = entry.time;
    if (const auto* created = data ? std::get_if<RunCreated>(&*data) : nullptr) judge_beginning(*created);
  }
  judge_hash(entry, follows, data ? &*data : nullptr);
  if (entry.fence < fence_) {
    find(entry.seq, fmt::format("event {} has fence {} behind one with fence {}", entry.seq, entry.fence, fence_));
  }
  fence_ = std::max(fence_, entry.fence);
  if (data) return judge_data(entry, *data);
  readable_ = false;
  find(entry.seq, fmt::format("event {} cannot be read: its data {}", entry.seq, data.error().message));
}

/// Whether the entry has the number that follows the one before it.
bool EntryAudit::judge_place(std::uint64_t seq) {
  const bool follows = seq == last_seq_ + 1;
  if (seq > highest_) {
    if (seq > highest_ + 1) missing_.emplace_back(highest_ + 1, seq - 1);
    highest_ = seq;
  } else if (take_out(missing_, seq)) {
    find(seq, fmt::format("event {} stands behind event {}", seq, last_seq_));
  } else {
    find(seq, fmt::format("there is a second event {}", seq));
  }
  last_seq_ = seq;
  return follows;
}

// Where the numbers have a gap, the hash before the entry is not known: what is in it cannot be judged, and the gap is
// a finding.
void EntryAudit::judge_hash(const JournalEntry& entry, bool follows, const EventData* data) {
  const std::string computed = chain_next(head_, view_of(entry));
  if (entry.hash.empty()) {
    if (!unhashed_.empty() && unhashed_.back().second + 1 == entry.seq)
      unhashed_.back().second = entry.seq;
    else
      unhashed_.emplace_back(entry.seq, entry.seq);
    head_ = computed;
    return;
  }
  if (entry.hash == kept_) kept_found_ = true;
  const bool fits = entry.hash == computed;
  if (suspect_ && follows && !fits && entry.hash == chain_next(suspect_->computed, view_of(entry))) {
    settle(fmt::format("the hash of event {} was changed", suspect_->seq));
  } else {
    if (suspect_) settle(suspect_->message);
    const bool is_explained = audit_.events == 1 && origin_is_changed_;
    if (follows && !fits && !is_explained) suspect_ = Suspect{entry.seq, computed, changed_words(entry, data)};
  }
  head_ = entry.hash;
}

void EntryAudit::settle(std::string message) {
  find(suspect_->seq, std::move(message));
  suspect_.reset();
}

void EntryAudit::judge_beginning(const RunCreated& created) {
  if (!created.header) return;
  header_ = created.header;
  if (header_->run != audit_.run) {
    origin_is_changed_ = true;
    find(1, fmt::format("event 1 is of run '{}'", printable(header_->run)));
  }
  if (!fits_document(*header_)) {
    origin_is_changed_ = true;
    find(0, "the document is not the one that was run");
  }
}

// The digest is that of the run's own document; if its steps run others, what is stored has all of them.
bool EntryAudit::fits_document(const RunHeader& header) const {
  if (header.runbooks.empty()) return sha256_hex(document_) == header.document_digest;
  boost::system::error_code error;
  const Value all = boost::json::parse(document_, error);
  const Value* own = !error && all.is_object() ? all.get_object().if_contains("document") : nullptr;
  return own != nullptr && own->is_string() &&
         sha256_hex(std::string_view(own->get_string())) == header.document_digest;
}

void EntryAudit::judge_data(const JournalEntry& entry, const EventData& data) {
  if (has_ended(status_)) find(entry.seq, fmt::format("event {} stands behind the end of the run", entry.seq));
  if (std::holds_alternative<RunCreated>(data) != (audit_.events == 1)) {
    find(entry.seq, fmt::format("event {} is \"{}\", and a run is created by its first event", entry.seq, entry.type));
  }
  status_ = status_after(status_, data);
}

void EntryAudit::expect(std::uint64_t seq) {
  if (seq > highest_) missing_.emplace_back(highest_ + 1, seq);
}

void EntryAudit::compare_status(RunStatus listed) {
  if (!readable_ || listed == status_) return;
  if (has_ended(listed) && !has_ended(status_)) {
    find(0, fmt::format("the run has ended ({}), and its journal does not: its end is missing", name_of(listed)));
  } else {
    find(0, fmt::format("the listing says that the run is {}, and its journal that it is {}", name_of(listed),
                        name_of(status_)));
  }
}

void EntryAudit::compare_listing(const RunSummary* listed) {
  if (listed == nullptr) return find(0, "the listing does not have the run");
  compare_status(listed->status);
  if (!header_) return;
  const auto differs = [&](const char* what) {
    find(0, fmt::format("the listing has another {} than the journal", what));
  };
  if (listed->title != header_->title) differs("title");
  if (listed->actor != header_->actor) differs("actor");
  if (to_nanoseconds(listed->started) != started_) differs("time of the start");
}

void EntryAudit::compare_fence(std::uint64_t fence) {
  if (fence == fence_) return;
  find(0, fmt::format("the store says that the owner has fence {}, and the journal that it is {}", fence, fence_));
}

Audit EntryAudit::finish() && {
  if (suspect_) settle(suspect_->message);
  if (audit_.events == 0) find(0, "the run has no events");
  for (const Range& range : missing_) {
    find(range.first, fmt::format("{} {} missing", events_words(range), range.first == range.second ? "is" : "are"));
  }
  for (const Range& range : unhashed_) {
    find(range.first, fmt::format("{} {} recorded without a hash: nothing tells whether {} changed",
                                  events_words(range), range.first == range.second ? "was" : "were",
                                  range.first == range.second ? "it was" : "they were"));
  }
  if (!kept_.empty() && !kept_found_) {
    find(0, "the head that was kept is not in the journal: what led to it was changed, or the end was removed");
  }
  std::ranges::stable_sort(audit_.findings, {}, &AuditFinding::seq);
  const bool has_head = audit_.events > 0 && (unhashed_.empty() || unhashed_.back().second != last_seq_);
  if (has_head) audit_.head = to_hex(head_);
  return std::move(audit_);
}

} // namespace runbook
