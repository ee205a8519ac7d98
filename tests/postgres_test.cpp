// What only a PostgreSQL store has: several engines at once, leases, schemas, and words about a server.
#include "store/postgres_library.hpp"
#include "store/postgres_tables.hpp"
#include "support/postgres_stores.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

Error refusal_of(const std::string& connection, const PostgresOptions& options = {}) {
  return error_of(open_postgres(connection, options));
}

} // namespace

TEST_CASE("postgres: of two engines that take a run up at once one gets it") {
  const auto options = fresh_schema();
  const std::shared_ptr<RunStore> stores[] = {open(postgres().connection(), options),
                                              open(postgres().connection(), options)};
  EventLine line;
  create(*stores[0], "r", line);
  std::uint64_t last_seq = 1;
  for (int round = 0; round < 30; ++round, ++last_seq) {
    std::atomic<int> ready{0};
    std::atomic<int> got{0};
    std::atomic<int> fenced{0};
    std::vector<std::thread> engines;
    for (const auto& store : stores) {
      engines.emplace_back([&, &store = store] {
        ++ready;
        while (ready < 2) std::this_thread::yield();
        const auto claimed = store->claim("r", {"engine"}, start_time, last_seq);
        if (claimed)
          ++got;
        else if (claimed.error().code == errc::fenced)
          ++fenced;
      });
    }
    for (std::thread& engine : engines) engine.join();
    CHECK(got == 1);
    CHECK(fenced == 1);
  }
  check_chain(*stores[0], "r", 31);
  CHECK(stores[1]->ownership("r")->fence == 31);
}

TEST_CASE("postgres: a run that another one is taking over right now is refused and not waited for") {
  const auto options = fresh_schema();
  const auto store = open(postgres().connection(), options);
  EventLine line;
  create(*store, "r", line);
  const std::string key = std::to_string(advisory_key("claim", options.schema, "r"));
  // Another session holds what a claim holds.
  PostgresServer& server = postgres();
  std::thread other([&] {
    try {
      static_cast<void>(server.psql("SELECT pg_advisory_lock(" + key + "), pg_sleep(600)"));
    } catch (const std::runtime_error&) { // it is terminated
    }
  });
  const auto holder = [&] { return server.psql("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"); };
  while (holder().empty()) std::this_thread::yield();
  const auto before = std::chrono::steady_clock::now();
  const Error error = error_of(store->claim("r", {"me"}, start_time));
  CHECK(error.code == errc::fenced);
  CHECK(contains(error.message, "is being taken over by somebody else right now"));
  CHECK(std::chrono::steady_clock::now() - before < options.patience / 2);
  CHECK(server.psql("SELECT pg_terminate_backend(" + holder() + ")") == "t");
  other.join();
  CHECK(store->claim("r", {"me"}, start_time).has_value());
}

TEST_CASE("postgres: an owner that was taken over from another engine is refused, whatever it does") {
  const auto options = fresh_schema();
  const auto here = open(postgres().connection(), options);
  const auto there = open(postgres().connection(), options);
  EventLine line;
  const auto former = create(*here, "r", line);
  const auto owner = there->claim("r", {"there"}, start_time).value();
  const Error error = error_of(append(*former, line));
  CHECK(error.code == errc::fenced);
  CHECK(contains(error.message, "taken over by another owner (fence 2, this one's is 1)"));
  CHECK(error_of(former->renew(1h)).code == errc::fenced);
  CHECK_FALSE(here->ownership("r")->lease_left.has_value());
  EventLine next(owner->last_seq(), 2);
  CHECK(append(*owner, next).has_value());
  check_chain(*here, "r", 3);
}

TEST_CASE("postgres: a lease runs by the server's clock, and whoever claims the run begins without one") {
  const auto store = open(postgres().connection(), fresh_schema());
  EventLine line;
  const auto owner = create(*store, "r", line);
  CHECK_FALSE(store->ownership("r")->lease_left.has_value());
  REQUIRE(owner->renew(1h).has_value());
  const auto left = store->ownership("r")->lease_left;
  REQUIRE(left.has_value());
  CHECK(*left <= 1h);
  CHECK(*left > 59min);
  REQUIRE(owner->renew(20ms).has_value());
  while (store->ownership("r")->lease_left.value() > 0ms) std::this_thread::yield();
  CHECK(append(*owner, line).has_value()); // it is still the owner: nobody has claimed the run
  REQUIRE(owner->renew(Lease::max()).has_value());
  CHECK(store->ownership("r")->lease_left.value() > 24h);
  REQUIRE(owner->renew(0ms).has_value());
  CHECK_FALSE(store->ownership("r")->lease_left.has_value());
  REQUIRE(owner->renew(1h).has_value());
  REQUIRE(store->claim("r", {"other"}, start_time).has_value());
  const Ownership ownership = store->ownership("r").value();
  CHECK_FALSE(ownership.lease_left.has_value());
  CHECK(ownership.owner == "other");
  CHECK(ownership.fence == 2);
  CHECK(ownership.last_seq == 3);
}

TEST_CASE("postgres: engines that come at the same time make the tables once") {
  for (int round = 0; round < 5; ++round) {
    const auto options = fresh_schema();
    const std::string server = postgres().connection(); // which ends with the thread that has started it
    std::atomic<int> opened{0};
    std::vector<std::thread> engines;
    for (int i = 0; i < 4; ++i) {
      engines.emplace_back([&] {
        if (open_postgres(server, options)) ++opened;
      });
    }
    for (std::thread& engine : engines) engine.join();
    CHECK(opened == 4);
    CHECK(postgres().psql("SELECT count(*) FROM " + options.schema + ".format") == "1");
  }
}

TEST_CASE("postgres: tables of a newer version are refused and left as they are") {
  const auto options = fresh_schema();
  REQUIRE(open(postgres().connection(), options));
  CHECK(postgres().psql("UPDATE " + options.schema + ".format SET version = 2").empty());
  CHECK(postgres().psql("DROP TABLE " + options.schema + ".messages").empty());
  for (const bool read_only : {false, true}) {
    PostgresOptions how = options;
    how.read_only = read_only;
    const Error error = refusal_of(postgres().connection(), how);
    CHECK(error.code == errc::store_error);
    CHECK(contains(error.message, "has tables of version 2 in the schema '" + options.schema + "'"));
  }
  CHECK(postgres().psql("SELECT count(*) FROM pg_tables WHERE schemaname = '" + options.schema + "'") == "4");
}

TEST_CASE("postgres: a schema that holds somebody else's tables gets none of ours") {
  const auto options = fresh_schema();
  CHECK(postgres().psql("CREATE SCHEMA " + options.schema).empty());
  CHECK(postgres().psql("CREATE TABLE " + options.schema + ".events (theirs int)").empty());
  CHECK(contains(refusal_of(postgres().connection(), options).message, "\"events\" already exists"));
  CHECK(postgres().psql("SELECT count(*) FROM pg_tables WHERE schemaname = '" + options.schema + "'") == "1");
}

TEST_CASE("postgres: a reader reads, and neither writes nor makes anything") {
  auto options = fresh_schema();
  options.read_only = true;
  CHECK(contains(refusal_of(postgres().connection(), options).message, "holds no runs in the schema"));
  options.read_only = false;
  const auto writer = open(postgres().connection(), options);
  EventLine line;
  create(*writer, "r", line);
  options.read_only = true;
  const auto reader = open(postgres().connection(), options);
  CHECK(reader->load("r")->size() == 1);
  CHECK(reader->messages("r")->empty());
  const Event created = EventLine().next(RunCreated{sample_header("other")});
  for (const Error& error : {error_of(reader->create("", {&created, 1})), error_of(reader->post("r", {})),
                             error_of(reader->claim("r", {"me"}, start_time))}) {
    CHECK(error.code == errc::store_error);
    CHECK(contains(error.message, "was opened to be read only"));
  }
  CHECK(writer->list()->size() == 1);
}

TEST_CASE("postgres: an output of 5 MiB and a run whose name is no UTF-8 come back byte by byte") {
  const auto store = open(postgres().connection(), fresh_schema());
  const std::string name = "r\x01\xff'\"\\ \n$1 \xc3";
  EventLine line;
  const auto journal = create(*store, name, line);
  std::string bytes(5 << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i >> 7U);
  const auto events = line.next_of({output(forward(0), bytes.size()), ok(forward(0))});
  const Blob blob{events[0].seq, bytes};
  REQUIRE(journal->append(events, {&blob, 1}).has_value());
  CHECK((store->output(name, 2).value() == bytes));
  check_chain(*store, name, 3);
  CHECK((store->list()->front().run == name));
  CHECK(store->post(name, {.note = name}).value() == 1);
  CHECK((store->messages(name)->front().note == name));
}

TEST_CASE("postgres: a reader of entries may stop anywhere, and the store goes on") {
  const auto store = open(postgres().connection(), fresh_schema());
  EventLine line;
  const auto journal = create(*store, "r", line);
  for (int i = 0; i < 500; ++i) REQUIRE(append(*journal, line).has_value());
  std::uint64_t last = 0;
  CHECK(store->entries("r", [&](const JournalEntry& entry) { return (last = entry.seq) < 7; }).has_value());
  CHECK(last == 7);
  const auto throws = store->entries("r", [](const JournalEntry&) -> bool { throw std::runtime_error("enough"); });
  CHECK(contains(error_of(throws).message, "enough"));
  check_chain(*store, "r", 501);
}

TEST_CASE("postgres: appends to several runs are one commit, and one that is refused is left out of it") {
  const auto options = fresh_schema();
  const auto store = open(postgres().connection(), options);
  EventLine lines[3];
  std::unique_ptr<Journal> journals[3];
  for (std::size_t i = 0; i < 3; ++i) journals[i] = create(*store, std::to_string(i), lines[i]);
  REQUIRE(store->claim("1", {"other"}, start_time).has_value());
  std::vector<Event> events[3];
  std::vector<Append> appends;
  for (std::size_t i = 3; i-- > 0;) {
    events[i] = lines[i].next_of({intent(forward(0)), ok(forward(0))});
    appends.push_back({journals[i].get(), events[i], {}, {}});
  }
  store->append_together(appends);
  REQUIRE_MESSAGE(appends[0].result.has_value(), to_string(appends[0].result.error()));
  CHECK(error_of(appends[1].result).code == errc::fenced);
  CHECK(appends[2].result.has_value());
  for (const char* run : {"0", "2"}) check_chain(*store, run, 3);
  check_chain(*store, "1", 2);
  const std::string s = options.schema;
  const std::string commits = "SELECT count(DISTINCT xmin::text) FROM " + s + ".events WHERE seq > 1 AND fence = 1";
  CHECK(postgres().psql(commits) == "1");
}

TEST_CASE("postgres: words about a server that is not there, or lets nobody in, come at once and show no password") {
  const TempFolder nowhere;
  const auto before = std::chrono::steady_clock::now();
  const std::string missing = "postgresql://me:s3cret@/base?host=" + nowhere.path().string();
  const Error error = refusal_of(missing);
  CHECK(error.code == errc::store_error);
  CHECK(contains(error.message, "PostgreSQL store '" + nowhere.path().string()));
  CHECK(contains(error.message, "No such file or directory"));
  CHECK_FALSE(contains(error.message, "s3cret"));
  const std::string database = "postgresql://postgres:s3cret@/nobase?host=" + postgres().folder();
  const Error unknown = refusal_of(database);
  CHECK(contains(unknown.message, "database \"nobase\" does not exist"));
  CHECK_FALSE(contains(unknown.message, "3D000"));
  CHECK_FALSE(contains(unknown.message, "s3cret"));
  CHECK(std::chrono::steady_clock::now() - before < PostgresOptions().patience);
}

TEST_CASE("postgres: a connection that cannot be read is refused without showing what may be a password") {
  for (const std::string odd :
       {"postgresql://me:s3cr@et@host/base", "postgresql://me:s3c/ret@host/base", "postgresql://me:%zzs3cret@host",
        "postgresql://me:s3c?x=ret@host/base", "postgresql://me@host/base?passw=s3cret", "password=it is s3cret",
        "password='s3cret", "host=a s3cret"}) {
    CAPTURE(odd);
    const auto store = open_postgres(odd, {.patience = 200ms});
    REQUIRE_FALSE(store.has_value());
    for (const char* part : {"s3c", "cret", "ret@", "et@"}) CHECK_FALSE(contains(store.error().message, part));
  }
  CHECK(refusal_of(std::string("host=a\0b", 8)).code == errc::invalid_argument);
}

TEST_CASE("postgres: a schema's name and a patience that can be none are refused") {
  for (const std::string& schema : {std::string(), std::string(64, 'x'), std::string("a\0b", 3)}) {
    CHECK(refusal_of(postgres().connection(), {.schema = schema}).code == errc::invalid_argument);
  }
  CHECK(refusal_of(postgres().connection(), {.patience = 0ms}).code == errc::invalid_argument);
  const std::string odd = "a \"b\"; DROP é";
  const auto store = open(postgres().connection(), {.schema = odd, .folder = "/somewhere"});
  CHECK(store->list()->empty());
  CHECK(store->folder() == "/somewhere");
  CHECK(store->is_shared());
  CHECK(open(postgres().connection(), fresh_schema())->folder().empty());
}

TEST_CASE("postgres: a commit waits for the disk whatever the role's settings say") {
  const auto options = fresh_schema();
  CHECK(postgres().psql("CREATE ROLE hasty LOGIN SUPERUSER").empty());
  CHECK(postgres().psql("ALTER ROLE hasty SET synchronous_commit = off").empty());
  CHECK(postgres().psql("ALTER ROLE hasty SET default_transaction_isolation = 'serializable'").empty());
  const auto store = open("host=" + postgres().folder() + " user=hasty dbname=postgres", options);
  EventLine line;
  const auto journal = create(*store, "r", line);
  const std::string written = postgres().psql("SELECT pg_current_wal_flush_lsn()");
  REQUIRE(append(*journal, line).has_value());
  CHECK(postgres().psql("SELECT pg_current_wal_flush_lsn() > '" + written + "'") == "t");
  CHECK(postgres().psql("SELECT pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn() < 200") == "t");
}

TEST_CASE("postgres: libpq that is missing is said, and how to get it") {
  const auto missing = load_postgres("libpq.so.nowhere");
  CHECK(contains(error_of(missing).message, "apt-get install libpq5"));
  CHECK(contains(error_of(load_postgres("libm.so.6")).message, "has no function PQ"));
}

TEST_CASE("postgres: in a forked child the store refuses, and the parent's goes on") {
  const auto store = open(postgres().connection(), fresh_schema());
  EventLine line;
  auto journal = create(*store, "r", line);
  const Event event = line.next(intent(forward(0)));
  const pid_t child = ::fork();
  if (child == 0) {
    const auto refused = [](const auto& result) {
      return !result && contains(result.error().message, "before a fork");
    };
    const bool all = refused(store->load("r")) && refused(journal->append({&event, 1})) && refused(journal->renew(1s));
    journal.reset();
    ::_exit(all ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(journal->append({&event, 1}).has_value());
  check_chain(*store, "r", 2);
}
