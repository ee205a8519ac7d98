// A PostgreSQL store whose server, network or engine goes away at the worst moment.
#include "support/cutting_proxy.hpp"
#include "support/left_runs.hpp"
#include "support/postgres_stores.hpp"
#include "support/self.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

using SteadyClock = std::chrono::steady_clock;

/// A store that is reached through the proxy, and the same store reached directly.
struct Behind {
  CuttingProxy proxy{postgres().folder()};
  PostgresOptions options = fresh_schema();
  std::shared_ptr<RunStore> store = open(proxy.connection(), options);
  std::shared_ptr<RunStore> direct = open(postgres().connection(), options);
};

constexpr Cut all_cuts[] = {Cut::before, Cut::inside, Cut::after, Cut::answer};

} // namespace

TEST_CASE("postgres: an append whose connection breaks is recorded once") {
  Behind behind;
  EventLine line;
  const auto journal = create(*behind.store, "r", line);
  std::size_t events = 1;
  for (int round = 0; round < 5; ++round) {
    for (const Cut how : all_cuts) {
      CAPTURE(int(how));
      const int before = behind.proxy.cuts();
      behind.proxy.cut("append", how);
      const auto appended = append(*journal, line);
      REQUIRE_MESSAGE(appended.has_value(), to_string(appended.error()));
      CHECK(behind.proxy.cuts() == before + 1);
      REQUIRE(append(*journal, line).has_value());
      events += 2;
    }
  }
  check_chain(*behind.direct, "r", events);
}

TEST_CASE("postgres: an append whose connection breaks several times is recorded once") {
  Behind behind;
  EventLine line;
  const auto journal = create(*behind.store, "r", line);
  for (const Cut how : all_cuts) {
    behind.proxy.cut("append", how, 3); // and while it looks what became of it
    const std::string bytes(300'000, 'x');
    const auto events = line.next_of({output(forward(0), bytes.size()), ok(forward(0))});
    const Blob blob{events[0].seq, bytes};
    const auto appended = journal->append(events, {&blob, 1});
    REQUIRE_MESSAGE(appended.has_value(), to_string(appended.error()));
  }
  check_chain(*behind.direct, "r", 9);
}

TEST_CASE("postgres: an owner that is taken over while its connection is broken is refused") {
  Behind behind;
  EventLine line;
  const auto journal = create(*behind.store, "r", line);
  REQUIRE(behind.direct->claim("r", {"other"}, start_time).has_value());
  behind.proxy.cut("append", Cut::before);
  CHECK(error_of(append(*journal, line)).code == errc::fenced);
  check_chain(*behind.direct, "r", 2);
}

TEST_CASE("postgres: appends to several runs whose connection breaks are recorded once") {
  Behind behind;
  EventLine lines[2];
  const std::unique_ptr<Journal> journals[] = {create(*behind.store, "a", lines[0]),
                                               create(*behind.store, "b", lines[1])};
  for (const Cut how : all_cuts) {
    behind.proxy.cut("append", how);
    const Event events[] = {lines[0].next(intent(forward(0))), lines[1].next(intent(forward(0)))};
    Append appends[] = {{journals[0].get(), {&events[0], 1}, {}, {}}, {journals[1].get(), {&events[1], 1}, {}, {}}};
    behind.store->append_together(appends);
    CHECK(appends[0].result.has_value());
    CHECK(appends[1].result.has_value());
  }
  for (const char* run : {"a", "b"}) check_chain(*behind.direct, run, 5);
}

TEST_CASE("postgres: a run, a claim and a message whose connection breaks are recorded once") {
  Behind behind;
  std::uint64_t messages = 0;
  int runs = 0;
  for (const Cut how : all_cuts) {
    CAPTURE(int(how));
    const std::string run = "r" + std::to_string(++runs);
    behind.proxy.cut("create", how);
    EventLine line;
    const auto first = create(*behind.store, run, line);
    REQUIRE(append(*first, line).has_value());
    behind.proxy.cut("take", how);
    const auto second = behind.store->claim(run, {"me"}, start_time, 2);
    REQUIRE_MESSAGE(second.has_value(), to_string(second.error()));
    CHECK((*second)->fence() == 2);
    CHECK((*second)->last_seq() == 3);
    EventLine next(3, 2);
    REQUIRE(append(**second, next).has_value());
    CHECK(error_of(append(*first, line)).code == errc::fenced);
    behind.proxy.cut("post", how);
    CHECK(behind.store->post("r1", {.token = "t"}).value() == ++messages);
    check_chain(*behind.direct, run, 4);
  }
  CHECK(behind.proxy.cuts() == 12);
  CHECK(behind.direct->messages("r1")->size() == 4);
  CHECK(behind.direct->list()->size() == 4);
}

TEST_CASE("postgres: a taken name is refused also when the connection breaks") {
  Behind behind;
  EventLine line;
  create(*behind.direct, "r", line);
  for (const Cut how : all_cuts) {
    behind.proxy.cut("create", how);
    const Event again = EventLine().next(RunCreated{sample_header("r")});
    CHECK(contains(error_of(behind.store->create("", {&again, 1})).message, "there is already a run 'r'"));
  }
  check_chain(*behind.direct, "r", 1);
}

TEST_CASE("postgres: reading goes on where the connection broke") {
  Behind behind;
  EventLine line;
  const auto journal = create(*behind.direct, "r", line);
  for (int i = 0; i < 20; ++i) {
    const std::string bytes(50'000, 'x');
    const auto events = line.next_of({output(forward(0), bytes.size())});
    const Blob blob{events[0].seq, bytes};
    REQUIRE(journal->append(events, {&blob, 1}).has_value());
  }
  behind.proxy.cut("read_entries", Cut::answer);
  check_chain(*behind.store, "r", 21);
  behind.proxy.cut("read_events", Cut::before);
  CHECK(behind.store->load("r")->size() == 21);
  CHECK(behind.proxy.cuts() == 2);
}

TEST_CASE("postgres: nothing that was appended is lost when the server is killed, and the next append works") {
  PostgresServer server;
  const auto store = open(server.connection(), fresh_schema());
  EventLine line;
  const auto journal = create(*store, "r", line);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5; ++i) REQUIRE(append(*journal, line).has_value());
    server.kill();
    server.start();
    CHECK(store->load("r")->size() == line.last_seq());
    const auto appended = append(*journal, line);
    REQUIRE_MESSAGE(appended.has_value(), to_string(appended.error()));
  }
  check_chain(*store, "r", 19);
}

TEST_CASE("postgres: an append waits for a server that is being started again") {
  PostgresServer server;
  const auto store = open(server.connection(), fresh_schema());
  EventLine line;
  const auto journal = create(*store, "r", line);
  server.stop();
  Result<void> appended;
  std::thread appends([&] { appended = append(*journal, line); });
  server.start();
  appends.join();
  CHECK_MESSAGE(appended.has_value(), to_string(appended.error()));
  check_chain(*store, "r", 2);
}

TEST_CASE("postgres: while the server is away calls end when the patience is over, and say so") {
  PostgresServer server;
  const auto store = open(server.connection(), fresh_schema(700ms));
  EventLine line;
  const auto journal = create(*store, "r", line);
  const Event event = line.next(intent(forward(0)));
  server.stop();
  const auto timed = [](const auto& call) {
    const auto before = SteadyClock::now();
    const Error error = error_of(call());
    CHECK(SteadyClock::now() - before < 1700ms);
    CHECK(error.code == errc::store_error);
    CHECK(contains(error.message, "could not be reached for 700 ms"));
  };
  timed([&] { return journal->append({&event, 1}); });
  timed([&] { return store->load("r"); });
  timed([&] { return store->claim("r", {"me"}, start_time); });
  timed([&] { return journal->renew(1h); });
  server.start();
  CHECK(journal->append({&event, 1}).has_value());
  check_chain(*store, "r", 2);
}

TEST_CASE("postgres: a server that stands still holds a call no longer than the patience, and the append is found") {
  PostgresServer server;
  const auto store = open(server.connection(), fresh_schema(700ms));
  EventLine line;
  const auto journal = create(*store, "r", line);
  REQUIRE(store->load("r").has_value());
  const Event event = line.next(intent(forward(0)));
  server.freeze(true);
  const auto before = SteadyClock::now();
  const Error error = error_of(journal->append({&event, 1}));
  CHECK(contains(error.message, "did not answer within 700 ms; whether it has recorded what it was sent is not known"));
  CHECK(contains(error_of(store->load("r")).message, "did not answer within 700 ms"));
  CHECK(SteadyClock::now() - before < 3400ms);
  server.freeze(false);
  // What the server had got it has recorded by now or will not record; either way the same append is there once.
  const auto appended = journal->append({&event, 1});
  CHECK_MESSAGE(appended.has_value(), to_string(appended.error()));
  check_chain(*store, "r", 2);
}

TEST_CASE("postgres: an append that was recorded without an answer is not taken for another one") {
  PostgresServer server;
  const auto options = fresh_schema(700ms);
  CuttingProxy proxy(server.folder());
  const auto store = open(proxy.connection(), options);
  EventLine line;
  const auto journal = create(*store, "r", line);
  const Event first = line.next(intent(forward(0)));
  proxy.cut("append", Cut::answer, 1);
  // The look for it breaks as well, until the patience is over.
  std::thread looks([&] {
    while (proxy.cuts() == 0) std::this_thread::yield();
    proxy.cut("runbook", Cut::before, 1000);
  });
  const Error unknown = error_of(journal->append({&first, 1}));
  looks.join();
  CHECK(contains(unknown.message, "is not known"));
  proxy.cut("", Cut::before, 0);
  const Event other = EventLine(1).next(intent(forward(1)));
  CHECK(contains(error_of(journal->append({&other, 1})).message, "an append that was not answered was recorded"));
  REQUIRE(journal->append({&first, 1}).has_value());
  REQUIRE(append(*journal, line).has_value());
  check_chain(*store, "r", 3);
}

TEST_CASE("other process: runs a book on PostgreSQL until it is killed" * doctest::skip()) {
  const HandlerRegistry handlers = noting_in(given("RUNBOOK_TEST_LOG"));
  const auto store = open_postgres(given("RUNBOOK_TEST_CONNECTION"), {.schema = given("RUNBOOK_TEST_SCHEMA")}).value();
  Runbook book("is left");
  book.step("a").use("work", saying("a"));
  book.steps.push_back(ask("middle"));
  book.step("b").use("work", saying("b"));
  const auto observer = make_observer([](const RunHeader&, const Event& event) {
    if (std::holds_alternative<WaitOpened>(event.data)) say("there");
  });
  Executor executor(handlers, {.store = store});
  static_cast<void>(executor.run(make_plan(book, handlers).value(), {.run_id = "r", .observer = observer}));
}

TEST_CASE("postgres: a run whose process was killed goes on in another one") {
  Left left;
  const auto options = fresh_schema();
  left.store = open(postgres().connection(), options);
  OtherProcess owner("other process: runs a book on PostgreSQL until it is killed",
                     {{"RUNBOOK_TEST_CONNECTION", postgres().connection()},
                      {"RUNBOOK_TEST_SCHEMA", options.schema},
                      {"RUNBOOK_TEST_LOG", left.folder / "log"}});
  REQUIRE(owner.line() == "there");
  CHECK(contains(left.refusal("r").value().message, "the run goes on"));
  owner.kill();
  const RunResult result = left.take_up("r");
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
  CHECK(left.log() == "a b ");
  CHECK(left.store->list()->front().status == RunStatus::succeeded);
  check_chain(*left.store, "r", result.events.size());
}

TEST_CASE("postgres: a run ends well although its server is killed and started again meanwhile") {
  PostgresServer server;
  Left left;
  left.store = open(server.connection(), fresh_schema());
  HandlerRegistry handlers = noting_in(left.folder / "log");
  handlers.add({.name = "crash"}, [&](StepContext&) -> Result<Value> {
    server.kill();
    server.start();
    return Value(1);
  });
  Runbook book("survives");
  book.step("a").use("work", saying("a"));
  book.step("c").use("crash");
  book.step("b").use("work", saying("b"));
  Executor executor(handlers, left.nobody());
  const RunResult result = executor.run(make_plan(book, handlers).value(), {.run_id = "r"});
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
  check_chain(*left.store, "r", result.events.size());
}
