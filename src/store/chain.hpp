// The hash chain over a run's journal.
//
// The first link is the hash of a word for the chain's version, the run's id and its document. Each entry's hash is
// that of the hash before it and of all that the store keeps of the entry, each part with its length in front, so that
// no byte can move from one part to another. docs/journal.md says it for programs that know nothing of this library.
//
// Thread-safety: plain functions.
#pragma once

#include <runbook/event.hpp>
#include <runbook/store.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

inline constexpr std::string_view chain_version = "runbook journal 1";
inline constexpr std::size_t chain_hash_size = 32;

[[nodiscard]] std::int64_t to_nanoseconds(std::chrono::system_clock::time_point time) noexcept;
[[nodiscard]] std::chrono::system_clock::time_point from_nanoseconds(std::int64_t time) noexcept;

/// The hash that the first entry's builds upon.
[[nodiscard]] std::string chain_begin(std::string_view run, std::string_view document);

/// What a store keeps of an event.
struct EntryView {
  std::uint64_t seq = 0;
  std::uint64_t fence = 0;
  std::int64_t time = 0;
  std::string_view type;
  std::string_view data;
  std::optional<std::string_view> output;
};

[[nodiscard]] EntryView view_of(const JournalEntry& entry) noexcept;

/// The hash of an entry that follows one with the hash `previous`.
[[nodiscard]] std::string chain_next(std::string_view previous, const EntryView& entry);

/// What a store writes for an event besides what the event has itself.
struct EncodedEvent {
  std::string data;
  std::string hash;
};

/// Encodes events that follow one with the hash `head`, which becomes that of the last one.
[[nodiscard]] std::vector<EncodedEvent> encode_events(std::span<const Event> events, std::span<const Blob> blobs,
                                                      std::string& head);

/// Reads the data that `encode_events` wrote for an event of this type.
[[nodiscard]] Result<EventData> decode_data(std::string_view type, std::string_view data);

} // namespace runbook
