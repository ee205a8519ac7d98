// Stores of other authors: what their functions throw or forget is an error of the store and ends no program.
#include "support/journals.hpp"
#include "support/runs.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <new>
#include <stdexcept>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// Keeps runs in another store and calls `before` first, with the name of its function.
class HostileStore final : public RunStore {
public:
  std::function<void(std::string_view)> before = [](std::string_view) {};
  bool gives_journals = true;

protected:
  class HostileJournal final : public Journal {
  public:
    HostileJournal(HostileStore& store, std::unique_ptr<Journal> journal)
        : Journal(journal->fence(), journal->last_seq()), store_(store), journal_(std::move(journal)) {}

  protected:
    Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) override {
      store_.before("append");
      return journal_->append(events, blobs);
    }

  private:
    HostileStore& store_;
    std::unique_ptr<Journal> journal_;
  };

  Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override {
    before("create");
    if (!gives_journals) return std::unique_ptr<Journal>();
    return std::make_unique<HostileJournal>(*this, memory_->create(document, events).value());
  }
  Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner,
                                            std::chrono::system_clock::time_point now,
                                            std::uint64_t last_seq) override {
    before("claim");
    if (!gives_journals) return std::unique_ptr<Journal>();
    return std::make_unique<HostileJournal>(*this, memory_->claim(run, owner, now, last_seq).value());
  }
  Result<std::vector<Event>> do_load(const std::string& run) override {
    before("load");
    return memory_->load(run);
  }
  Result<std::string> do_document(const std::string& run) override {
    before("document");
    return memory_->document(run);
  }
  Result<std::string> do_output(const std::string& run, std::uint64_t seq) override {
    before("output");
    return memory_->output(run, seq);
  }
  Result<std::vector<RunSummary>> do_list() override {
    before("list");
    return memory_->list();
  }
  Result<std::uint64_t> do_post(const std::string& run, const Message& message) override {
    before("post");
    return memory_->post(run, message);
  }
  Result<std::vector<Message>> do_messages(const std::string& run, std::uint64_t after) override {
    before("messages");
    return memory_->messages(run, after);
  }

private:
  std::shared_ptr<RunStore> memory_ = make_memory_store();
};

template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE(!result.has_value());
  return result.error();
}

const Event created = EventLine().next(RunCreated{sample_header("r")});
const Event second = EventLine(1).next(intent(forward(0)));

/// What each function of the store says, one after the other.
std::vector<Error> all_errors(HostileStore& store, Journal& journal) {
  return {error_of(journal.append({&second, 1})),
          error_of(store.create("", {&created, 1})),
          error_of(store.claim("r", {"me"}, start_time)),
          error_of(store.load("r")),
          error_of(store.document("r")),
          error_of(store.output("r", 2)),
          error_of(store.list()),
          error_of(store.post("r", {})),
          error_of(store.messages("r"))};
}

} // namespace

TEST_CASE("store: what a store's functions throw is the store's error") {
  HostileStore store;
  const auto journal = store.create("", {&created, 1}).value();
  store.before = [](std::string_view name) {
    throw std::runtime_error("no link to the " + std::string(name) + " host");
  };
  const char* names[] = {"append", "create", "claim", "load", "document", "output", "list", "post", "messages"};
  const auto errors = all_errors(store, *journal);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    CHECK(errors[i].code == errc::store_error);
    CHECK(errors[i].message == "the store failed: no link to the " + std::string(names[i]) + " host");
  }
  store.before = [](std::string_view) { throw 42; };
  for (const Error& error : all_errors(store, *journal)) {
    CHECK(error.code == errc::store_error);
    CHECK(error.message.starts_with("the store failed: "));
  }
  store.before = [](std::string_view) { throw std::bad_alloc(); };
  for (const Error& error : all_errors(store, *journal)) CHECK(error.code == errc::store_error);

  CHECK(journal->last_seq() == 1);
  store.before = [](std::string_view) {};
  CHECK(journal->append({&second, 1}).has_value()); // the lock was given back and the numbers go on
  CHECK(store.load("r")->size() == 2);
}

TEST_CASE("store: the error of a result whose value a store asked for in vain is its own") {
  HostileStore store;
  const auto journal = store.create("", {&created, 1}).value();
  store.before = [](std::string_view) { throw Exception({errc::fenced, "another has it", {}}); };
  for (const Error& error : all_errors(store, *journal)) CHECK(error == Error{errc::fenced, "another has it", {}});
  store.before = [](std::string_view) {};
  CHECK(error_of(store.claim("nobody", {"me"}, start_time)).code == errc::not_found);
}

TEST_CASE("store: a store that gives no journal has failed") {
  HostileStore store;
  const auto journal = store.create("", {&created, 1}).value();
  store.gives_journals = false;
  const Event other = EventLine().next(RunCreated{sample_header("s")});
  CHECK(error_of(store.create("", {&other, 1})).code == errc::store_error);
  CHECK(error_of(store.claim("r", {"me"}, start_time)).code == errc::store_error);
}

TEST_CASE("store: a store that keeps no messages says so") {
  class Plain final : public RunStore {
  protected:
    static Error none() { return {errc::store_error, "there is nothing here", {}}; }
    Result<std::unique_ptr<Journal>> do_create(std::string_view, std::span<const Event>) override { return none(); }
    Result<std::unique_ptr<Journal>> do_claim(const std::string&, const Claimed&, std::chrono::system_clock::time_point,
                                              std::uint64_t) override {
      return none();
    }
    Result<std::vector<Event>> do_load(const std::string&) override { return none(); }
    Result<std::string> do_document(const std::string&) override { return none(); }
    Result<std::string> do_output(const std::string&, std::uint64_t) override { return none(); }
    Result<std::vector<RunSummary>> do_list() override { return none(); }
  };
  Plain store;
  CHECK(!store.is_shared());
  const Error expected{errc::store_error, "this kind of store keeps no messages for the owners of runs", {}};
  CHECK(error_of(store.post("r", {})) == expected);
  CHECK(error_of(store.messages("r")) == expected);
}

TEST_CASE("run: a store that throws on the engine's thread stops its run and ends no program") {
  const auto store = std::make_shared<HostileStore>();
  std::atomic<int> appends = 0;
  store->before = [&](std::string_view name) {
    if (name == "append" && ++appends == 2) throw std::runtime_error("no link to the host");
  };
  HandlerRegistry handlers;
  handlers.add({.name = "work"}, [](StepContext&) -> Result<Value> { return Value(); });
  Runbook book("two steps");
  book.step("a").use("work");
  book.step("b").use("work");
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers, {.store = store});
  const RunResult stopped = executor.run(plan);
  CHECK(stopped.status == RunStatus::parked);
  REQUIRE(stopped.error.has_value());
  CHECK(stopped.error->code == errc::store_error);
  CHECK(stopped.error->message.find("no link to the host") != std::string::npos);
  CHECK(executor.run(plan).status == RunStatus::succeeded);
}
