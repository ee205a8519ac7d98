// Files of every version of the SQLite store. Those under tests/data/stores were written by the programs of their time:
// a run that was killed, one that succeeded, one that is parked and one that was rolled back.
#include "store/chain.hpp"
#include "support/raw_sqlite.hpp"
#include "support/sqlite_stores.hpp"
#include "support/temp_folder.hpp"

#include <runbook/store.hpp>

#include <doctest/doctest.h>

#include <map>

using namespace runbook;
using namespace runbook::testing;
namespace fs = std::filesystem;

namespace {

const std::map<std::string, std::string>& expected_events() {
  static const std::map<std::string, std::string> by_status{
      {"running", "run_created claimed step_intent step_output step_outcome step_intent "},
      {"succeeded", "run_created claimed step_intent step_output step_outcome step_intent step_output step_output "
                    "step_outcome run_closed "},
      {"parked", "run_created claimed step_intent step_output step_outcome step_intent wait_opened wait_unreachable "
                 "run_parked "},
      {"rolled_back", "run_created claimed step_intent step_output step_outcome step_intent step_outcome "
                      "rollback_begun step_intent step_output step_outcome run_closed "}};
  return by_status;
}

/// A copy of the file of that format, under "runs.db".
void take_golden(const TempFolder& folder, int format) {
  const std::string name = "/tests/data/stores/format-" + std::to_string(format) + ".db";
  fs::copy_file(RUNBOOK_SOURCE_DIR + name, folder.path() / "runs.db");
}

std::map<std::string, std::string> runs_by_status(RunStore& store) {
  std::map<std::string, std::string> runs;
  for (const RunSummary& run : store.list().value()) runs[std::string(to_string(run.status))] = run.run;
  return runs;
}

/// Events that have more members since then.
bool shorter_in_format_1(const std::string& type) {
  return type == "run_created" || type == "wait_opened";
}

void check_events(RunStore& store, int format) {
  const auto runs = runs_by_status(store);
  REQUIRE(runs.size() == 4);
  for (const auto& [status, expected] : expected_events()) {
    REQUIRE(runs.contains(status));
    const auto events = store.load(runs.at(status));
    REQUIRE_MESSAGE(events.has_value(), to_string(events.error()));
    std::string types;
    for (const Event& event : *events) types += std::string(type_name(event)) + " ";
    CHECK(types == expected);
    // They say what they said: written down again, they are the same text.
    std::size_t at = 0;
    std::string head;
    const auto same = [&](const JournalEntry& entry) {
      return entry.data == encode_events({&events->at(at++), 1}, {}, head).front().data;
    };
    CHECK(store
              .entries(runs.at(status),
                       [&](const JournalEntry& entry) {
                         CAPTURE(entry.type);
                         CHECK((same(entry) || (format == 1 && shorter_in_format_1(entry.type))));
                         return true;
                       })
              .has_value());
    CHECK(at == events->size());
  }
}

void check_contents(RunStore& store) {
  const auto runs = runs_by_status(store);
  const auto& succeeded = runs.at("succeeded");
  CHECK(store.output(succeeded, 4).value() == "hello world\n");
  CHECK(store.output(succeeded, 7).value() == "again: hello world\n");
  CHECK(store.output(succeeded, 8).value() == "\xff\x01");
  CHECK(store.output(runs.at("parked"), 4).value() == std::string("\xff\0 bytes", 8));
  CHECK(store.document(succeeded).value().starts_with("# Greet somebody\n"));
  const auto header = std::get<RunCreated>(store.load(succeeded)->front().data).header;
  CHECK(header->inputs.at("who") == "world");
  CHECK(header->actor == "ann");
  CHECK(store.ownership(succeeded)->owner.starts_with("example:"));
  CHECK(store.ownership(runs.at("rolled_back"))->last_seq == 12);
}

void check_messages(RunStore& store, bool has_some) {
  const auto messages = store.messages(runs_by_status(store).at("parked")).value();
  REQUIRE(messages.size() == (has_some ? 1 : 0));
  if (!has_some) return;
  CHECK(messages[0].token == "look-at-it-and-say-whether-it-is-fine");
  CHECK((messages[0].yes && messages[0].who == "eva" && messages[0].note == "looks fine"));
}

/// How many entries are chained as the definition says, and how many have no hash.
std::pair<int, int> count_chained(RunStore& store) {
  std::pair<int, int> counts;
  for (const RunSummary& run : store.list().value()) {
    std::string head = chain_begin(run.run, store.document(run.run).value());
    const auto count = [&](const JournalEntry& entry) {
      head = chain_next(head, view_of(entry));
      if (entry.hash.empty())
        ++counts.second;
      else if (entry.hash == head)
        ++counts.first;
      return true;
    };
    REQUIRE(store.entries(run.run, count).has_value());
  }
  return counts;
}

std::string format_in(const std::string& path) {
  return Raw(path).run("PRAGMA user_version");
}

/// Makes a store of this version one of format 2.
void make_older(const std::string& path) {
  const std::string columns =
      "id INTEGER PRIMARY KEY, run INTEGER NOT NULL, seq INTEGER NOT NULL, fence INTEGER NOT NULL, "
      "time INTEGER NOT NULL, type TEXT NOT NULL, data BLOB NOT NULL";
  Raw(path).run("CREATE TABLE older (" + columns +
                ");"
                "INSERT INTO older SELECT id, run, seq, fence, time, type, data FROM events;"
                "DROP TABLE events; ALTER TABLE older RENAME TO events; DROP TABLE leases; PRAGMA user_version = 2");
}

} // namespace

TEST_CASE("sqlite: files of every format are read as they are and stay as they are") {
  for (const int format : {1, 2, 3}) {
    CAPTURE(format);
    TempFolder folder;
    take_golden(folder, format);
    const std::string before = folder.read("runs.db");
    {
      const auto store = open(folder / "runs.db", {.read_only = true});
      check_events(*store, format);
      check_contents(*store);
      check_messages(*store, format > 1);
      CHECK(count_chained(*store) == (format == 3 ? std::pair(37, 0) : std::pair(0, 37)));
    }
    CHECK((folder.read("runs.db") == before)); // not to be printed
    CHECK(!folder.has("runs.db.lock"));
  }
}

TEST_CASE("sqlite: files of every format are of this one when they were opened for writing") {
  for (const int format : {1, 2, 3}) {
    CAPTURE(format);
    TempFolder folder;
    take_golden(folder, format);
    {
      const auto store = open(folder / "runs.db");
      check_events(*store, format);
      check_contents(*store);
      check_messages(*store, format > 1);
      const std::string parked = runs_by_status(*store).at("parked");
      const auto journal = store->claim(parked, {"me"}, start_time);
      REQUIRE_MESSAGE(journal.has_value(), to_string(journal.error()));
      CHECK((*journal)->last_seq() == 10);
      CHECK((*journal)->renew(Lease{1}).has_value());
      CHECK(store->post(parked, {}).value() == (format > 1 ? 2 : 1));
      CHECK(write_run(*store, "new", 2).has_value());
    }
    CHECK(format_in(folder / "runs.db") == "3\n");
    CHECK(Raw(folder / "runs.db").run("PRAGMA integrity_check") == "ok\n");
    CHECK(count_chained(*open(folder / "runs.db", {.read_only = true})) == std::pair(37 + 1 + 7, 0));
  }
}

TEST_CASE("sqlite: a file of the next format is refused and left as it is") {
  TempFolder folder;
  take_golden(folder, 3);
  Raw(folder / "runs.db").run("PRAGMA journal_mode = DELETE; PRAGMA user_version = 4");
  const std::string before = folder.read("runs.db");
  for (const bool read_only : {false, true}) {
    CHECK(contains(refusal_of(folder / "runs.db", {.read_only = read_only}), "format 4, and 3 is the newest"));
    CHECK((folder.read("runs.db") == before)); // not to be printed
    CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
  }
}

TEST_CASE("sqlite: bringing a store up to date gives runs that lie among each other the hashes that they would have") {
  TempFolder folder;
  {
    const auto store = open(folder / "runs.db");
    EventLine lines[3];
    std::vector<std::unique_ptr<Journal>> journals;
    for (std::size_t i = 0; i < 3; ++i) journals.push_back(create(*store, "r" + std::to_string(i), lines[i]));
    for (int round = 0; round < 10; ++round) {
      for (std::size_t i = 0; i < 3; ++i) {
        const auto events = lines[i].next_of({output(forward(0), 9000), ok(forward(0))});
        const Blob blob{events[0].seq, std::string(9000, static_cast<char>('a' + i))};
        REQUIRE(journals[i]->append(events, {&blob, 1}).has_value());
      }
    }
  }
  const std::string hashes = "SELECT group_concat(hex(hash)) FROM events";
  const std::string before = Raw(folder / "runs.db").run(hashes);
  make_older(folder / "runs.db");
  open(folder / "runs.db");
  CHECK((Raw(folder / "runs.db").run(hashes) == before)); // not to be printed
}

TEST_CASE("sqlite: events of a run that is gone do not keep a store from being brought up to date") {
  TempFolder folder;
  write_run(*open(folder / "runs.db"), "gone", 2).value();
  write_run(*open(folder / "runs.db"), "there", 2).value();
  make_older(folder / "runs.db");
  Raw(folder / "runs.db").run("DELETE FROM runs WHERE id = 'gone'");
  const auto store = open(folder / "runs.db");
  CHECK(store->load("there")->size() == 7);
  CHECK(count_chained(*store) == std::pair(7, 0));
}

TEST_CASE("sqlite: who has an older store open goes on when it is brought up to date") {
  TempFolder folder;
  take_golden(folder, 2);
  const auto reader = open(folder / "runs.db", {.read_only = true});
  CHECK(count_chained(*reader).second == 37);
  const auto writer = open(folder / "runs.db");
  CHECK(count_chained(*reader) == std::pair(37, 0));
  const std::string running = runs_by_status(*writer).at("running");
  const auto journal = writer->claim(running, {"me"}, start_time).value();
  REQUIRE(journal->renew(std::chrono::hours{1}).has_value());
  CHECK(reader->ownership(running)->lease_left.has_value());
}
