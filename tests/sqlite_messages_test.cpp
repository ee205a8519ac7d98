// Messages to the owners of runs in the SQLite store: from others, and in files that are older than messages.
#include "support/disk_faults.hpp"
#include "support/raw_sqlite.hpp"
#include "support/self.hpp"
#include "support/sqlite_stores.hpp"
#include "support/temp_folder.hpp"

#include <runbook/store.hpp>

#include <doctest/doctest.h>

#include <thread>

using namespace runbook;
using namespace runbook::testing;

namespace {

// The tables of format 1.
constexpr const char* old_schema = R"sql(
CREATE TABLE runs (
  number      INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  title       TEXT NOT NULL,
  actor       TEXT NOT NULL,
  started     INTEGER NOT NULL,
  status      TEXT NOT NULL,
  fence       INTEGER NOT NULL,
  first_event INTEGER NOT NULL,
  last_event  INTEGER
);
CREATE TABLE documents (
  run   INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
);
CREATE TABLE events (
  id    INTEGER PRIMARY KEY,
  run   INTEGER NOT NULL,
  seq   INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  time  INTEGER NOT NULL,
  type  TEXT NOT NULL,
  data  BLOB NOT NULL
);
CREATE TABLE outputs (
  event INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
);
PRAGMA application_id = 0x52554E42;
PRAGMA user_version = 1;
)sql";

/// A store of format 1 with the run "r0" of 16 events.
void make_old_store(const TempFolder& folder, const std::string& path) {
  write_run(*open(folder / "today.db"), "r0", 5).value();
  Raw raw(path);
  raw.run("PRAGMA journal_mode = WAL");
  raw.run(old_schema);
  raw.run("ATTACH '" + folder / "today.db" + "' AS today");
  for (const std::string table : {"runs", "documents", "events", "outputs"}) {
    const std::string columns = table == "events" ? "id, run, seq, fence, time, type, data" : "*";
    raw.run("INSERT INTO main." + table + " SELECT " + columns + " FROM today." + table);
  }
}

std::string format_in(const std::string& path) {
  return Raw(path).run("PRAGMA user_version");
}

} // namespace

TEST_CASE("other process: posts messages" * doctest::skip()) {
  const auto store = open_sqlite(given("RUNBOOK_TEST_STORE")).value();
  for (int i = 0; i < 50; ++i) store->post("r", {.token = std::to_string(i), .who = "other"}).value();
  say("posted");
}

TEST_CASE("sqlite: an owner reads what other processes post while it appends") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  CHECK(store->is_shared());
  CHECK(!make_memory_store()->is_shared());
  EventLine line;
  const auto journal = create(*store, "r", line);
  OtherProcess one("other process: posts messages", {{"RUNBOOK_TEST_STORE", folder / "runs.db"}});
  OtherProcess two("other process: posts messages", {{"RUNBOOK_TEST_STORE", folder / "runs.db"}});
  std::uint64_t seen = 0;
  while (seen < 100) {
    const Event event = line.next(intent(forward(0)));
    REQUIRE(journal->append({&event, 1}).has_value());
    for (const Message& message : store->messages("r", seen).value()) {
      REQUIRE(message.number == seen + 1);
      CHECK(message.who == "other");
      ++seen;
    }
  }
  CHECK(one.line() == "posted");
  CHECK(two.line() == "posted");
  CHECK(store->load("r")->size() == line.last_seq());
}

TEST_CASE("sqlite: messages are there when the store is opened again") {
  TempFolder folder;
  write_run(*open(folder / "runs.db"), "r0", 1).value();
  CHECK(open(folder / "runs.db")->post("r0", {.token = "t", .yes = true, .note = "fine"}).value() == 1);
  CHECK(open(folder / "runs.db")->post("r0", {}).value() == 2);
  CHECK(open(folder / "runs.db", {.read_only = true})->messages("r0").value().front().note == "fine");
  CHECK(Raw(folder / "runs.db").run("SELECT run || number || token || yes || note FROM messages") == "11t1fine\n120\n");
}

TEST_CASE("sqlite: looking for new messages finds them by their key") {
  TempFolder folder;
  write_run(*open(folder / "runs.db"), "r0", 1).value();
  const std::string table = Raw(folder / "runs.db").run("SELECT sql FROM sqlite_schema WHERE name = 'messages'");
  CHECK(contains(table, "PRIMARY KEY (run, number)"));
  CHECK(contains(table, "WITHOUT ROWID"));
}

TEST_CASE("sqlite: who only reads a store posts nothing") {
  TempFolder folder;
  write_run(*open(folder / "runs.db"), "r0", 1).value();
  const auto reader = open(folder / "runs.db", {.read_only = true});
  const auto refused = reader->post("r0", {});
  REQUIRE(!refused.has_value());
  CHECK(refused.error().code == errc::store_error);
  CHECK(contains(refused.error().message, folder / "runs.db"));
  CHECK(contains(refused.error().message, "is open for reading only"));
}

TEST_CASE("sqlite: a message for which the disk has no room is not left and the next one has its number") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  write_run(*store, "r0", 1).value();
  for (const int error : {ENOSPC, EIO}) {
    const auto before = store->messages("r0")->size();
    disk.fail_writes = error;
    const auto refused = store->post("r0", {.token = "lost"});
    disk.heal();
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == errc::store_error);
    CHECK(contains(refused.error().message, folder / "runs.db"));
    CHECK(store->messages("r0")->size() == before);
    CHECK(store->post("r0", {.token = "left"}).value() == before + 1);
  }
}

TEST_CASE("sqlite: a message is on the disk when posting it returns") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  write_run(*store, "r0", 1).value();
  const int before = disk.syncs;
  store->post("r0", {}).value();
  CHECK(disk.syncs == before + 1);
}

TEST_CASE("sqlite: a store that is older than messages gets them when it is opened for writing") {
  TempFolder folder;
  const std::string path = folder / "old.db";
  make_old_store(folder, path);
  {
    const auto store = open(path);
    CHECK(store->load("r0")->size() == 16);
    CHECK(store->messages("r0")->empty());
    CHECK(store->post("r0", {.token = "t"}).value() == 1);
    CHECK(write_run(*store, "r1", 1).has_value());
  }
  CHECK(format_in(path) == "3\n");
  CHECK(Raw(path).run("PRAGMA integrity_check") == "ok\n");
  const auto columns = [](const std::string& file) {
    return Raw(file).run("SELECT sql FROM sqlite_schema WHERE name = 'messages'");
  };
  CHECK(columns(path) == columns(folder / "today.db"));
  CHECK(open(path)->messages("r0").value().front().token == "t");
}

TEST_CASE("sqlite: a reader of a store that is older than messages finds none and changes nothing") {
  TempFolder folder;
  const std::string path = folder / "old.db";
  make_old_store(folder, path);
  const std::string bytes = folder.read("old.db");
  const auto reader = open(path, {.read_only = true});
  CHECK(reader->load("r0")->size() == 16);
  CHECK(reader->output("r0", 3)->size() == 200);
  CHECK(reader->messages("r0")->empty());
  const auto unknown = reader->messages("nobody");
  REQUIRE(!unknown.has_value());
  CHECK(unknown.error().code == errc::not_found);
  CHECK(!reader->post("r0", {}).has_value());
  CHECK((folder.read("old.db") == bytes)); // not to be printed
  CHECK(format_in(path) == "1\n");
  const auto writer = open(path); // which brings it up to date
  CHECK(writer->post("r0", {.token = "t"}).value() == 1);
  CHECK(reader->messages("r0")->size() == 1);
}

TEST_CASE("sqlite: a disk that fails while an older store is brought up to date leaves it as it was or done") {
  for (const bool syncs : {false, true}) {
    bool worked = false;
    for (int calls = 0; !worked && calls < 50; ++calls) {
      CAPTURE(calls);
      TempFolder folder;
      const std::string path = folder / "old.db";
      make_old_store(folder, path);
      disk.calls_left = calls;
      (syncs ? disk.fail_syncs : disk.fail_writes) = syncs ? EIO : ENOSPC;
      {
        const auto store = open_sqlite(path);
        disk.heal();
        worked = store.has_value();
        if (!worked) CHECK(contains(store.error().message, path));
      }
      CHECK(open(path, {.read_only = true})->load("r0")->size() == 16);
      const auto store = open(path);
      CHECK(store->load("r0")->size() == 16);
      CHECK(store->post("r0", {}).value() == 1);
    }
    CHECK(worked);
  }
}

TEST_CASE("other process: brings older stores up to date" * doctest::skip()) {
  const std::string folder = given("RUNBOOK_TEST_FOLDER");
  for (int i = 0; i < 10; ++i) {
    const auto store = open_sqlite(folder + "/" + std::to_string(i) + ".db").value();
    store->post("r0", {}).value();
  }
  say("done");
}

TEST_CASE("sqlite: processes that bring the same store up to date at once share it") {
  TempFolder folder;
  for (int i = 0; i < 10; ++i) {
    const TempFolder scratch;
    make_old_store(scratch, folder / (std::to_string(i) + ".db"));
  }
  OtherProcess one("other process: brings older stores up to date", {{"RUNBOOK_TEST_FOLDER", folder.path()}});
  OtherProcess two("other process: brings older stores up to date", {{"RUNBOOK_TEST_FOLDER", folder.path()}});
  CHECK(one.line() == "done");
  CHECK(two.line() == "done");
  for (int i = 0; i < 10; ++i) CHECK(open(folder / (std::to_string(i) + ".db"))->messages("r0")->size() == 2);
}
