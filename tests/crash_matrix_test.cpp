// Runs whose owner is killed at every point, and the one who takes them up as well. With RUNBOOK_LONG_TESTS=1 in the
// environment (`tests/run --long`) every second crash of every scenario is tried, in the middle of commits too.
#include "support/crash_scenarios.hpp"
#include "support/long_tests.hpp"
#include "support/temp_folder.hpp"

#include <runbook/crash_matrix.hpp>

#include <doctest/doctest.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// Only processes end here, so what a file system keeps through a power failure does not matter.
std::string fast_folder() {
  return std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : std::string();
}

void survives(const CrashScenario& scenario, bool twice) {
  CrashMatrix matrix{.folder = fast_folder()};
  matrix.twice = twice || full_size();
  matrix.system_calls_twice = full_size();
  const CrashReport report = run_crash_matrix(scenario, matrix);
  MESSAGE(to_string(report));
  CHECK(report.ok());
  if (std::getenv("RUNBOOK_CRASH_POINT") != nullptr) return;
  CHECK(report.once > 40);
  CHECK(report.once == report.points);
  if (twice) CHECK(report.twice > report.once);
}

} // namespace

TEST_CASE("crash matrix: a run that goes forward") {
  survives(forward_scenario(), true);
}

TEST_CASE("crash matrix: a run that fails late and is rolled back, and an undo that fails") {
  survives(rollback_scenario(), true);
}

TEST_CASE("crash matrix: a loop and a graph, two at once") {
  survives(flow_scenario(false), false);
}

TEST_CASE("crash matrix: a loop and a graph that are rolled back") {
  survives(flow_scenario(true), false);
}

TEST_CASE("crash matrix: a runbook that runs another one and is rolled back") {
  survives(runbook_scenario(), false);
}

TEST_CASE("crash matrix: whatever is to be done about a doubt") {
  for (const std::string says : {"done", "not-done", "failed"}) survives(doubt_scenario(OnDoubt::ask, says), false);
  for (const OnDoubt on_doubt : {OnDoubt::retry, OnDoubt::assume_done, OnDoubt::assume_failed, OnDoubt::probe}) {
    survives(doubt_scenario(on_doubt), false);
  }
}

TEST_CASE("crash matrix: real programs") {
  survives(shell_scenario(), false);
}

TEST_CASE("crash matrix: answers that are left in the store") {
  survives(answers_scenario(), false);
}

namespace {

/// Says that an append is durable and keeps it back until the next one: what no store may do.
class HastyStore final : public RunStore {
public:
  explicit HastyStore(std::shared_ptr<RunStore> store) : store_(std::move(store)) {}

private:
  class HastyJournal final : public Journal {
  public:
    explicit HastyJournal(std::unique_ptr<Journal> journal)
        : Journal(journal->fence(), journal->last_seq()), journal_(std::move(journal)) {}
    ~HastyJournal() override { static_cast<void>(write()); }

  private:
    Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) override {
      auto written = write();
      events_.assign(events.begin(), events.end());
      blobs_.assign(blobs.begin(), blobs.end());
      const bool last = std::holds_alternative<RunClosed>(events.back().data) ||
                        std::holds_alternative<RunParked>(events.back().data);
      return last && written ? write() : written;
    }
    Result<void> write() { return journal_->append(std::exchange(events_, {}), std::exchange(blobs_, {})); }

    std::unique_ptr<Journal> journal_;
    std::vector<Event> events_;
    std::vector<Blob> blobs_;
  };

  static Result<std::unique_ptr<Journal>> hasty(Result<std::unique_ptr<Journal>> journal) {
    if (!journal) return journal;
    return std::unique_ptr<Journal>(std::make_unique<HastyJournal>(std::move(*journal)));
  }
  Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override {
    return hasty(store_->create(document, events));
  }
  Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner,
                                            std::chrono::system_clock::time_point now,
                                            std::uint64_t last_seq) override {
    return hasty(store_->claim(run, owner, now, last_seq));
  }
  Result<std::vector<Event>> do_load(const std::string& run) override { return store_->load(run); }
  Result<std::string> do_document(const std::string& run) override { return store_->document(run); }
  Result<std::string> do_output(const std::string& run, std::uint64_t seq) override { return store_->output(run, seq); }
  Result<std::vector<RunSummary>> do_list() override { return store_->list(); }
  Result<std::uint64_t> do_post(const std::string& run, const Message& m) override { return store_->post(run, m); }
  Result<std::vector<Message>> do_messages(const std::string& run, std::uint64_t after) override {
    return store_->messages(run, after);
  }

  std::shared_ptr<RunStore> store_;
};

} // namespace

TEST_CASE("crash matrix: finds a store that acknowledges too early, and the way to see it again leads there") {
  CrashMatrix matrix{.open = [](const CrashLife& life) -> Result<std::shared_ptr<RunStore>> {
                       return std::shared_ptr<RunStore>(
                           std::make_shared<HastyStore>(open_sqlite(life.folder() + "/runs.db").value()));
                     },
                     .system_calls = false,
                     .folder = fast_folder()};
  const TempFolder folder;
  matrix.folder = folder.path().string();
  const CrashReport report = run_crash_matrix(forward_scenario(), matrix);
  REQUIRE(!report.ok());
  CHECK(report.failures[0].text.find("an attempt was started twice: ") != std::string::npos);
  CHECK(report.failures[0].text.find("RUNBOOK_CRASH_POINT='forward: ") != std::string::npos);
  matrix.only = report.failures[0].history;
  const CrashReport again = run_crash_matrix(forward_scenario(), matrix);
  CHECK(again.once == 1);
  CHECK(again.failures.size() == 1);
  matrix.only = "another: after append 1";
  CHECK(run_crash_matrix(forward_scenario(), matrix).ok());
}

TEST_CASE("crash matrix: finds an end that the scenario does not name") {
  const TempFolder folder;
  CrashScenario scenario = forward_scenario();
  scenario.ends = {RunStatus::failed};
  const CrashReport report =
      run_crash_matrix(scenario, {.system_calls = false, .folder = folder.path().string(), .only = "forward: "});
  REQUIRE(report.failures.size() == 1);
  CHECK(report.failures[0].text.find("the run is 'succeeded'") != std::string::npos);
}

TEST_CASE("crash matrix: refuses a caller with several threads") {
  const std::jthread other([&](const std::stop_token& stop) {
    std::condition_variable_any stopped;
    std::mutex mutex;
    std::unique_lock own(mutex);
    stopped.wait(own, stop, [] { return false; });
  });
  CHECK_THROWS_AS(static_cast<void>(run_crash_matrix(forward_scenario())), Exception);
}
