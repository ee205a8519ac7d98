// Appends that share a commit of the SQLite store: what they cost and what a bad disk makes of them; and leases in its
// file.
#include "store/chain.hpp"
#include "support/disk_faults.hpp"
#include "support/raw_sqlite.hpp"
#include "support/sqlite_stores.hpp"
#include "support/temp_folder.hpp"

#include <runbook/store.hpp>

#include <doctest/doctest.h>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// Runs that append at the same time.
struct Crew {
  explicit Crew(RunStore& of, std::size_t size) : store(of), lines(size), events(size), appends(size) {
    for (std::size_t i = 0; i < size; ++i) journals.push_back(create(of, std::to_string(i), lines[i]));
  }

  void prepare(const EventData& data) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      events[i] = {lines[i].next(data)};
      appends[i] = {journals[i].get(), events[i]};
    }
  }
  void commit() { store.append_together(appends); }

  RunStore& store;
  std::vector<EventLine> lines;
  std::vector<std::vector<Event>> events;
  std::vector<Append> appends;
  std::vector<std::unique_ptr<Journal>> journals;
};

bool chained(RunStore& store, const std::string& run) {
  std::string head = chain_begin(run, store.document(run).value());
  bool good = true;
  store
      .entries(run,
               [&](const JournalEntry& entry) {
                 head = chain_next(head, view_of(entry));
                 return good = good && head == entry.hash;
               })
      .value();
  return good;
}

} // namespace

TEST_CASE("sqlite: appends together are one commit and one sync, also when one is refused") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  Crew crew(*store, 20);
  REQUIRE(store->claim("7", {"other"}, start_time).has_value());
  crew.prepare(intent(forward(0)));
  const int before = disk.syncs;
  crew.commit();
  CHECK(disk.syncs == before + 1);
  for (std::size_t i = 0; i < 20; ++i) {
    CHECK(crew.appends[i].result.has_value() == (i != 7));
    CHECK(store->load(std::to_string(i))->size() == 2);
  }
}

TEST_CASE("sqlite: appends together that are all refused write nothing") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  Crew crew(*store, 3);
  for (const std::string run : {"0", "1", "2"}) REQUIRE(store->claim(run, {"other"}, start_time).has_value());
  crew.prepare(intent(forward(0)));
  const int syncs = disk.syncs;
  const int writes = disk.writes;
  crew.commit();
  CHECK((disk.syncs == syncs && disk.writes == writes));
  for (const Append& append : crew.appends) CHECK(append.result.error().code == errc::fenced);
}

TEST_CASE("sqlite: a disk that fails refuses all appends of a commit and each may be repeated") {
  for (const bool syncs : {false, true}) {
    TempFolder folder;
    const auto store = open(folder / "runs.db");
    Crew crew(*store, 5);
    crew.prepare(failed(forward(0), std::string(9000, 'x')));
    (syncs ? disk.fail_syncs : disk.fail_writes) = syncs ? EIO : ENOSPC;
    crew.commit();
    disk.heal();
    for (const Append& append : crew.appends) {
      REQUIRE(!append.result.has_value());
      CHECK(append.result.error().code == errc::store_error);
      CHECK(contains(append.result.error().message, folder / "runs.db"));
      CHECK(append.journal->last_seq() == 1);
    }
    for (std::size_t i = 0; i < 5; ++i) CHECK(store->load(std::to_string(i))->size() == 1);
    crew.commit();
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(crew.appends[i].result.has_value());
      CHECK(store->load(std::to_string(i))->size() == 2);
      CHECK(chained(*store, std::to_string(i)));
    }
  }
}

TEST_CASE("sqlite: of appends together one that cannot be written down does not keep the others") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  Crew crew(*store, 2);
  crew.prepare(ok(forward(0)));
  Value deep = 1;
  for (int i = 0; i < 1000; ++i) deep = boost::json::array{std::move(deep)};
  std::get<StepOutcome>(crew.events[0][0].data).captured = deep;
  crew.commit();
  REQUIRE(!crew.appends[0].result.has_value());
  CHECK(crew.appends[0].result.error().code == errc::limit_exceeded);
  CHECK(crew.appends[1].result.has_value());
}

TEST_CASE("sqlite: an append that failed leaves the chain where it was") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  const auto journal = create(*store, "r", line);
  const Event event = line.next(intent(forward(0)));
  disk.fail_writes = ENOSPC;
  CHECK(!journal->append({&event, 1}).has_value());
  disk.heal();
  const Event other = EventLine(1).next(intent(forward(1)));
  REQUIRE(journal->append({&other, 1}).has_value());
  CHECK(chained(*store, "r"));
}

TEST_CASE("sqlite: a lease is on the disk when renewing it returns and is seen by others") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  const auto journal = create(*store, "r", line);
  const int before = disk.syncs;
  REQUIRE(journal->renew(std::chrono::hours{1}).has_value());
  CHECK(disk.syncs == before + 1);
  CHECK(open(folder / "runs.db", {.read_only = true})->ownership("r")->lease_left.value() > std::chrono::minutes{59});
  CHECK(store->load("r")->size() == 1);
}

TEST_CASE("sqlite: a lease of another fence than the owner's does not count") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  const auto journal = create(*store, "r", line);
  REQUIRE(journal->renew(std::chrono::hours{1}).has_value());
  Raw(folder / "runs.db").run("UPDATE leases SET fence = 9");
  CHECK(!store->ownership("r")->lease_left.has_value());
}

TEST_CASE("sqlite: what another program recorded without a hash is in the hash of what follows") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  const auto journal = create(*store, "r", line);
  const auto events = line.next_of({intent(forward(0)), ok(forward(0))});
  REQUIRE(journal->append(events).has_value());
  Raw(folder / "runs.db").run("UPDATE events SET hash = NULL WHERE seq > 1"); // as by a program of format 2
  REQUIRE(store->claim("r", {"me"}, start_time).has_value());
  std::vector<JournalEntry> all;
  store->entries("r", [&](const JournalEntry& entry) { return all.push_back(entry), true; }).value();
  REQUIRE(all.size() == 4);
  CHECK((all[1].hash.empty() && all[2].hash.empty()));
  const std::string through = chain_next(chain_next(all[0].hash, view_of(all[1])), view_of(all[2]));
  CHECK(all[3].hash == chain_next(through, view_of(all[3])));
}

TEST_CASE("sqlite: the folder for running steps has the store's name and is not made") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  CHECK(store->folder() == std::filesystem::canonical(folder.path()) / "runs.db.steps");
  CHECK(!folder.has("runs.db.steps"));
  CHECK(make_memory_store()->folder().empty());
}
