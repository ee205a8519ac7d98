// The SQLite store as a file: what it refuses, what it leaves alone, what stands in it.
#include "store/sqlite_connection.hpp"
#include "support/event_samples.hpp"
#include "support/raw_sqlite.hpp"
#include "support/sqlite_stores.hpp"
#include "support/temp_folder.hpp"

#include <runbook/store.hpp>

#include <sys/file.h>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include <map>

using namespace runbook;
using namespace runbook::testing;
namespace fs = std::filesystem;

namespace {

/// Every file of a folder with its bytes.
std::map<std::string, std::string> contents(const TempFolder& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    const std::string name = entry.path().filename().string();
    files[name] = folder.read(name);
  }
  return files;
}

void append(Journal& journal, const std::vector<Event>& events) {
  const auto appended = journal.append(events);
  REQUIRE_MESSAGE(appended.has_value(), to_string(appended.error()));
}

/// A store with one run of three events.
void make_store(const std::string& path) {
  const auto store = open(path);
  EventLine line;
  const auto journal = create(*store, "r1", line);
  append(*journal, line.next_of({intent(forward(0)), ok(forward(0))}));
}

} // namespace

TEST_CASE("sqlite: a closed store is one file that other programs can read") {
  TempFolder folder;
  make_store(folder / "runs.db");
  CHECK(contents(folder).size() == 2);
  CHECK(folder.has("runs.db.lock"));
  CHECK(folder.read("runs.db.lock").empty());
  Raw raw(folder / "runs.db");
  CHECK(raw.run("SELECT id || ' ' || status || ' ' || fence FROM runs") == "r1 running 1\n");
  CHECK(raw.run("SELECT seq || ' ' || type FROM events") == "1 run_created\n2 step_intent\n3 step_outcome\n");
  CHECK(raw.run("SELECT cast(data AS text) FROM events WHERE seq = 2") ==
        "{\"index\":0,\"iteration\":0,\"part\":0,\"kind\":\"forward\",\"attempt\":1,\"timeout_ms\":0}\n");
  CHECK(raw.run("SELECT time FROM events WHERE seq = 2") == "1714564800500000000\n");
  CHECK(raw.run("SELECT cast(bytes AS text) FROM documents") == "the document\n");
  CHECK(raw.run("PRAGMA application_id") == "1381322306\n");
  CHECK(raw.run("PRAGMA user_version") == "3\n");
  CHECK(raw.run("SELECT count(*) FROM events WHERE length(hash) = 32") == "3\n");
  CHECK(raw.run("PRAGMA journal_mode") == "wal\n");
  CHECK(raw.run("PRAGMA integrity_check") == "ok\n");
}

TEST_CASE("sqlite: a store is opened again with everything in it") {
  TempFolder folder;
  make_store(folder / "runs.db");
  make_store(folder / "other.db");
  const auto store = open(folder / "runs.db");
  CHECK(store->load("r1")->size() == 3);
  CHECK(store->document("r1").value() == "the document");
  const auto claimed = store->claim("r1", {"me"}, start_time);
  REQUIRE_MESSAGE(claimed.has_value(), to_string(claimed.error()));
  CHECK((*claimed)->last_seq() == 4);
}

TEST_CASE("sqlite: a file that is no store is refused and left as it is") {
  TempFolder folder;
  folder.write("text.db",
               "Dear diary, this is not a database. It is long enough, though, to hold a header of 100 bytes, "
               "and then some.");
  folder.write("short.db", "x");
  folder.write("magic.db", std::string("SQLite format 3\0", 16));
  const auto before = contents(folder);
  for (const std::string name : {"text.db", "short.db", "magic.db"}) {
    CAPTURE(name);
    for (const bool read_only : {false, true}) {
      const std::string message = refusal_of(folder / name, {.read_only = read_only});
      CHECK(contains(message, folder / name));
      CHECK(contains(message, "is no runbook store"));
    }
  }
  CHECK(contents(folder) == before);
}

TEST_CASE("sqlite: another program's database is refused without touching its log") {
  TempFolder folder;
  Raw raw(folder / "app.db");
  raw.run("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  fs::create_directory(folder.path() / "copy"); // as a crash would leave it: a log that is to be recovered
  fs::copy_file(folder.path() / "app.db", folder.path() / "copy" / "app.db");
  fs::copy_file(folder.path() / "app.db-wal", folder.path() / "copy" / "app.db-wal");
  const std::string log = folder.read("copy/app.db-wal");
  REQUIRE(!log.empty());
  for (const bool read_only : {false, true}) {
    CHECK(contains(refusal_of(folder / "copy/app.db", {.read_only = read_only}), "SQLite file of another program"));
  }
  CHECK(folder.read("copy/app.db-wal") == log);
  CHECK(std::distance(fs::directory_iterator(folder.path() / "copy"), {}) == 2);
}

TEST_CASE("sqlite: a store of a newer or unknown format is refused and left as it is") {
  TempFolder folder;
  make_store(folder / "newer.db");
  make_store(folder / "older.db");
  Raw(folder / "newer.db").run("PRAGMA user_version = 4");
  Raw(folder / "older.db").run("PRAGMA user_version = 0");
  const auto before = contents(folder);
  CHECK(contains(refusal_of(folder / "newer.db"),
                 "newer version of this program (format 4, and 3 is the newest that is known)"));
  CHECK(contains(refusal_of(folder / "older.db"), "unknown format 0"));
  CHECK(contents(folder) == before);
}

TEST_CASE("sqlite: a path that cannot be a store is refused with the reason") {
  TempFolder folder;
  fs::create_directory(folder.path() / "dir");
  fs::create_symlink(folder / "gone", folder.path() / "dangling");
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  const auto entries = [&] { return std::distance(fs::directory_iterator(folder.path()), {}); };
  const auto before = entries();
  CHECK(contains(refusal_of(""), "needs a path"));
  CHECK(contains(refusal_of(folder / "dir"), "is a folder"));
  CHECK(contains(refusal_of(folder / "dir/"), "is a folder"));
  CHECK(contains(refusal_of(folder / "dangling"), "symbolic link to nothing"));
  CHECK(contains(refusal_of(folder / "fifo"), "no regular file"));
  CHECK(contains(refusal_of(folder / "nowhere/runs.db"), "has no folder to be in: No such file or directory"));
  CHECK(contains(refusal_of(folder / std::string("a\0b", 3)), "NUL"));
  CHECK(contains(refusal_of("/proc/runs.db"), "cannot be used: No such file or directory"));
  CHECK(contains(refusal_of(folder / "absent.db", {.read_only = true}), "cannot be opened: No such file or directory"));
  CHECK(entries() == before);
}

TEST_CASE("sqlite: a name that means something to SQLite is a plain file name") {
  TempFolder folder;
  for (const std::string name : {":memory:", "file:x?mode=memory", "a b%20c#d?e", "-x", "é'\""}) {
    CAPTURE(name);
    make_store(folder / name);
    CHECK(folder.has(name));
    CHECK(open(folder / name)->load("r1")->size() == 3);
  }
}

TEST_CASE("sqlite: an empty file becomes a store with the permissions that it had") {
  TempFolder folder;
  folder.write("runs.db", "");
  fs::permissions(folder.path() / "runs.db", fs::perms(0600));
  folder.write("runs.db.new", "left over from a crash");
  make_store(folder / "runs.db");
  CHECK(fs::status(folder.path() / "runs.db").permissions() == fs::perms(0600));
  CHECK(!folder.has("runs.db.new"));
}

TEST_CASE("sqlite: a symbolic link leads to the same store and the same lock") {
  TempFolder folder;
  make_store(folder / "runs.db");
  fs::create_symlink("runs.db", folder.path() / "link.db");
  const auto store = open(folder / "link.db");
  CHECK(store->load("r1")->size() == 3);
  CHECK(!folder.has("link.db.lock"));
}

TEST_CASE("sqlite: a store without its tables is refused as damaged") {
  for (const std::string table : {"events", "messages", "leases"}) {
    TempFolder folder;
    make_store(folder / "runs.db");
    Raw(folder / "runs.db").run("DROP TABLE " + table);
    for (const bool read_only : {false, true}) {
      CHECK(contains(refusal_of(folder / "runs.db", {.read_only = read_only}), "no such table: " + table));
    }
  }
}

TEST_CASE("sqlite: a changed, missing or unknown event is found and named when the run is loaded") {
  TempFolder folder;
  const auto spoiled = [&](const std::string& sql) {
    make_store(folder / "runs.db");
    Raw(folder / "runs.db").run(sql);
    const auto events = open(folder / "runs.db")->load("r1");
    fs::remove(folder.path() / "runs.db");
    REQUIRE(!events.has_value());
    CHECK(events.error().code == errc::store_error);
    return events.error().message;
  };
  CHECK(contains(spoiled("UPDATE events SET data = '{\"index\":0}' WHERE seq = 2"),
                 "is damaged: event 2 of run 'r1' member \"iteration\" is missing"));
  CHECK(contains(spoiled("UPDATE events SET data = 'xyz' WHERE seq = 3"), "event 3 of run 'r1' is no JSON"));
  CHECK(contains(spoiled("UPDATE events SET type = 'step_intents' WHERE seq = 2"), "unknown value \"step_intents\""));
  CHECK(contains(spoiled("DELETE FROM events WHERE seq = 2"), "event 2 of run 'r1' is missing"));
}

TEST_CASE("sqlite: triggers that somebody put into the file do not run") {
  TempFolder folder;
  make_store(folder / "runs.db");
  Raw(folder / "runs.db").run("CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END");
  const auto store = open(folder / "runs.db");
  EventLine line;
  create(*store, "r2", line);
  CHECK(store->load("r1")->size() == 3);
}

TEST_CASE("sqlite: a reader sees a live writer's commits and writes nothing") {
  TempFolder folder;
  const auto writer = open(folder / "runs.db");
  EventLine line;
  auto journal = create(*writer, "r1", line);
  const auto reader = open(folder / "runs.db", {.read_only = true});
  CHECK(reader->load("r1")->size() == 1);
  append(*journal, {line.next(intent(forward(0)))});
  const std::string file = folder.read("runs.db");
  const std::string log = folder.read("runs.db-wal");
  CHECK(reader->load("r1")->size() == 2);
  CHECK(reader->list()->size() == 1);
  CHECK(reader->document("r1").value() == "the document");
  const Event created = EventLine().next(RunCreated{sample_header("r2")});
  const auto refused = reader->create("", {&created, 1});
  REQUIRE(!refused.has_value());
  CHECK(contains(refused.error().message, "is open for reading only"));
  CHECK(!reader->claim("r1", {"me"}, start_time).has_value());
  CHECK(folder.read("runs.db") == file);
  CHECK(folder.read("runs.db-wal") == log);
  append(*journal, {line.next(ok(forward(0)))});
  CHECK(reader->load("r1")->size() == 3);
}

TEST_CASE("sqlite: a reader finds what a killed writer left in the log") {
  TempFolder folder;
  const auto writer = open(folder / "runs.db");
  EventLine line;
  create(*writer, "r1", line);
  fs::create_directory(folder.path() / "copy");
  for (const char* name : {"runs.db", "runs.db-wal"}) {
    fs::copy_file(folder.path() / name, folder.path() / "copy" / name);
  }
  const std::string file = folder.read("copy/runs.db");
  CHECK(open(folder / "copy/runs.db", {.read_only = true})->load("r1")->size() == 1);
  CHECK(folder.read("copy/runs.db") == file);
}

TEST_CASE("sqlite: nobody writes while another holds the lock and the error says who is in the way") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  auto journal = create(*store, "r1", line);
  const int lock = ::open((folder / "runs.db.lock").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(::flock(lock, LOCK_EX | LOCK_NB) == 0);
  const Event event = line.next(intent(forward(0)));
  const auto refused = journal->append({&event, 1});
  REQUIRE(!refused.has_value());
  CHECK(refused.error().code == errc::store_error);
  CHECK(contains(refused.error().message, "the store is busy"));
  CHECK(contains(refused.error().message, folder / "runs.db.lock"));
  CHECK(contains(refusal_of(folder / "runs.db"), "the store is busy"));
  CHECK(store->load("r1")->size() == 1); // reading goes on
  ::close(lock);
  append(*journal, {event}); // nothing was recorded by the first try
  CHECK(store->load("r1")->size() == 2);
}

TEST_CASE("sqlite: a lock file that was removed is made anew and still keeps others out") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  auto journal = create(*store, "r1", line);
  fs::remove(folder.path() / "runs.db.lock");
  append(*journal, {line.next(intent(forward(0)))});
  const int lock = ::open((folder / "runs.db.lock").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(lock >= 0);
  REQUIRE(::flock(lock, LOCK_EX | LOCK_NB) == 0);
  const Event event = line.next(ok(forward(0)));
  CHECK(!journal->append({&event, 1}).has_value());
  ::close(lock);
}

TEST_CASE("sqlite: a store whose file was moved away refuses to write where nobody looks") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  auto journal = create(*store, "r1", line);
  fs::rename(folder.path() / "runs.db", folder.path() / "moved.db");
  const Event event = line.next(intent(forward(0)));
  const auto refused = journal->append({&event, 1});
  REQUIRE(!refused.has_value());
  CHECK(contains(refused.error().message, "was moved or removed while it was open"));
  fs::rename(folder.path() / "moved.db", folder.path() / "runs.db");
  append(*journal, {event});
}

TEST_CASE("sqlite: a value nested too deeply is refused and the journal goes on") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  auto journal = create(*store, "r1", line);
  Value deep = 1;
  for (int i = 0; i < 1000; ++i) deep = boost::json::array{std::move(deep)};
  StepOutcome outcome = ok(forward(0));
  outcome.captured = deep;
  const Event event = EventLine(1).next(outcome);
  const auto refused = journal->append({&event, 1});
  REQUIRE(!refused.has_value());
  CHECK(refused.error().code == errc::limit_exceeded);
  append(*journal, {line.next(ok(forward(0)))});
}

TEST_CASE("sqlite: versions with the WAL-reset race are known") {
  for (const int affected : {3'007'000, 3'040'001, 3'044'005, 3'045'000, 3'050'006, 3'051'000, 3'051'002}) {
    CAPTURE(affected);
    CHECK(has_wal_reset_race(affected));
  }
  for (const int fixed : {3'044'006, 3'044'099, 3'050'007, 3'051'003, 3'053'000, 4'000'000}) {
    CAPTURE(fixed);
    CHECK(!has_wal_reset_race(fixed));
  }
}

TEST_CASE("sqlite: the log is folded into the file again and again whichever way the version needs") {
  for (const int version : {3'040'001, 3'053'000}) {
    CAPTURE(version);
    TempFolder folder;
    const auto store = open(folder / "runs.db", {}, {.checkpoint_pages = 10, .sqlite_version = version});
    EventLine line;
    auto journal = create(*store, "r1", line);
    const auto size = fs::file_size(folder.path() / "runs.db");
    for (int i = 0; i < 150; ++i)
      append(*journal, line.next_of({intent(forward(0)), failed(forward(0), std::string(200, 'x'))}));
    CHECK(fs::file_size(folder.path() / "runs.db") > size);
    CHECK(fs::file_size(folder.path() / "runs.db-wal") < 40 * 4120);
    CHECK(store->load("r1")->size() == 301);
    CHECK(Raw(folder / "runs.db").run("PRAGMA integrity_check") == "ok\n");
  }
}
