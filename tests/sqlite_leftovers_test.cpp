// What a store that is gone has left beside its name never gets into the store that is made in its place.
#include "support/disk_faults.hpp"
#include "support/self.hpp"
#include "support/sqlite_stores.hpp"
#include "support/temp_folder.hpp"

#include <runbook/store.hpp>

#include <sqlite3.h>

#include <doctest/doctest.h>

using namespace runbook;
using namespace runbook::testing;
namespace fs = std::filesystem;

namespace {

/// The store at this path is new: it takes runs of the same names as the old one and holds nothing else.
void check_is_new(const std::string& path) {
  {
    const auto store = open(path);
    CHECK(store->list()->empty());
    for (const char* run : {"old-0", "new"}) {
      const auto written = write_run(*store, run, 40);
      REQUIRE_MESSAGE(written.has_value(), to_string(written.error()));
    }
  }
  const auto store = open(path);
  CHECK(store->list()->size() == 2);
  CHECK(store->load("old-0")->size() == 1 + 3 * 40);
  CHECK(store->load("new")->size() == 1 + 3 * 40);
}

} // namespace

TEST_CASE("other process: writes runs and waits to be killed" * doctest::skip()) {
  const auto store = open_sqlite(given("RUNBOOK_TEST_STORE")).value();
  for (int run = 0; run < 3; ++run) write_run(*store, "old-" + std::to_string(run), 60).value();
  say("written");
  for (;;) ::pause();
}

TEST_CASE("other process: changes a database in place and waits to be killed" * doctest::skip()) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(given("RUNBOOK_TEST_STORE").c_str(), &handle) == SQLITE_OK);
  const char* const work = "PRAGMA journal_mode = DELETE; CREATE TABLE t (a);"
                           "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400) "
                           "INSERT INTO t SELECT randomblob(500) FROM n;"
                           "PRAGMA cache_size = 1; BEGIN; UPDATE t SET a = randomblob(500)";
  REQUIRE(sqlite3_exec(handle, work, nullptr, nullptr, nullptr) == SQLITE_OK);
  say("written");
  for (;;) ::pause();
}

namespace {

const std::string writer = "other process: writes runs and waits to be killed";
const std::string changer = "other process: changes a database in place and waits to be killed";

/// What is left beside a database at this path when the process that uses it is killed.
void leave_crashed(const std::string& what, const std::string& path) {
  OtherProcess process(what, {{"RUNBOOK_TEST_STORE", path}});
  REQUIRE(process.line() == "written");
  process.kill();
  for (const char* left : {"-wal", "-journal"}) {
    if (fs::exists(path + left)) REQUIRE(fs::file_size(path + left) > 10'000);
  }
}

} // namespace

TEST_CASE("sqlite: a killed writer's log does not get into the store that is made after its file was removed") {
  for (const bool emptied : {false, true}) {
    CAPTURE(emptied);
    TempFolder folder;
    leave_crashed(writer, folder / "runs.db");
    REQUIRE(folder.has("runs.db-wal"));
    REQUIRE(folder.has("runs.db-shm"));
    if (emptied) {
      folder.write("runs.db", "");
    } else {
      fs::remove(folder.path() / "runs.db");
    }
    check_is_new(folder / "runs.db");
  }
}

TEST_CASE("sqlite: a rollback journal of a former database is not played into a new store") {
  for (const char* name : {"runs.db", "runs.db.new"}) {
    CAPTURE(name);
    TempFolder folder;
    leave_crashed(changer, folder / name);
    REQUIRE(folder.has(std::string(name) + "-journal"));
    fs::remove(folder.path() / name);
    check_is_new(folder / "runs.db");
    CHECK(!folder.has(std::string(name) + "-journal"));
  }
}

TEST_CASE("sqlite: a killed writer's store whose file is there keeps its log") {
  TempFolder folder;
  leave_crashed(writer, folder / "runs.db");
  const auto store = open(folder / "runs.db");
  CHECK(store->list()->size() == 3);
  CHECK(store->load("old-2")->size() == 1 + 3 * 60);
}

TEST_CASE("sqlite: no store is made in place of one that is still in use") {
  TempFolder folder;
  const fs::path path = folder.path() / "runs.db";
  OtherProcess process(writer, {{"RUNBOOK_TEST_STORE", path}});
  REQUIRE(process.line() == "written");
  fs::rename(path, folder.path() / "moved.db");
  CHECK(contains(refusal_of(path), "was removed, moved or emptied while another program has it open"));
  CHECK(contains(refusal_of(path), "end that program"));
  CHECK(folder.has("runs.db-wal"));
  CHECK(!fs::exists(path));
  fs::rename(folder.path() / "moved.db", path); // nothing happened to it
  process.kill();
  CHECK(open(path)->load("old-2")->size() == 1 + 3 * 60);
  fs::remove(path);
  check_is_new(path);
}

TEST_CASE("sqlite: no store is made in place of one that this process has in use") {
  TempFolder folder;
  const fs::path path = folder.path() / "runs.db";
  auto first = open(path);
  fs::remove(folder.path() / "runs.db.lock"); // made anew by the next who writes; the store is in use as before
  REQUIRE(write_run(*first, "old-0", 40).has_value());
  fs::remove(path);
  CHECK(contains(refusal_of(path), "while another program has it open"));
  first.reset();
  check_is_new(path);
}

TEST_CASE("sqlite: who holds a store that was removed with all its files harms no new one") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  auto former = open(path);
  REQUIRE(write_run(*former, "old-0", 40).has_value());
  for (const char* left : {"", "-wal", "-shm", ".lock"}) fs::remove(path + left);
  const auto store = open(path);
  REQUIRE(write_run(*store, "new", 40).has_value());
  const auto refused = write_run(*former, "old-1", 1);
  REQUIRE(!refused.has_value());
  CHECK(contains(refused.error().message, "was moved or removed while it was open"));
  former.reset(); // does not take the new store's log with it
  CHECK(folder.has("runs.db-wal"));
  REQUIRE(write_run(*store, "newer", 40).has_value());
  CHECK(open(path)->list()->size() == 2);
}

TEST_CASE("sqlite: leftovers are gone from the disk before there is a new store") {
  for (const char* suffix : {"-wal", "-shm", "-journal"}) {
    CAPTURE(suffix);
    TempFolder folder;
    const std::string path = folder / "runs.db";
    folder.write("runs.db" + std::string(suffix), "left over");
    bool synced = false; // while there was neither anything left over nor a new store
    disk.before_sync = [&] {
      synced = synced || (!fs::exists(path + suffix) && !fs::exists(path + ".new") && !fs::exists(path));
    };
    disk.fail_syncs = EIO;
    CHECK(contains(refusal_of(path), "Input/output error"));
    disk.heal();
    CHECK(synced);
    CHECK(!fs::exists(path));
    CHECK(!folder.has("runs.db.new"));
    synced = false; // there is nothing to be removed now, but who knows whether that is on the disk
    const auto store = open(path);
    disk.before_sync = nullptr;
    CHECK(synced);
  }
}

TEST_CASE("sqlite: leftovers that cannot be removed are named and there is no new store") {
  TempFolder folder;
  fs::create_directory(folder.path() / "runs.db-wal");
  CHECK(contains(refusal_of(folder / "runs.db"), folder / "runs.db-wal', left by a former store, cannot be removed"));
  CHECK(!folder.has("runs.db"));
}
