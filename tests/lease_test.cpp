// Owners that cannot say that they live: what they have started is stopped, and who is refused undoes nothing.
#include "support/runs.hpp"
#include "support/temp_folder.hpp"

#include <runbook/testing.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

template <class Holds>
bool wait_until(const Holds& holds, std::chrono::seconds patience = 30s) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

/// Whether a process executes no more: it is gone, or a zombie.
bool has_stopped(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string::npos || stat.at(name_end + 2) == 'Z' || stat.at(name_end + 2) == 'X';
}

/// A store whose appends hang when they are told to, and whose leases are somebody else's from then on.
class HangingStore final : public RunStore {
public:
  HangingStore(std::shared_ptr<RunStore> store, std::string folder)
      : store_(std::move(store)), folder_(std::move(folder)) {}
  [[nodiscard]] std::string folder() const override { return folder_; }
  [[nodiscard]] bool is_shared() const noexcept override { return true; }
  void hang() { hangs_ = true; }
  void go_on() { go_.set(); }

protected:
  class HangingJournal final : public Journal {
  public:
    HangingJournal(HangingStore& store, std::unique_ptr<Journal> journal)
        : Journal(journal->fence(), journal->last_seq()), store_(store), journal_(std::move(journal)) {}

  protected:
    Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) override {
      if (store_.hangs_) static_cast<void>(store_.go_.wait());
      return journal_->append(events, blobs);
    }
    Result<void> do_renew(Lease lease) override {
      if (store_.hangs_) return Error{errc::fenced, "somebody else owns it", {}};
      return journal_->renew(lease);
    }

  private:
    HangingStore& store_;
    std::unique_ptr<Journal> journal_;
  };

  Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override {
    return std::make_unique<HangingJournal>(*this, store_->create(document, events).value());
  }
  Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner,
                                            std::chrono::system_clock::time_point now,
                                            std::uint64_t last_seq) override {
    return std::make_unique<HangingJournal>(*this, store_->claim(run, owner, now, last_seq).value());
  }
  Result<std::vector<Event>> do_load(const std::string& run) override { return store_->load(run); }
  Result<std::string> do_document(const std::string& run) override { return store_->document(run); }
  Result<std::string> do_output(const std::string& run, std::uint64_t seq) override { return store_->output(run, seq); }
  Result<std::vector<RunSummary>> do_list() override { return store_->list(); }
  Result<std::vector<Message>> do_messages(const std::string& run, std::uint64_t after) override {
    return store_->messages(run, after);
  }

private:
  std::shared_ptr<RunStore> store_;
  std::string folder_;
  std::atomic<bool> hangs_ = false;
  Signal go_;
};

constexpr auto slow = R"(# Slow
## Steps
1. Slow {#slow on_doubt=assume_failed}
   ```sh
   echo $$ > pid.new; mv pid.new pid; sleep 60; echo end >> log
   ```
   Rollback:
   ```sh
   echo undo >> log
   ```
)";

Plan plan_of(const std::string& text, const HandlerRegistry& handlers) {
  const Parsed parsed = parse_markdown(text);
  REQUIRE(parsed.ok());
  return make_plan(parsed.runbook, handlers).value();
}

} // namespace

TEST_CASE("lease: what an engine has started is killed in time although the engine hangs in its store") {
  const TempFolder folder;
  Supervision supervision = Supervision::none;
  SUBCASE("programs of this process") {}
  SUBCASE("programs of a supervisor") {
    supervision = Supervision::required;
  }
  auto store = std::make_shared<HangingStore>(make_memory_store(), folder / "steps");
  HandlerRegistry handlers = builtin_handlers();
  handlers.add(quick("first"), [](StepContext&) -> Result<Value> { return Value(); });
  handlers.add({.name = "tick"}, [&](StepContext&) -> Result<Value> {
    CHECK(wait_until([&] { return folder.has("pid"); }));
    store->hang();
    return Value();
  });
  Runbook book{"Two at once"};
  book.step("first").use("first");
  book.step("slow")
      .use("shell", {{"script", "echo $$ > pid.new; mv pid.new pid; exec sleep 60"}})
      .flow.emplace()
      .needs = {"first"};
  book.step("tick").use("tick").flow.emplace().needs = {"first"};
  Executor executor{handlers, {.store = store, .supervision = supervision, .lease = 2s}};
  const Plan plan = make_plan(book, handlers).value();
  const RunHandle run = executor.start(plan, {.directory = folder.path().string()});
  REQUIRE(wait_until([&] { return folder.has("pid"); }));
  std::string pid = folder.read("pid");
  pid.erase(pid.find('\n'));
  CHECK(wait_until([&] { return has_stopped(pid); }, 10s)); // the engine's thread hangs longer than that
  store->go_on();
  const RunResult result = run.wait();
  CHECK(result.status == RunStatus::parked);
  REQUIRE(result.error.has_value());
  CHECK(result.error->code == errc::fenced);
}

TEST_CASE("lease: an owner that was stopped and goes on is refused, stops its step and undoes nothing") {
  const TempFolder folder;
  const std::string file = folder / "runs.db";
  const HandlerRegistry handlers = builtin_handlers();
  const Plan plan = plan_of(slow, handlers);
  const pid_t stale = ::fork();
  if (stale == 0) {
    Executor executor(handlers, {.store = open_sqlite(file).value(), .supervision = Supervision::none, .lease = 2s});
    const RunResult result = executor.run(plan, {.run_id = "r1", .directory = folder.path().string()});
    const bool refused = result.error && result.error->code == errc::fenced;
    ::_exit(refused && result.status == RunStatus::parked ? 42 : 1);
  }
  REQUIRE(wait_until([&] { return folder.has("pid"); }));
  ::kill(stale, SIGSTOP);
  {
    auto store = open_sqlite(file).value();
    const auto is_over = [&] { return store->ownership("r1").value().lease_left.value_or(1s).count() < 0; };
    Executor executor(handlers, {.store = store, .supervision = Supervision::none});
    if (!is_over())
      CHECK_THROWS_WITH_AS(static_cast<void>(executor.resume("r1")), doctest::Contains("lives"), Exception);
    REQUIRE(wait_until(is_over));
    CHECK(executor.resume("r1").wait().status == RunStatus::rolled_back);
  }
  CHECK(folder.read("log") == "undo\n");
  ::kill(stale, SIGCONT);
  int status = 0;
  ::waitpid(stale, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  std::string pid = folder.read("pid");
  pid.erase(pid.find('\n'));
  CHECK(has_stopped(pid));
  CHECK(folder.read("log") == "undo\n");
}

TEST_CASE("lease: an owner that says that it lives keeps its run for as long as it takes") {
  const TempFolder folder;
  const HandlerRegistry handlers = builtin_handlers();
  const Plan plan = plan_of("# T\n## Steps\n1. Slow {#slow}\n   ```sh\n   sleep 5\n   ```\n", handlers);
  auto store = open_sqlite(folder / "runs.db").value();
  Executor executor(handlers, {.store = store, .lease = 4s});
  const RunHandle run = executor.start(plan, {.directory = folder.path().string()});
  std::optional<std::chrono::milliseconds> least;
  while (!run.wait_for(10ms)) {
    const auto left = store->ownership(run.id()).value().lease_left;
    REQUIRE(left.has_value());
    least = std::min(least.value_or(*left), *left);
  }
  CHECK(least.value_or(-1ms) > 0ms);
  CHECK(run.status() == RunStatus::succeeded);
}
