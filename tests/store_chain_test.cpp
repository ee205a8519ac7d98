// What a store keeps of a run, entry by entry, and appends that share a commit: the contract of every store.
#include "store/chain.hpp"
#include "support/event_samples.hpp"
#include "support/store_backends.hpp"

#include <runbook/store.hpp>

#include <doctest/doctest.h>

using namespace runbook;
using namespace runbook::testing;

namespace {

std::vector<JournalEntry> entries(RunStore& store, const std::string& run) {
  std::vector<JournalEntry> all;
  const auto read = store.entries(run, [&](const JournalEntry& entry) {
    all.push_back(entry);
    return true;
  });
  REQUIRE_MESSAGE(read.has_value(), to_string(read.error()));
  return all;
}

/// Whether each entry's hash is what the definition says of it and those before it.
bool is_chain(const std::vector<JournalEntry>& entries, const std::string& run, const std::string& document) {
  std::string head = chain_begin(run, document);
  for (const JournalEntry& entry : entries) {
    head = chain_next(head, view_of(entry));
    if (entry.hash != head) return false;
  }
  return true;
}

bool chained(RunStore& store, const std::string& run) {
  return is_chain(entries(store, run), run, store.document(run).value());
}

} // namespace

TEST_CASE_TEMPLATE("store: the entries of a run are chained from its document to its end", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  const std::string odd("r\0\xff", 3);
  auto journal = create(*backend.store, odd, line, std::string("doc \0 \xff", 7));
  append(*journal, line.next_of({Claimed{"me"}, intent(forward(0))}));
  StepOutput silent = output(forward(0), 0);
  silent.size = 10;
  append(*journal, line.next_of({output(forward(0), 3), silent, ok(forward(0))}), {{4, std::string("a\0b", 3)}});
  journal = backend.store->claim(odd, {"second"}, start_time + std::chrono::nanoseconds{123'456'789}).value();
  EventLine next(journal->last_seq(), 2);
  append(*journal, {next.next(RunParked{"nobody"})});
  journal = backend.store->claim(odd, {"third"}, start_time).value();
  EventLine last(journal->last_seq(), 3);
  append(*journal, {last.next(RunClosed{RunStatus::failed, "", {}})});

  const auto all = entries(*backend.store, odd);
  REQUIRE(all.size() == 10);
  CHECK(is_chain(all, odd, std::string("doc \0 \xff", 7)));
  CHECK(!is_chain(all, odd, "doc"));
  CHECK(!is_chain(all, "r", std::string("doc \0 \xff", 7)));
  CHECK((all[1].type == "claimed" && all[1].data == R"({"owner":"me"})" && all[1].seq == 2 && all[1].fence == 1));
  CHECK(all[6].time == 1'714'564'800'123'456'789);
  CHECK(all[3].output == std::string("a\0b", 3));
  CHECK((!all[4].output.has_value() && !all[2].output.has_value()));
  for (const JournalEntry& entry : all) CHECK(entry.hash.size() == chain_hash_size);
}

TEST_CASE_TEMPLATE("store: entries end when they were asked to and are of one run", Backend, BACKENDS) {
  Backend backend;
  EventLine lines[2];
  auto one = create(*backend.store, "one", lines[0]);
  auto two = create(*backend.store, "two", lines[1]);
  for (int i = 0; i < 5; ++i) {
    append(*one, {lines[0].next(intent(forward(0)))});
    append(*two, {lines[1].next(intent(forward(1)))});
  }
  CHECK(entries(*backend.store, "one").size() == 6);
  CHECK(chained(*backend.store, "one"));
  CHECK(chained(*backend.store, "two"));
  int seen = 0;
  CHECK(backend.store->entries("two", [&](const JournalEntry& entry) { return ++seen < 3 && entry.seq < 9; })
            .has_value());
  CHECK(seen == 3);
  append(*one, {lines[0].next(intent(forward(0)))}); // the store goes on
  CHECK(error_of(backend.store->entries("nobody", [](const JournalEntry&) { return true; })).code == errc::not_found);
}

TEST_CASE_TEMPLATE("store: what a visitor of entries throws is the result and the store goes on", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  const auto read =
      backend.store->entries("r1", [](const JournalEntry&) -> bool { throw std::runtime_error("no more"); });
  CHECK(error_of(read).message == "the store failed: no more");
  append(*journal, {line.next(intent(forward(0)))});
  CHECK(entries(*backend.store, "r1").size() == 2);
}

TEST_CASE_TEMPLATE("store: appends together are recorded as if each were alone", Backend, BACKENDS) {
  Backend backend;
  constexpr std::size_t count = 4;
  EventLine lines[count];
  std::vector<std::unique_ptr<Journal>> journals;
  for (std::size_t i = 0; i < count; ++i) journals.push_back(create(*backend.store, std::to_string(i), lines[i]));
  for (int round = 0; round < 3; ++round) {
    std::vector<std::vector<Event>> events(count);
    std::vector<std::vector<Blob>> blobs(count);
    std::vector<Append> appends(count);
    for (std::size_t i = 0; i < count; ++i) {
      events[i] = lines[i].next_of({intent(forward(0)), output(forward(0), 2), ok(forward(0))});
      blobs[i] = {{events[i][1].seq, std::to_string(i) + std::to_string(round)}};
      appends[i] = {journals[i].get(), events[i], blobs[i]};
    }
    backend.store->append_together(appends);
    for (const Append& append : appends) CHECK(append.result.has_value());
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::string run = std::to_string(i);
    CHECK(journals[i]->last_seq() == 10);
    CHECK(backend.store->load(run)->size() == 10);
    CHECK(backend.store->output(run, 9).value() == run + "2");
    CHECK(chained(*backend.store, run));
    append(*journals[i], {lines[i].next(RunClosed{RunStatus::succeeded, "", {}})});
    CHECK(chained(*backend.store, run));
  }
}

TEST_CASE_TEMPLATE("store: of appends together one that is refused does not keep the others", Backend, BACKENDS) {
  Backend backend;
  EventLine lines[4];
  auto taken = create(*backend.store, "taken", lines[0]);
  auto gap = create(*backend.store, "gap", lines[1]);
  auto good = create(*backend.store, "good", lines[2]);
  auto idle = create(*backend.store, "idle", lines[3]);
  REQUIRE(backend.store->claim("taken", {"other"}, start_time).has_value());
  const Event late = lines[0].next(intent(forward(0)));
  const Event far = EventLine(5).next(intent(forward(0)));
  const auto closing = lines[2].next_of({intent(forward(0)), RunParked{"nobody"}});
  std::vector<Append> appends(4);
  appends[0] = {taken.get(), {&late, 1}};
  appends[1] = {gap.get(), {&far, 1}};
  appends[2] = {good.get(), closing};
  appends[3] = {idle.get()};
  backend.store->append_together(appends);
  CHECK(error_of(appends[0].result).code == errc::fenced);
  CHECK(error_of(appends[1].result).code == errc::invalid_argument);
  CHECK(appends[2].result.has_value());
  CHECK(appends[3].result.has_value());
  CHECK(load(*backend.store, "taken").size() == 2);
  CHECK(load(*backend.store, "gap").size() == 1);
  CHECK(load(*backend.store, "good").size() == 3);
  CHECK(backend.store->list()->at(1).status == RunStatus::parked);
  append(*gap, {lines[1].next(intent(forward(0)))});
  CHECK((chained(*backend.store, "taken") && chained(*backend.store, "gap") && chained(*backend.store, "good")));
}

TEST_CASE_TEMPLATE("store: appends together to runs of several stores", Backend, BACKENDS) {
  Backend backend;
  Backend other;
  const auto memory = make_memory_store();
  EventLine lines[3];
  std::unique_ptr<Journal> journals[] = {create(*backend.store, "a", lines[0]), create(*other.store, "b", lines[1]),
                                         create(*memory, "c", lines[2])};
  std::vector<Event> events;
  for (EventLine& line : lines) events.push_back(line.next(intent(forward(0))));
  std::vector<Append> appends(3);
  for (std::size_t i = 0; i < 3; ++i) appends[i] = {journals[i].get(), {&events[i], 1}};
  backend.store->append_together(appends);
  for (const Append& append : appends) CHECK(append.result.has_value());
  CHECK(load(*backend.store, "a").size() == 2);
  CHECK(load(*other.store, "b").size() == 2);
  CHECK(load(*memory, "c").size() == 2);
}
