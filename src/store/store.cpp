// What every store refuses, whoever wrote it.
#include "store/chain.hpp"

#include <runbook/store.hpp>

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

Error refused(std::string message) {
  return {errc::invalid_argument, "nothing was recorded: " + std::move(message), {}};
}

/// The numbers go on, the fence is the owner's, and a run is created once.
std::optional<Error> check_events(std::span<const Event> events, std::uint64_t last_seq, std::uint64_t fence) {
  for (const Event& event : events) {
    if (event.seq != ++last_seq) {
      return refused(fmt::format("event {} does not follow event {}", event.seq, last_seq - 1));
    }
    if (event.fence != fence) {
      return refused(fmt::format("event {} has fence {}, its journal {}", event.seq, event.fence, fence));
    }
    if (std::holds_alternative<RunCreated>(event.data) != (event.seq == 1)) {
      return refused(
          fmt::format("event {} is \"{}\", and a run is created by its first event", event.seq, type_name(event)));
    }
  }
  return std::nullopt;
}

/// Every output has its bytes beside it, and no bytes are without their output.
std::optional<Error> check_blobs(std::span<const Event> events, std::span<const Blob> blobs) {
  std::size_t expected = 0;
  for (const Event& event : events) {
    const auto* output = std::get_if<StepOutput>(&event.data);
    if (output != nullptr && output->kept > 0) ++expected;
  }
  std::uint64_t previous = 0;
  for (const Blob& blob : blobs) {
    const std::uint64_t index = blob.seq - (events.empty() ? 0 : events.front().seq);
    const auto* output = index < events.size() ? std::get_if<StepOutput>(&events[index].data) : nullptr;
    if (output == nullptr || blob.seq <= previous) {
      return refused(fmt::format("the bytes for event {} belong to no output among the events", blob.seq));
    }
    if (blob.bytes.size() != output->kept) {
      return refused(fmt::format("event {} says that {} bytes are kept, and there are {}", blob.seq, output->kept,
                                 blob.bytes.size()));
    }
    previous = blob.seq;
    if (output->kept > 0) --expected;
  }
  if (expected > 0) return refused("the bytes of an output are missing");
  return std::nullopt;
}

// Stores are others' code, called where nobody would catch what it throws: on the engine's thread.
template <class Work>
auto guarded(Work work) -> decltype(work()) {
  const auto failed = [](std::string_view words) {
    return Error{errc::store_error, fmt::format("the store failed: {}", words), {}};
  };
  try {
    return work();
  } catch (const Exception& exception) {
    return exception.error();
  } catch (const std::exception& exception) {
    return failed(exception.what());
  } catch (...) {
    return failed("it threw something that is no std::exception");
  }
}

Result<std::unique_ptr<Journal>> checked(Result<std::unique_ptr<Journal>> journal) {
  if (journal && !*journal) return Error{errc::store_error, "the store failed: it gave no journal", {}};
  return journal;
}

Error no_messages() {
  return {errc::store_error, "this kind of store keeps no messages for the owners of runs", {}};
}

} // namespace

template <class Work>
auto RunStore::locked(Work work) -> decltype(work()) {
  return guarded([&]() -> decltype(work()) {
    if (auto usable = do_check(); !usable) return std::move(usable).error();
    const std::scoped_lock lock(mutex_);
    return work();
  });
}

Result<void> Journal::append(std::span<const Event> events, std::span<const Blob> blobs) {
  if (auto error = check_events(events, last_seq_, fence_)) return *std::move(error);
  if (auto error = check_blobs(events, blobs)) return *std::move(error);
  if (events.empty()) return {};
  auto appended = guarded([&] { return do_append(events, blobs); });
  if (appended) last_seq_ += events.size();
  return appended;
}

Result<void> Journal::renew(Lease lease) {
  return guarded([&] { return do_renew(lease); });
}

Result<void> Journal::do_renew(Lease) {
  return {};
}

void RunStore::append_together(std::span<Append> appends) {
  std::vector<Append> checked;
  std::vector<Append*> origins;
  for (Append& append : appends) {
    append.result = {};
    auto error = check_events(append.events, append.journal->last_seq_, append.journal->fence_);
    if (!error) error = check_blobs(append.events, append.blobs);
    if (error) append.result = *std::move(error);
    if (!append.result || append.events.empty()) continue;
    checked.push_back(append);
    origins.push_back(&append);
  }
  if (checked.empty()) return;
  const auto done = guarded([&]() -> Result<void> {
    do_append_together(checked);
    return {};
  });
  for (std::size_t i = 0; i < checked.size(); ++i) {
    origins[i]->result = done ? std::move(checked[i].result) : done;
    if (origins[i]->result) checked[i].journal->last_seq_ += checked[i].events.size();
  }
}

void RunStore::do_append_together(std::span<Append> appends) {
  for (Append& append : appends) {
    append.result = guarded([&] { return append.journal->do_append(append.events, append.blobs); });
  }
}

Result<std::unique_ptr<Journal>> RunStore::create(std::string_view document, std::span<const Event> events) {
  if (events.empty()) return refused("a run starts with its \"run_created\" event");
  if (auto error = check_events(events, 0, 1)) return *std::move(error);
  if (auto error = check_blobs(events, {})) return *std::move(error);
  const auto& header = std::get<RunCreated>(events.front().data).header;
  if (!header || header->run.empty()) return refused("the run has no id");
  return checked(locked([&] { return do_create(document, events); }));
}

Result<std::unique_ptr<Journal>> RunStore::claim(const std::string& run, const Claimed& owner,
                                                 std::chrono::system_clock::time_point now, std::uint64_t last_seq) {
  return checked(locked([&] { return do_claim(run, owner, now, last_seq); }));
}

Result<std::vector<Event>> RunStore::load(const std::string& run) {
  return locked([&] { return do_load(run); });
}

Result<std::string> RunStore::document(const std::string& run) {
  return locked([&] { return do_document(run); });
}

Result<std::string> RunStore::output(const std::string& run, std::uint64_t seq) {
  return locked([&] { return do_output(run, seq); });
}

Result<std::vector<RunSummary>> RunStore::list() {
  return locked([&] { return do_list(); });
}

Result<std::uint64_t> RunStore::post(const std::string& run, const Message& message) {
  return locked([&] { return do_post(run, message); });
}

Result<std::vector<Message>> RunStore::messages(const std::string& run, std::uint64_t after) {
  return locked([&] { return do_messages(run, after); });
}

Result<Ownership> RunStore::ownership(const std::string& run) {
  return locked([&] { return do_ownership(run); });
}

Result<void> RunStore::entries(const std::string& run, const std::function<bool(const JournalEntry&)>& visit) {
  return locked([&] { return do_entries(run, visit); });
}

Result<Ownership> RunStore::do_ownership(const std::string& run) {
  const auto events = do_load(run);
  if (!events) return events.error();
  Ownership ownership;
  for (const Event& event : *events) {
    ownership.last_seq = event.seq;
    ownership.fence = event.fence;
    if (const auto* claimed = std::get_if<Claimed>(&event.data)) ownership.owner = claimed->owner;
  }
  return ownership;
}

Result<void> RunStore::do_entries(const std::string& run, const std::function<bool(const JournalEntry&)>& visit) {
  const auto events = do_load(run);
  if (!events) return events.error();
  const auto document = do_document(run);
  if (!document) return document.error();
  std::string head = chain_begin(run, *document);
  for (const Event& event : *events) {
    std::vector<Blob> blobs;
    const auto* output = std::get_if<StepOutput>(&event.data);
    if (output != nullptr && output->kept > 0) {
      auto bytes = do_output(run, event.seq);
      if (!bytes) return bytes.error();
      blobs.push_back({event.seq, std::move(*bytes)});
    }
    EncodedEvent encoded = std::move(encode_events({&event, 1}, blobs, head).front());
    JournalEntry entry{event.seq,
                       event.fence,
                       to_nanoseconds(event.time),
                       std::string(type_name(event)),
                       std::move(encoded.data),
                       std::nullopt,
                       std::move(encoded.hash)};
    if (!blobs.empty()) entry.output = std::move(blobs.front().bytes);
    if (!visit(entry)) break;
  }
  return {};
}

Result<std::uint64_t> RunStore::do_post(const std::string&, const Message&) {
  return no_messages();
}

Result<std::vector<Message>> RunStore::do_messages(const std::string&, std::uint64_t) {
  return no_messages();
}

} // namespace runbook
