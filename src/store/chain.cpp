#include "store/chain.hpp"

#include "digest.hpp"
#include "event/data_json.hpp"
#include "event/members.hpp"
#include "event/value_json.hpp"

#include <array>
#include <utility>

namespace runbook {

namespace {

using std::chrono::system_clock;

/// As eight bytes, the most significant first.
void add(Sha256& digest, std::uint64_t number) {
  std::array<char, 8> bytes{};
  for (std::size_t i = bytes.size(); i-- > 0; number >>= 8U) bytes[i] = static_cast<char>(number & 0xffU);
  digest.update({bytes.data(), bytes.size()});
}

void add(Sha256& digest, std::string_view bytes) {
  add(digest, bytes.size());
  digest.update(bytes);
}

} // namespace

std::int64_t to_nanoseconds(system_clock::time_point time) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

system_clock::time_point from_nanoseconds(std::int64_t time) noexcept {
  return system_clock::time_point(std::chrono::duration_cast<system_clock::duration>(std::chrono::nanoseconds{time}));
}

std::string chain_begin(std::string_view run, std::string_view document) {
  Sha256 digest;
  add(digest, chain_version);
  add(digest, run);
  add(digest, document);
  return digest.bytes();
}

EntryView view_of(const JournalEntry& entry) noexcept {
  EntryView view{entry.seq, entry.fence, entry.time, entry.type, entry.data, std::nullopt};
  if (entry.output) view.output = *entry.output;
  return view;
}

// Without an output is another thing than with an empty one.
std::string chain_next(std::string_view previous, const EntryView& entry) {
  Sha256 digest;
  add(digest, previous);
  add(digest, entry.seq);
  add(digest, entry.fence);
  add(digest, static_cast<std::uint64_t>(entry.time));
  add(digest, entry.type);
  add(digest, entry.data);
  if (entry.output) add(digest, *entry.output);
  return digest.bytes();
}

std::vector<EncodedEvent> encode_events(std::span<const Event> events, std::span<const Blob> blobs, std::string& head) {
  std::vector<EncodedEvent> encoded;
  encoded.reserve(events.size());
  auto blob = blobs.begin();
  for (const Event& event : events) {
    Values object;
    write_data(object, event.data, nullptr);
    std::string data = write_journal_json(std::move(object)).value();
    EntryView entry{event.seq, event.fence, to_nanoseconds(event.time), type_name(event), data, std::nullopt};
    if (blob != blobs.end() && blob->seq == event.seq) entry.output = (blob++)->bytes;
    head = chain_next(head, entry);
    encoded.push_back({std::move(data), head});
  }
  return encoded;
}

Result<EventData> decode_data(std::string_view type, std::string_view data) {
  auto value = read_journal_json(data);
  if (!value) return value.error();
  if (!value->is_object()) return Error{errc::store_error, "is no JSON object", {}};
  Members members(value->get_object());
  return read_data(type, members);
}

} // namespace runbook
