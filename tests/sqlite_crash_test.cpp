// The SQLite store when things go wrong: processes killed at any moment, processes in competition, disks that fail.
#include "support/disk_faults.hpp"
#include "support/self.hpp"
#include "support/sqlite_stores.hpp"
#include "support/temp_folder.hpp"

#include <runbook/store.hpp>

#include <sqlite3.h>
#include <sys/resource.h>

#include <doctest/doctest.h>

#include <random>
#include <thread>

using namespace runbook;
using namespace runbook::testing;
namespace fs = std::filesystem;

namespace {

std::string integrity(const std::string& path) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(handle, "PRAGMA integrity_check", -1, &statement, nullptr);
  sqlite3_step(statement);
  const auto* words = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  std::string text = words == nullptr ? sqlite3_errmsg(handle) : words;
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return text;
}

/// One step's worth of events with some output, as a run appends them.
struct StepBatch {
  explicit StepBatch(EventLine& line, std::uint64_t size = 300)
      : events(line.next_of({intent(forward(0)), output(forward(0), size), ok(forward(0))})),
        blob{events[1].seq, std::string(size, 'o')} {}
  [[nodiscard]] Result<void> append_to(Journal& journal) const { return journal.append(events, {&blob, 1}); }

  std::vector<Event> events;
  Blob blob;
};

/// The run has this many whole steps, each with its output.
void check_run(RunStore& store, const std::string& run, std::uint64_t steps) {
  const auto events = store.load(run);
  REQUIRE_MESSAGE(events.has_value(), to_string(events.error()));
  REQUIRE(events->size() == 1 + 3 * steps);
  for (std::uint64_t seq = 3; seq < events->size(); seq += 3) {
    const auto bytes = store.output(run, seq);
    REQUIRE_MESSAGE(bytes.has_value(), to_string(bytes.error()));
    REQUIRE(bytes->size() == std::get<StepOutput>((*events)[seq - 1].data).kept);
  }
}

} // namespace

TEST_CASE("other process: appends steps to a run and says so" * doctest::skip()) {
  const auto store = open_sqlite(given("RUNBOOK_TEST_STORE"), {}, {.checkpoint_pages = 8}).value();
  EventLine line;
  const auto journal = create(*store, given("RUNBOOK_TEST_RUN"), line);
  say("created");
  const int count = std::stoi(given("RUNBOOK_TEST_STEPS"));
  for (int step = 1; step <= count; ++step) {
    const StepBatch batch(line, static_cast<std::uint64_t>(step) * 97 % 6000);
    batch.append_to(*journal).value();
    say(std::to_string(step));
  }
}

namespace {

const std::string appender = "other process: appends steps to a run and says so";

OtherProcess start_appender(const std::string& path, const std::string& run, int steps) {
  return OtherProcess(
      appender,
      {{"RUNBOOK_TEST_STORE", path}, {"RUNBOOK_TEST_RUN", run}, {"RUNBOOK_TEST_STEPS", std::to_string(steps)}});
}

/// The last step that it said it had recorded, before it went silent.
std::uint64_t last_said(OtherProcess& process) {
  std::uint64_t last = 0;
  for (std::string line = process.line(); !line.empty(); line = process.line()) {
    if (line.find_first_not_of("0123456789") == std::string::npos) last = std::stoull(line);
  }
  return last;
}

} // namespace

TEST_CASE("sqlite: a writer that is killed at any moment has lost nothing that it was promised") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  std::mt19937 random(11);
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    const std::string run = "r" + std::to_string(round);
    OtherProcess process = start_appender(path, run, 1'000'000);
    REQUIRE(process.line() == "created");
    std::uint64_t said = 0;
    for (auto n = random() % 40; n > 0; --n) said = std::stoull(process.line());
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000)); // somewhere inside a commit
    process.kill();
    said = std::max(said, last_said(process));
    const auto store = open(path);
    const auto events = store->load(run);
    REQUIRE_MESSAGE(events.has_value(), to_string(events.error()));
    const std::uint64_t steps = (events->size() - 1) / 3;
    CHECK(steps >= said);
    CHECK(steps <= said + 1); // the one whose commit it did not hear of any more
    check_run(*store, run, steps);
    CHECK(integrity(path) == "ok");
  }
}

TEST_CASE("sqlite: processes write different runs at the same time while one is killed and another reads") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  const auto own = open(path, {}, {.checkpoint_pages = 8});
  constexpr int steps = 120;
  OtherProcess first = start_appender(path, "first", steps);
  OtherProcess second = start_appender(path, "second", steps);
  OtherProcess doomed = start_appender(path, "doomed", 1'000'000);
  const auto reader = open_sqlite(path, {.read_only = true}).value();
  REQUIRE(doomed.line() == "created");
  EventLine line;
  const auto journal = create(*own, "own", line);
  for (int step = 0; step < steps; ++step) {
    const auto appended = StepBatch(line).append_to(*journal);
    REQUIRE_MESSAGE(appended.has_value(), to_string(appended.error()));
    if (step % 10 == 0) check_run(*reader, "own", static_cast<std::uint64_t>(step) + 1);
    if (step == steps / 2) doomed.kill();
  }
  CHECK(last_said(first) == steps);
  CHECK(last_said(second) == steps);
  CHECK(first.wait() == 0);
  CHECK(second.wait() == 0);
  for (const char* run : {"first", "second", "own"}) check_run(*reader, run, steps);
  const auto left = reader->load("doomed");
  REQUIRE_MESSAGE(left.has_value(), to_string(left.error()));
  check_run(*reader, "doomed", (left->size() - 1) / 3);
  CHECK(integrity(path) == "ok");
}

TEST_CASE("sqlite: several stores on one file in one process take turns") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  constexpr int count = 3;
  constexpr int steps = 60;
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      EventLine line;
      std::unique_ptr<Journal> journal;
      for (int step = 0; step < steps; ++step) {
        // Opened and closed over and over beside the others' commits.
        const auto store = open_sqlite(path, {}, {.checkpoint_pages = 4}).value();
        if (!journal) journal = create(*store, std::to_string(i), line);
        StepBatch(line).append_to(*journal).value();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto store = open(path);
  for (int i = 0; i < count; ++i) check_run(*store, std::to_string(i), steps);
  CHECK(integrity(path) == "ok");
}

TEST_CASE("sqlite: an owner that was stopped and goes on is refused after another took the run") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  OtherProcess process = start_appender(path, "r", 1'000'000);
  REQUIRE(process.line() == "created");
  REQUIRE(process.line() == "1");
  const auto store = open(path);
  const auto claimed = store->claim("r", {"second"}, start_time);
  REQUIRE_MESSAGE(claimed.has_value(), to_string(claimed.error()));
  last_said(process);
  CHECK(process.wait() != 0); // it was told `fenced` and gave up
  const auto events = store->load("r").value();
  CHECK(events.size() == (*claimed)->last_seq());
  CHECK(events.back().fence == 2);
}

TEST_CASE("sqlite: an append costs one sync") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  const auto journal = create(*store, "r", line);
  REQUIRE(StepBatch(line).append_to(*journal).has_value());
  const int before = disk.syncs;
  for (int step = 0; step < 50; ++step) REQUIRE(StepBatch(line).append_to(*journal).has_value());
  CHECK(disk.syncs - before == 50);
}

TEST_CASE("sqlite: an append that fails records nothing and works when the disk does again") {
  for (const int error : {ENOSPC, EIO, EDQUOT}) {
    CAPTURE(error);
    TempFolder folder;
    const std::string path = folder / "runs.db";
    auto store = open(path, {}, {.checkpoint_pages = 20});
    EventLine line;
    const auto journal = create(*store, "r", line);
    std::uint64_t steps = 0;
    for (int calls = 0; calls < 6; ++calls) {
      CAPTURE(calls);
      const StepBatch batch(line, 9000);
      disk.calls_left = calls;
      disk.fail_writes = error;
      const auto appended = batch.append_to(*journal);
      disk.heal();
      if (!appended) {
        CHECK(appended.error().code == errc::store_error);
        CHECK(appended.error().message.find(path) != std::string::npos);
        check_run(*store, "r", steps);
        REQUIRE(batch.append_to(*journal).has_value());
      }
      check_run(*store, "r", ++steps);
    }
    CHECK(integrity(path) == "ok");
  }
}

TEST_CASE("sqlite: an append whose sync fails is not acknowledged and can be repeated") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  auto store = open(path);
  EventLine line;
  auto journal = create(*store, "r", line);
  REQUIRE(StepBatch(line).append_to(*journal).has_value());
  for (std::uint64_t steps = 1; steps < 4; ++steps) {
    const StepBatch batch(line);
    disk.fail_syncs = EIO;
    const auto appended = batch.append_to(*journal);
    disk.heal();
    REQUIRE(!appended.has_value());
    CAPTURE(appended.error().message);
    CHECK(appended.error().message.find("input/output error: Input/output error") != std::string::npos);
    check_run(*store, "r", steps);
    REQUIRE(batch.append_to(*journal).has_value());
    check_run(*store, "r", steps + 1);
  }
  journal.reset();
  store.reset();
  check_run(*open(path), "r", 4);
  CHECK(integrity(path) == "ok");
}

TEST_CASE("sqlite: a file that may not grow any more is an error until it may") {
  TempFolder folder;
  auto store = open(folder / "runs.db");
  EventLine line;
  const auto journal = create(*store, "r", line);
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN); // by default it would end this process
  const rlimit small{400'000, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  std::uint64_t steps = 0;
  Result<void> appended;
  StepBatch batch(line, 5000);
  while ((appended = batch.append_to(*journal)).has_value() && steps < 1000) {
    batch = StepBatch(line, 5000);
    ++steps;
  }
  const Error error = appended.has_value() ? Error{} : appended.error();
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  CHECK(steps > 10);
  CHECK(error.code == errc::store_error);
  CAPTURE(error.message);
  CHECK(error.message.find("File too large") != std::string::npos);
  check_run(*store, "r", steps);
  REQUIRE(batch.append_to(*journal).has_value());
  check_run(*store, "r", steps + 1);
}

TEST_CASE("sqlite: a checkpoint that fails is no failure of the append before it") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  const auto store = open(path, {}, {.checkpoint_pages = 4});
  EventLine line;
  const auto journal = create(*store, "r", line);
  for (std::uint64_t steps = 1; steps < 40; ++steps) {
    disk.calls_left = 1; // the commit's own sync works, the checkpoint's do not
    disk.fail_syncs = EIO;
    const StepBatch batch(line);
    if (!batch.append_to(*journal)) { // the log was being started over, which syncs its header first
      disk.heal();
      REQUIRE(batch.append_to(*journal).has_value());
    }
    disk.heal();
    check_run(*store, "r", steps);
  }
  CHECK(integrity(path) == "ok");
}
