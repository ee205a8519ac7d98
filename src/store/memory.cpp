// A store in memory.
//
// Each run is a record of its own with a lock of its own; a journal points straight at its run's record.
#include "store/event_list.hpp"
#include "store/refusal.hpp"
#include "store/status.hpp"

#include <runbook/store.hpp>

#include <algorithm>
#include <unordered_map>

namespace runbook {

namespace {

struct Record {
  explicit Record(std::shared_ptr<EventMemory> memory) : events(std::move(memory)) {}

  // Never change:
  std::string document;
  std::shared_ptr<const RunHeader> header;
  std::chrono::system_clock::time_point started;
  // Under the lock:
  std::mutex mutex;
  std::uint64_t fence = 1;
  RunStatus status = RunStatus::running;
  EventList events;
  std::unordered_map<std::uint64_t, std::string> outputs;
  std::vector<Message> messages;
  std::string owner;
  std::optional<std::chrono::steady_clock::time_point> lease_end;

  void append(std::span<const Event> added) {
    events.append(added);
    for (const Event& event : added) {
      status = status_after(status, event.data);
      if (const auto* claimed = std::get_if<Claimed>(&event.data)) owner = claimed->owner;
    }
  }
};

class MemoryJournal final : public Journal {
public:
  MemoryJournal(std::shared_ptr<Record> record, std::uint64_t fence, std::uint64_t last_seq)
      : Journal(fence, last_seq), record_(std::move(record)) {}

protected:
  Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) override {
    const std::scoped_lock lock(record_->mutex);
    if (record_->fence != fence()) return refusal::fenced(record_->header->run, fence(), record_->fence);
    for (const Blob& blob : blobs) record_->outputs.insert_or_assign(blob.seq, blob.bytes);
    record_->append(events);
    return {};
  }

  Result<void> do_renew(Lease lease) override {
    const std::scoped_lock lock(record_->mutex);
    if (record_->fence != fence()) return refusal::fenced(record_->header->run, fence(), record_->fence);
    record_->lease_end.reset();
    if (lease != Lease::zero()) record_->lease_end = end_of(lease);
    return {};
  }

private:
  static std::chrono::steady_clock::time_point end_of(Lease lease) {
    constexpr Lease longest = std::chrono::hours{24} * 365 * 100;
    return std::chrono::steady_clock::now() + std::clamp(lease, -longest, longest);
  }

  std::shared_ptr<Record> record_;
};

class MemoryStore final : public RunStore {
protected:
  Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override {
    const auto& header = std::get<RunCreated>(events.front().data).header;
    if (by_id_.contains(header->run)) return refusal::id_taken(header->run);
    auto record = std::make_shared<Record>(memory_);
    record->document = document;
    record->header = header;
    record->started = events.front().time;
    record->append(events);
    by_id_.emplace(header->run, record);
    in_order_.push_back(record);
    return std::make_unique<MemoryJournal>(std::move(record), 1, events.back().seq);
  }

  Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner,
                                            std::chrono::system_clock::time_point now,
                                            std::uint64_t last_seq) override {
    const auto record = find(run);
    if (!record) return refusal::no_run(run);
    const std::scoped_lock lock(record->mutex);
    if (has_ended(record->status)) return refusal::has_ended(run, record->status);
    if (last_seq != 0 && last_seq != record->events.size()) return refusal::went_on(run);
    const Event claimed{record->events.size() + 1, record->fence + 1, now, owner};
    record->append({&claimed, 1});
    record->fence = claimed.fence;
    record->lease_end.reset();
    return std::make_unique<MemoryJournal>(record, claimed.fence, claimed.seq);
  }

  Result<std::vector<Event>> do_load(const std::string& run) override {
    const auto record = find(run);
    if (!record) return refusal::no_run(run);
    const std::scoped_lock lock(record->mutex);
    return record->events.all();
  }

  Result<std::string> do_document(const std::string& run) override {
    const auto record = find(run);
    if (!record) return refusal::no_run(run);
    return record->document;
  }

  Result<std::string> do_output(const std::string& run, std::uint64_t seq) override {
    const auto record = find(run);
    if (!record) return refusal::no_run(run);
    const std::scoped_lock lock(record->mutex);
    const Event* event = record->events.find(seq);
    if (event == nullptr || !std::holds_alternative<StepOutput>(event->data)) return refusal::no_output(run, seq);
    const auto bytes = record->outputs.find(seq);
    return bytes == record->outputs.end() ? std::string() : bytes->second;
  }

  Result<std::vector<RunSummary>> do_list() override {
    std::vector<RunSummary> runs;
    runs.reserve(in_order_.size());
    for (auto record = in_order_.rbegin(); record != in_order_.rend(); ++record) {
      const std::scoped_lock lock((*record)->mutex);
      const RunHeader& header = *(*record)->header;
      runs.push_back({header.run, header.title, (*record)->status, (*record)->started, header.actor});
    }
    return runs;
  }

  Result<Ownership> do_ownership(const std::string& run) override {
    const auto record = find(run);
    if (!record) return refusal::no_run(run);
    const std::scoped_lock lock(record->mutex);
    Ownership ownership{record->owner, record->fence, record->events.size(), std::nullopt};
    if (record->lease_end) {
      ownership.lease_left = std::chrono::floor<Lease>(*record->lease_end - std::chrono::steady_clock::now());
    }
    return ownership;
  }

  Result<std::uint64_t> do_post(const std::string& run, const Message& message) override {
    const auto record = find(run);
    if (!record) return refusal::no_run(run);
    const std::scoped_lock lock(record->mutex);
    if (has_ended(record->status)) return refusal::takes_no_message(run, record->status);
    record->messages.push_back(message);
    record->messages.back().number = record->messages.size();
    return record->messages.back().number;
  }

  Result<std::vector<Message>> do_messages(const std::string& run, std::uint64_t after) override {
    const auto record = find(run);
    if (!record) return refusal::no_run(run);
    const std::scoped_lock lock(record->mutex);
    const auto known = std::min<std::uint64_t>(after, record->messages.size());
    return std::vector<Message>(record->messages.begin() + static_cast<std::ptrdiff_t>(known), record->messages.end());
  }

private:
  [[nodiscard]] std::shared_ptr<Record> find(const std::string& run) const {
    const auto found = by_id_.find(run);
    return found == by_id_.end() ? nullptr : found->second;
  }

  std::shared_ptr<EventMemory> memory_ = std::make_shared<EventMemory>();
  std::unordered_map<std::string, std::shared_ptr<Record>> by_id_;
  std::vector<std::shared_ptr<Record>> in_order_;
};

} // namespace

std::shared_ptr<RunStore> make_memory_store() {
  return std::make_shared<MemoryStore>();
}

} // namespace runbook
