// A store before and after each write of which a life may end.
#include "crash_matrix/life.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

namespace runbook::testing::crash {

namespace {

using Life = std::shared_ptr<CrashLife::State>;

const ActionRef* action_of(const EventData& data) {
  if (const auto* event = std::get_if<StepIntent>(&data)) return &event->at;
  if (const auto* event = std::get_if<StepOutcome>(&data)) return &event->at;
  if (const auto* event = std::get_if<StepDoubt>(&data)) return &event->at;
  if (const auto* event = std::get_if<DoubtResolved>(&data)) return &event->at;
  return nullptr;
}

// "step_outcome a, step_intent b"
std::string words(std::span<const Event> events, const Life& life) {
  std::string text;
  for (const Event& event : events) {
    if (!text.empty()) text += ", ";
    text += type_name(event);
    const ActionRef* at = action_of(event.data);
    if (at != nullptr && life->outline) text += " " + action_path(*life->outline, *at);
  }
  return text;
}

/// Does something between the two points of a write.
template <class Work>
auto between(const Life& life, const std::string& kind, const std::string& what, const Work& work) {
  const auto number = life->points.next(kind);
  life->points.pass(fmt::format("before {} {}", kind, number), what);
  auto result = work();
  life->points.pass(fmt::format("after {} {}", kind, number), what);
  return result;
}

class WatchedJournal final : public Journal {
public:
  WatchedJournal(std::unique_ptr<Journal> journal, Life life)
      : Journal(journal->fence(), journal->last_seq()), journal_(std::move(journal)), life_(std::move(life)) {}

  [[nodiscard]] Journal& watched() noexcept { return *journal_; }

protected:
  Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) override {
    return between(life_, "append", words(events, life_), [&] { return journal_->append(events, blobs); });
  }
  Result<void> do_renew(Lease lease) override {
    return between(life_, "renew", "", [&] { return journal_->renew(lease); });
  }

private:
  std::unique_ptr<Journal> journal_;
  Life life_;
};

class WatchedStore final : public RunStore {
public:
  WatchedStore(std::shared_ptr<RunStore> store, Life life) : store_(std::move(store)), life_(std::move(life)) {}

  [[nodiscard]] bool is_shared() const noexcept override { return store_->is_shared(); }
  [[nodiscard]] std::string folder() const override { return store_->folder(); }

protected:
  Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override {
    return watched(between(life_, "create", words(events, life_), [&] { return store_->create(document, events); }));
  }
  Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner,
                                            std::chrono::system_clock::time_point now,
                                            std::uint64_t last_seq) override {
    return watched(between(life_, "claim", "", [&] { return store_->claim(run, owner, now, last_seq); }));
  }
  Result<std::uint64_t> do_post(const std::string& run, const Message& message) override {
    return between(life_, "post", message.token, [&] { return store_->post(run, message); });
  }
  void do_append_together(std::span<Append> appends) override {
    std::vector<Append> inner(appends.begin(), appends.end());
    for (Append& append : inner) append.journal = &static_cast<WatchedJournal&>(*append.journal).watched();
    between(life_, "append_together", "", [&] {
      store_->append_together(inner);
      return 0;
    });
    for (std::size_t i = 0; i < inner.size(); ++i) appends[i].result = std::move(inner[i].result);
  }
  Result<std::vector<Event>> do_load(const std::string& run) override { return store_->load(run); }
  Result<std::string> do_document(const std::string& run) override { return store_->document(run); }
  Result<std::string> do_output(const std::string& run, std::uint64_t seq) override { return store_->output(run, seq); }
  Result<std::vector<RunSummary>> do_list() override { return store_->list(); }
  Result<Ownership> do_ownership(const std::string& run) override { return store_->ownership(run); }
  Result<void> do_entries(const std::string& run, const std::function<bool(const JournalEntry&)>& visit) override {
    return store_->entries(run, visit);
  }
  Result<std::vector<Message>> do_messages(const std::string& run, std::uint64_t after) override {
    return store_->messages(run, after);
  }

private:
  Result<std::unique_ptr<Journal>> watched(Result<std::unique_ptr<Journal>> journal) {
    if (!journal) return journal;
    return std::unique_ptr<Journal>(std::make_unique<WatchedJournal>(std::move(*journal), life_));
  }

  std::shared_ptr<RunStore> store_;
  Life life_;
};

} // namespace

std::shared_ptr<RunStore> with_points(std::shared_ptr<RunStore> store, const Life& life) {
  return std::make_shared<WatchedStore>(std::move(store), life);
}

} // namespace runbook::testing::crash
