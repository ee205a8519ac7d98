// Runs that go on at once share their commits, and each of them keeps its own promises.
#include "support/runs.hpp"

#include <runbook/testing.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// A memory store that looks like one on a disk: others share it, and several appends are one commit.
class DiskLike final : public RunStore {
public:
  [[nodiscard]] bool is_shared() const noexcept override { return true; }
  [[nodiscard]] std::size_t commits() const { return commits_; }
  [[nodiscard]] std::size_t appends() const { return appends_; }
  /// From now on every commit fails.
  void break_down() { broken_ = true; }
  /// Appends of this run are refused, as if somebody had taken it over.
  void fence(const std::string& run) { fenced_.insert(run); }
  /// From now on no lease is renewed: somebody else owns the runs.
  void take_leases() { leases_taken_ = true; }
  /// Called in every commit.
  std::function<void()> in_commit = [] {};

protected:
  class DiskJournal final : public Journal {
  public:
    DiskJournal(DiskLike& store, std::string run, std::unique_ptr<Journal> journal)
        : Journal(journal->fence(), journal->last_seq()), store_(store), run_(std::move(run)),
          journal_(std::move(journal)) {}
    Result<void> write(std::span<const Event> events, std::span<const Blob> blobs) {
      ++store_.appends_;
      if (store_.fenced_.contains(run_)) return Error{errc::fenced, "taken over", {}};
      return journal_->append(events, blobs);
    }

  protected:
    Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) override {
      store_.in_commit();
      ++store_.commits_;
      if (store_.broken_) return Error{errc::store_error, "the disk is full", {}};
      return write(events, blobs);
    }
    Result<void> do_renew(Lease) override {
      if (store_.leases_taken_) return Error{errc::fenced, "somebody else owns it", {}};
      return {};
    }

  private:
    DiskLike& store_;
    std::string run_;
    std::unique_ptr<Journal> journal_;
  };

  void do_append_together(std::span<Append> appends) override {
    in_commit();
    ++commits_;
    for (Append& append : appends) {
      append.result = broken_ ? Result<void>(Error{errc::store_error, "the disk is full", {}})
                              : static_cast<DiskJournal&>(*append.journal).write(append.events, append.blobs);
    }
  }
  Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override {
    const std::string run = std::get<RunCreated>(events.front().data).header->run;
    return std::make_unique<DiskJournal>(*this, run, memory_->create(document, events).value());
  }
  Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner,
                                            std::chrono::system_clock::time_point now,
                                            std::uint64_t last_seq) override {
    return std::make_unique<DiskJournal>(*this, run, memory_->claim(run, owner, now, last_seq).value());
  }
  Result<std::vector<Event>> do_load(const std::string& run) override { return memory_->load(run); }
  Result<std::string> do_document(const std::string& run) override { return memory_->document(run); }
  Result<std::string> do_output(const std::string& run, std::uint64_t seq) override {
    return memory_->output(run, seq);
  }
  Result<std::vector<RunSummary>> do_list() override { return memory_->list(); }
  Result<std::uint64_t> do_post(const std::string& run, const Message& message) override {
    return memory_->post(run, message);
  }
  Result<std::vector<Message>> do_messages(const std::string& run, std::uint64_t after) override {
    return memory_->messages(run, after);
  }

private:
  std::shared_ptr<RunStore> memory_ = make_memory_store();
  std::atomic<std::size_t> commits_ = 0;
  std::atomic<std::size_t> appends_ = 0;
  std::atomic<bool> broken_ = false;
  std::atomic<bool> leases_taken_ = false;
  std::set<std::string> fenced_;
};

/// Steps that run on workers, so that several end at about the same time.
Runbook book(int steps) {
  Runbook made{"Several steps"};
  for (int i = 1; i <= steps; ++i) made.step("s" + std::to_string(i)).use("work").rollback("work");
  return made;
}

constexpr int runs = 16;
constexpr int steps = 6;

} // namespace

TEST_CASE("shared commits: runs at once need fewer commits than appends, and each journal is whole") {
  auto store = std::make_shared<DiskLike>();
  store->in_commit = [] { std::this_thread::sleep_for(std::chrono::milliseconds{1}); }; // as a disk's sync takes time
  HandlerRegistry handlers;
  handlers.add({.name = "work"}, [](StepContext&) -> Result<Value> { return Value(); });
  const Plan plan = make_plan(book(steps), handlers).value();
  std::vector<RunResult> results;
  {
    Executor executor{handlers, {.store = store, .workers = 8}};
    std::vector<RunHandle> handles;
    for (int i = 0; i < runs; ++i) handles.push_back(executor.start(plan));
    for (const RunHandle& handle : handles) results.push_back(handle.wait());
  }
  const std::string story = event_story(results.front(), plan);
  for (const RunResult& result : results) {
    CHECK(result.status == RunStatus::succeeded);
    CHECK(event_story(result, plan) == story);
    for (std::size_t i = 0; i < result.events.size(); ++i) CHECK(result.events[i].seq == i + 1);
  }
  CHECK(store->appends() == runs * steps); // the first intent is part of the creation
  CHECK(store->commits() * 2 < store->appends());
}

TEST_CASE("shared commits: a run that is alone commits by itself and at once") {
  auto store = std::make_shared<DiskLike>();
  HandlerRegistry handlers;
  handlers.add({.name = "work", .quick = true}, [](StepContext&) -> Result<Value> { return Value(); });
  Executor executor{handlers, {.store = store}};
  CHECK(executor.run(make_plan(book(steps), handlers).value()).status == RunStatus::succeeded);
  CHECK(store->commits() == steps);
}

TEST_CASE("shared commits: one that is refused halts its run and no other") {
  auto store = std::make_shared<DiskLike>();
  HandlerRegistry handlers;
  Signal go;
  handlers.add({.name = "work"}, [&](StepContext&) -> Result<Value> {
    static_cast<void>(go.wait());
    return Value();
  });
  const Plan plan = make_plan(book(2), handlers).value();
  Executor executor{handlers, {.store = store, .workers = 8}};
  StartOptions taken_over;
  taken_over.run_id = "taken-over";
  store->fence("taken-over");
  const RunHandle lost = executor.start(plan, taken_over);
  std::vector<RunHandle> others;
  for (int i = 0; i < 4; ++i) others.push_back(executor.start(plan));
  go.set();
  const RunResult refused = lost.wait();
  CHECK(refused.status == RunStatus::parked);
  REQUIRE(refused.error.has_value());
  CHECK(refused.error->code == errc::fenced);
  for (const RunHandle& other : others) CHECK(other.wait().status == RunStatus::succeeded);
}

TEST_CASE("shared commits: a commit that fails starts nothing of any run") {
  auto store = std::make_shared<DiskLike>();
  HandlerRegistry handlers;
  Signal go;
  std::atomic<int> seconds = 0;
  handlers.add({.name = "work"}, [&](StepContext& context) -> Result<Value> {
    if (context.step() == "s1") static_cast<void>(go.wait());
    if (context.step() == "s2") ++seconds;
    return Value();
  });
  const Plan plan = make_plan(book(2), handlers).value();
  Executor executor{handlers, {.store = store, .workers = 8}};
  std::vector<RunHandle> handles;
  for (int i = 0; i < 4; ++i) handles.push_back(executor.start(plan));
  store->break_down();
  go.set();
  for (const RunHandle& handle : handles) {
    const RunResult result = handle.wait();
    CHECK(result.status == RunStatus::parked);
    REQUIRE(result.error.has_value());
    CHECK(result.error->message == "the disk is full");
  }
  CHECK(seconds == 0);
}

TEST_CASE("shared commits: a run whose lease is lost behind one ends, although nothing of it runs") {
  auto store = std::make_shared<DiskLike>();
  HandlerRegistry handlers = builtin_handlers();
  Signal go;
  handlers.add({.name = "work"}, [&](StepContext&) -> Result<Value> {
    static_cast<void>(go.wait());
    return Value();
  });
  Runbook asking{"It works, then asks"};
  asking.step("work").use("work");
  asking.step("ask").use("confirm", {{"prompt", "Done?"}});
  const Plan plan = make_plan(asking, handlers).value();
  Executor executor{handlers, {.store = store, .lease = std::chrono::milliseconds{60}}};
  const RunHandle first = executor.start(plan);
  const RunHandle second = executor.start(plan);
  store->take_leases();
  std::this_thread::sleep_for(std::chrono::milliseconds{30}); // a renewal is due now
  go.set();
  for (const RunHandle& run : {first, second}) {
    const auto result = run.wait_for(std::chrono::seconds{20});
    REQUIRE(result.has_value());
    CHECK(result->status == RunStatus::parked);
    REQUIRE(result->error.has_value());
    CHECK(result->error->code == errc::fenced);
  }
}

TEST_CASE("shared commits: an answer is on record when it has been taken") {
  auto store = std::make_shared<DiskLike>();
  HandlerRegistry handlers = builtin_handlers();
  Runbook asking{"It asks"};
  asking.step("ask").use("confirm", {{"prompt", "Done?"}});
  const Plan plan = make_plan(asking, handlers).value();
  Executor executor{handlers, {.store = store}};
  const RunHandle first = executor.start(plan);
  const RunHandle second = executor.start(plan); // two go on: commits are shared
  REQUIRE(first.answer("ask", {.yes = true, .who = "ann"}).has_value());
  const auto events = store->load(first.id()).value();
  CHECK(
      std::ranges::any_of(events, [](const Event& event) { return std::holds_alternative<WaitAnswered>(event.data); }));
  store->break_down();
  const auto refused = second.answer("ask", {.yes = true, .who = "ann"});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message == "the disk is full");
}
