// The SQLite store and what the world does to its file: no room, no rights, damage, and others that make it at once.
#include "support/disk_faults.hpp"
#include "support/self.hpp"
#include "support/sqlite_stores.hpp"
#include "support/temp_folder.hpp"

#include <runbook/store.hpp>

#include <sqlite3.h>

#include <doctest/doctest.h>

#include <random>
#include <thread>

using namespace runbook;
using namespace runbook::testing;
namespace fs = std::filesystem;

namespace {

/// Everything that a store can be asked, for the sake of what happens then. What it says is a store's error or nothing.
void use(const std::string& path, SqliteOptions options = {}) {
  const auto fine = [](const auto& result) {
    if (result.has_value()) return;
    const errc code = result.error().code;
    CHECK((code == errc::store_error || code == errc::not_found || code == errc::invalid_argument));
  };
  const auto opened = open_sqlite(path, options, impatient);
  fine(opened);
  if (!opened) return;
  RunStore& store = **opened;
  fine(store.list());
  for (const char* run : {"r0", "r1", "nobody"}) {
    fine(store.load(run));
    fine(store.document(run));
    for (const std::uint64_t seq : {1U, 3U, 30U}) fine(store.output(run, seq));
    fine(store.post(run, {.token = "t"}));
    fine(store.messages(run));
    fine(store.claim(run, {"me"}, start_time));
  }
  fine(write_run(store, "added", 3));
}

/// While it lives, the process has the rights of nobody, if it was root's.
class Unprivileged {
public:
  Unprivileged() : root_(::geteuid() == 0) {
    if (root_) REQUIRE(::seteuid(65534) == 0);
  }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
  ~Unprivileged() {
    if (root_) static_cast<void>(::seteuid(0) == 0);
  }

private:
  bool root_;
};

} // namespace

TEST_CASE("sqlite: a disk that fails while a store is made leaves nothing or a store") {
  for (const bool syncs : {false, true}) {
    bool worked = false;
    for (int calls = 0; !worked && calls < 200; ++calls) {
      CAPTURE(calls);
      TempFolder folder;
      const std::string path = folder / "runs.db";
      disk.calls_left = calls;
      (syncs ? disk.fail_syncs : disk.fail_writes) = syncs ? EIO : ENOSPC;
      {
        const auto store = open_sqlite(path);
        disk.heal();
        worked = store.has_value();
        if (!worked) {
          CHECK(store.error().code == errc::store_error);
          CHECK(contains(store.error().message, path));
          CHECK(!folder.has("runs.db.new"));
          const bool names_cause = contains(store.error().message, syncs ? "Input/output error" : "No space left") ||
                                   contains(store.error().message, "the disk or the quota is full");
          CHECK_MESSAGE(names_cause, store.error().message);
        }
      }
      const auto store = open(path);
      CHECK(store->list()->empty());
      CHECK(write_run(*store, "r0", 5).has_value());
    }
    CHECK(worked);
  }
}

TEST_CASE("other process: writes runs and waits to be killed" * doctest::skip()) {
  const auto store = open_sqlite(given("RUNBOOK_TEST_STORE")).value();
  for (const char* run : {"r0", "r1"}) {
    write_run(*store, run, 20).value();
    for (int i = 0; i < 5; ++i) store->post(run, {.text = std::string(200, 'm')}).value();
  }
  say("written");
  for (;;) ::pause();
}

namespace {

void leave_crashed(const std::string& path) {
  OtherProcess process("other process: writes runs and waits to be killed", {{"RUNBOOK_TEST_STORE", path}});
  REQUIRE(process.line() == "written");
  process.kill();
}

} // namespace

TEST_CASE("sqlite: a disk that fails while a store is recovered or closed loses nothing") {
  TempFolder crashed;
  leave_crashed(crashed / "runs.db");
  for (const int error : {ENOSPC, EIO}) {
    for (const bool on_close : {false, true}) {
      for (int calls = 0; calls < 12; ++calls) {
        TempFolder folder;
        const std::string path = folder / "runs.db";
        for (const char* name : {"runs.db", "runs.db-wal"}) fs::copy_file(crashed / name, folder / name);
        const auto fail = [&] {
          disk.calls_left = calls;
          disk.fail_writes = disk.fail_syncs = error;
        };
        if (!on_close) fail();
        auto store = open_sqlite(path);
        if (on_close) fail();
        if (store) store->reset();
        disk.heal();
        const auto again = open(path);
        REQUIRE(again->load("r0")->size() == 61);
        REQUIRE(again->load("r1")->size() == 61);
        REQUIRE(again->messages("r1")->size() == 5);
        REQUIRE(write_run(*again, "added", 3).has_value());
      }
    }
  }
}

TEST_CASE("sqlite: a folder that may not be written is an error that says so") {
  TempFolder folder;
  fs::permissions(folder.path(), fs::perms(0777));
  fs::create_directory(folder.path() / "sub");
  const std::string path = folder / "sub/runs.db";
  REQUIRE(write_run(*open(path), "r0", 5).has_value());
  fs::remove(path + ".lock");
  fs::permissions(path, fs::perms(0644));
  fs::permissions(folder.path() / "sub", fs::perms(0555));
  {
    const Unprivileged rights;
    CHECK(contains(refusal_of(folder / "sub/other.db"), "Permission denied"));
    CHECK(contains(refusal_of(path), "Permission denied"));
    CHECK(contains(refusal_of(path, {.read_only = true}), "its folder may not be written"));
  }
  fs::permissions(folder.path() / "sub", fs::perms(0777));
  {
    const Unprivileged rights;
    if (::geteuid() == 65534) CHECK(contains(refusal_of(path), "cannot be written"));
    CHECK(open(path, {.read_only = true})->load("r0")->size() == 16);
  }
  fs::permissions(path, fs::perms(0));
  {
    const Unprivileged rights;
    CHECK(contains(refusal_of(path), "Permission denied"));
    CHECK(contains(refusal_of(path, {.read_only = true}), "Permission denied"));
  }
}

TEST_CASE("sqlite: something else under one of the store's other names is an error that says so") {
  TempFolder folder;
  for (const std::string suffix : {".lock", ".new", "-wal", "-shm", "-journal"}) {
    CAPTURE(suffix);
    const std::string path = folder / ("runs" + suffix.substr(1) + ".db");
    fs::create_directory(path + suffix);
    const std::string message = refusal_of(path);
    CHECK_MESSAGE(contains(message, path + suffix), message);
    CHECK_MESSAGE(contains(message, "Is a directory"), message);
    CHECK(!fs::exists(path));
    fs::remove(path + suffix);
    CHECK(write_run(*open(path), "r0", 1).has_value());
  }
  fs::create_symlink("elsewhere", folder / "link.db.lock");
  CHECK(contains(refusal_of(folder / "link.db"), "Too many levels of symbolic links"));
  CHECK(!folder.has("elsewhere"));
  fs::create_symlink("loop.db", folder / "loop.db");
  CHECK(contains(refusal_of(folder / "loop.db"), "Too many levels of symbolic links"));
}

TEST_CASE("sqlite: a path that is too long is an error that says so and leaves nothing") {
  TempFolder folder;
  CHECK(contains(refusal_of(folder / std::string(300, 'x')), "File name too long"));
  CHECK(contains(refusal_of(folder / std::string(253, 'x')), "File name too long"));
  CHECK(fs::is_empty(folder.path()));
  fs::path deep = folder.path();
  while (deep.native().size() < 470) fs::create_directory(deep /= std::string(10, 'd'));
  bool worked = true;
  for (std::size_t size = 1; size < 50; ++size) {
    fs::remove_all(deep);
    fs::create_directory(deep);
    const std::string path = (deep / std::string(size, 'x')).string();
    CAPTURE(path.size());
    const auto store = open_sqlite(path);
    CHECK((worked || !store.has_value())); // up to a length, and no further
    worked = store.has_value();
    if (worked) {
      REQUIRE(write_run(**store, "r0", 1).has_value());
    } else {
      CHECK_MESSAGE(contains(store.error().message, "too long for SQLite"), store.error().message);
      CHECK(fs::is_empty(deep));
    }
  }
  CHECK(!worked);
}

TEST_CASE("sqlite: a store that was cut short is an error and never a crash") {
  TempFolder original;
  for (const char* run : {"r0", "r1"}) REQUIRE(write_run(*open(original / "runs.db"), run, 60).has_value());
  const std::string bytes = original.read("runs.db");
  REQUIRE(bytes.size() > 30'000);
  for (std::size_t size = 1; size < bytes.size(); size = size < 150 ? size + 37 : size + 1999) {
    CAPTURE(size);
    for (const bool read_only : {true, false}) {
      TempFolder folder;
      folder.write("runs.db", bytes.substr(0, size));
      use(folder / "runs.db", {.read_only = read_only});
    }
  }
}

TEST_CASE("sqlite: damage anywhere in the file or its log is an error and never a crash") {
  TempFolder original;
  leave_crashed(original / "runs.db");
  std::mt19937 random(5);
  for (int round = 0; round < 80; ++round) {
    CAPTURE(round);
    TempFolder folder;
    std::string bytes[] = {original.read("runs.db"), original.read("runs.db-wal"), original.read("runs.db-shm")};
    for (auto n = 1 + random() % 30; n > 0; --n) {
      std::string& one = bytes[random() % 3];
      one[random() % one.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) bytes[1].resize(random() % bytes[1].size());
    folder.write("runs.db", bytes[0]);
    folder.write("runs.db-wal", bytes[1]);
    if (random() % 2 == 0) folder.write("runs.db-shm", bytes[2]);
    use(folder / "runs.db", {.read_only = random() % 3 == 0});
  }
}

TEST_CASE("sqlite: a newer format that stands only in the log yet is refused too") {
  TempFolder folder;
  REQUIRE(write_run(*open(folder / "runs.db"), "r0", 1).has_value());
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open((folder / "runs.db").c_str(), &handle) == SQLITE_OK);
  REQUIRE(sqlite3_exec(handle, "PRAGMA user_version = 4", nullptr, nullptr, nullptr) == SQLITE_OK);
  fs::create_directory(folder.path() / "copy"); // as a crash would leave it
  for (const char* name : {"runs.db", "runs.db-wal"}) fs::copy_file(folder / name, folder.path() / "copy" / name);
  sqlite3_close(handle);
  const std::string log = folder.read("copy/runs.db-wal");
  const std::string file = folder.read("copy/runs.db");
  for (const bool read_only : {true, false}) {
    CHECK(contains(refusal_of(folder / "copy/runs.db", {.read_only = read_only}), "newer version of this program"));
    CHECK((folder.read("copy/runs.db-wal") == log)); // not to be printed
    CHECK((folder.read("copy/runs.db") == file));
  }
}

TEST_CASE("other process: makes a store when it is told to" * doctest::skip()) {
  const std::string folder = given("RUNBOOK_TEST_FOLDER");
  for (int round = 0;; ++round) {
    const std::string name = folder + "/" + std::to_string(round);
    while (!fs::exists(name + ".go")) {
      if (fs::exists(folder + "/end")) return;
      std::this_thread::yield();
    }
    const auto store = open_sqlite(name + ".db");
    const auto written = store ? write_run(**store, given("RUNBOOK_TEST_RUN"), 2) : Result<void>(store.error());
    say(written ? "written" : written.error().message);
  }
}

TEST_CASE("sqlite: processes that make the same store at once share it") {
  TempFolder folder;
  const auto start = [&](const char* run) {
    return OtherProcess("other process: makes a store when it is told to",
                        {{"RUNBOOK_TEST_FOLDER", folder.path()}, {"RUNBOOK_TEST_RUN", run}});
  };
  OtherProcess first = start("first");
  OtherProcess second = start("second");
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    const std::string name = folder / std::to_string(round);
    if (round % 2 == 1) leave_crashed(name + ".db"); // with a former one's log to be removed
    fs::remove(name + ".db");
    std::ofstream(name + ".go").close();
    REQUIRE(first.line() == "written");
    REQUIRE(second.line() == "written");
    const auto store = open(name + ".db");
    REQUIRE(store->list()->size() == 2);
    for (const char* run : {"first", "second"}) CHECK(store->load(run)->size() == 7);
  }
  folder.write("end", "");
}

TEST_CASE("other process: makes one store after the other" * doctest::skip()) {
  for (int i = 0;; ++i) {
    say(std::to_string(i));
    const auto store = open_sqlite(given("RUNBOOK_TEST_FOLDER") + "/" + std::to_string(i) + ".db").value();
    write_run(*store, "r", 2).value();
  }
}

TEST_CASE("sqlite: a process killed at any moment while it makes a store leaves a store or nothing") {
  std::mt19937 random(12);
  for (int round = 0; round < 50; ++round) {
    CAPTURE(round);
    TempFolder folder;
    OtherProcess process("other process: makes one store after the other", {{"RUNBOOK_TEST_FOLDER", folder.path()}});
    REQUIRE(process.line() == "0");
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 15'000));
    process.kill();
    std::string last = "0";
    for (std::string line = process.line(); !line.empty(); line = process.line()) last = line;
    const std::string path = folder / (last + ".db");
    const auto store = open(path);
    const auto runs = store->list();
    REQUIRE_MESSAGE(runs.has_value(), to_string(runs.error()));
    REQUIRE(runs->size() <= 1);
    if (!runs->empty()) CHECK(store->load("r").has_value());
    REQUIRE(write_run(*store, "next", 2).has_value());
    CHECK(!folder.has(last + ".db.new"));
  }
}
