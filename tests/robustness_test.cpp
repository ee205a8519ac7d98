// The executor among parts that break their word: handlers, approvers, clocks and stores that throw, answers that come
// late or elsewhere, handles that outlive it.
#include "support/runs.hpp"

#include <runbook/testing.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <mutex>
#include <stdexcept>

using namespace runbook;
using namespace runbook::testing;

namespace {

class StartsWith final : public Handler {
public:
  explicit StartsWith(std::function<void(Completion)> start) : start_(std::move(start)) {}
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }
  void start(StepContext&, Completion done) const override { start_(std::move(done)); }

private:
  HandlerInfo info_{.name = "odd"};
  std::function<void(Completion)> start_;
};

// Keeps the questions and what was withdrawn; answers nothing by itself.
class SilentApprover final : public Approver {
public:
  Result<void> ask(const Question& question, std::function<void(Answer)> reply) override {
    const std::scoped_lock lock(mutex_);
    asked_.push_back(question.token);
    replies_.push_back(std::move(reply));
    return {};
  }
  void withdraw(const std::string&, const std::string& token) override {
    const std::scoped_lock lock(mutex_);
    withdrawn_.push_back(token);
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }
  [[nodiscard]] std::vector<std::string> withdrawn() const {
    const std::scoped_lock lock(mutex_);
    return withdrawn_;
  }
  [[nodiscard]] std::function<void(Answer)> reply(std::size_t n) const {
    const std::scoped_lock lock(mutex_);
    return replies_.at(n);
  }

private:
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::vector<std::string> withdrawn_;
  std::vector<std::function<void(Answer)>> replies_;
};

class ThrowingApprover final : public Approver {
public:
  Result<void> ask(const Question&, std::function<void(Answer)>) override { throw 42; }
  void withdraw(const std::string&, const std::string&) override { throw 42; }
};

// Works for so many calls, then throws.
class FailingClock final : public Clock {
public:
  explicit FailingClock(int calls) : calls_(calls) {}
  [[nodiscard]] std::chrono::system_clock::time_point now() const override {
    if (calls_.fetch_sub(1) <= 0) throw std::runtime_error("the clock stands still");
    return {};
  }

private:
  mutable std::atomic<int> calls_;
};

RunResult run_odd(std::shared_ptr<const Handler> odd) {
  HandlerRegistry handlers = builtin_handlers();
  handlers.add(std::move(odd));
  Runbook book("odd");
  book.step("a").use("odd");
  return Executor(handlers).run(make_plan(book, handlers).value());
}

Runbook asking() {
  Runbook book("asking");
  book.step("sure").use("confirm", {{"prompt", "Sure?"}});
  return book;
}

void wait_until(const std::function<bool()>& holds) {
  while (!holds()) std::this_thread::yield();
}

} // namespace

TEST_CASE("handler: whatever its start throws is a failure of the step") {
  const RunResult strange = run_odd(std::make_shared<StartsWith>([](Completion) { throw 42; }));
  CHECK(strange.status == RunStatus::failed);
  CHECK(strange.reason == "step 'a' failed: the handler threw something that is no std::exception");
  const RunResult known =
      run_odd(std::make_shared<StartsWith>([](Completion) { throw std::runtime_error("no luck"); }));
  CHECK(known.reason == "step 'a' failed: no luck");
}

TEST_CASE("handler: one that throws after it gave its completion away is waited for") {
  std::thread later;
  const RunResult result = run_odd(std::make_shared<StartsWith>([&later](Completion done) {
    auto kept = std::make_shared<Completion>(std::move(done));
    later = std::thread([kept] { (*kept)(Outcome{OutcomeStatus::ok, nullptr, {}}); });
    throw std::runtime_error("after all");
  }));
  later.join();
  CHECK(result.status == RunStatus::succeeded);
}

TEST_CASE("handler: a value that is nested too deeply is a failure of the step and the journal goes on") {
  HandlerRegistry handlers = builtin_handlers();
  handlers.add({.name = "nest"}, [](StepContext& ctx) -> Result<Value> {
    Value value = 1;
    for (std::int64_t i = 0; i < ctx.param("depth").as_int64(); ++i) value = boost::json::array{std::move(value)};
    return value;
  });
  for (const int depth : {64, 65, 300}) {
    Runbook book("deep");
    book.step("a").use("nest", {{"depth", depth}}).rollback("nest", {{"depth", 1}});
    const RunResult result = Executor(handlers).run(make_plan(book, handlers).value());
    CHECK(result.status == (depth == 64 ? RunStatus::succeeded : RunStatus::rolled_back));
    CHECK(!result.error);
  }
}

TEST_CASE("approver: one that throws reaches nobody and the run parks") {
  ExecutorOptions options;
  options.approver = std::make_shared<ThrowingApprover>();
  const HandlerRegistry handlers = builtin_handlers();
  Executor executor(handlers, std::move(options));
  const RunResult result = executor.run(make_plan(asking(), handlers).value());
  CHECK(result.status == RunStatus::parked);
  CHECK(std::ranges::any_of(result.events, [](const Event& event) {
    const auto* unreachable = std::get_if<WaitUnreachable>(&event.data);
    return unreachable != nullptr && unreachable->reason == "the approver threw something that is no std::exception";
  }));
}

TEST_CASE("clock: one that throws ends its run and no other") {
  const HandlerRegistry handlers = builtin_handlers();
  Runbook book("clocked");
  book.step("a").use("shell", {{"script", "true"}, {"shell", "sh"}});
  ExecutorOptions options;
  options.clock = std::make_shared<FailingClock>(2); // the run's id and its first events
  Executor executor(handlers, std::move(options));
  const RunResult result = executor.run(make_plan(book, handlers).value());
  CHECK(result.status == RunStatus::parked);
  REQUIRE(result.error);
  CHECK(result.error->code == errc::unexpected);
  CHECK(result.error->message == "the clock stands still");
}

TEST_CASE("question: one that is answered elsewhere is withdrawn from the approver") {
  const auto approver = std::make_shared<SilentApprover>();
  ExecutorOptions options;
  options.approver = approver;
  const HandlerRegistry handlers = builtin_handlers();
  Executor executor(handlers, std::move(options));
  const RunHandle run = executor.start(make_plan(asking(), handlers).value());
  wait_until([&] { return !approver->asked().empty(); });
  REQUIRE(run.answer("sure", {.yes = true, .who = "ada"}).has_value());
  CHECK(run.wait().status == RunStatus::succeeded);
  CHECK(approver->withdrawn() == std::vector<std::string>{"sure"});
  approver->reply(0)({.yes = false, .who = "late"}); // changes nothing
  CHECK(run.answer("sure", {.yes = false}).error().code == errc::not_found);
}

TEST_CASE("question: one that an observer has answered is not put to the approver") {
  const auto approver = std::make_shared<SilentApprover>();
  ExecutorOptions options;
  options.approver = approver;
  std::optional<RunHandle> handle;
  std::mutex mutex;
  options.observer = make_observer([&](const RunHeader&, const Event& event) {
    const auto* opened = std::get_if<WaitOpened>(&event.data);
    if (opened == nullptr) return;
    const std::scoped_lock lock(mutex);
    CHECK(handle->answer(opened->token, {.yes = true, .who = "observer"}).has_value());
  });
  const HandlerRegistry handlers = builtin_handlers();
  Executor executor(handlers, std::move(options));
  {
    const std::scoped_lock lock(mutex);
    handle = executor.start(make_plan(asking(), handlers).value());
  }
  CHECK(handle->wait().status == RunStatus::succeeded);
  CHECK(approver->asked().empty());
}

TEST_CASE("question: an answer that cannot be recorded is refused and the question withdrawn") {
  const auto store = std::make_shared<FaultyStore>(make_memory_store());
  const auto approver = std::make_shared<SilentApprover>();
  ExecutorOptions options;
  options.store = store;
  options.approver = approver;
  const HandlerRegistry handlers = builtin_handlers();
  Executor executor(handlers, std::move(options));
  const RunHandle run = executor.start(make_plan(asking(), handlers).value());
  wait_until([&] { return !approver->asked().empty(); });
  store->fail_at(1);
  const auto answered = run.answer("sure", {.yes = true, .who = "ada"});
  REQUIRE(!answered);
  CHECK(answered.error().code == errc::store_error);
  CHECK(run.wait().status == RunStatus::parked);
  CHECK(approver->withdrawn() == std::vector<std::string>{"sure"});
}

TEST_CASE("question: a late answer to one failed undo is no answer to the next") {
  const auto approver = std::make_shared<SilentApprover>();
  HandlerRegistry handlers = builtin_handlers();
  handlers.add({.name = "work"}, [](StepContext&) -> Result<Value> { return Value(); });
  handlers.add({.name = "fail"}, [](StepContext&) -> Result<Value> { return Error{errc::handler_failed, "no", {}}; });
  Runbook book("undos");
  for (const char* id : {"a", "b", "c"}) book.step(id).use("work").rollback("fail");
  book.step("d").use("fail");
  ExecutorOptions options;
  options.approver = approver;
  Executor executor(handlers, std::move(options));
  const RunHandle run =
      executor.start(make_plan(book, handlers).value(), {.on_rollback_failure = OnRollbackFailure::ask});
  wait_until([&] { return approver->asked().size() == 1; });
  REQUIRE(run.answer(approver->asked()[0], {.yes = true}).has_value());
  wait_until([&] { return approver->asked().size() == 2; });
  CHECK(approver->asked() == std::vector<std::string>{"run:continue-rollback/b", "run:continue-rollback/a"});
  approver->reply(0)({.yes = true, .who = "late"});
  CHECK(!run.answer("run:continue-rollback/b", {.yes = true}));
  REQUIRE(run.answer("run:continue-rollback/a", {.yes = false, .who = "ada"}).has_value());
  const RunResult result = run.wait();
  CHECK(result.status == RunStatus::partially_rolled_back);
  CHECK(result.residue.size() == 4);
}

TEST_CASE("attempts: different actions have different idempotency keys") {
  std::mutex mutex;
  std::vector<std::string> keys;
  HandlerRegistry handlers = builtin_handlers();
  handlers.add({.name = "key"}, [&](StepContext& ctx) -> Result<Value> {
    const std::scoped_lock lock(mutex);
    keys.push_back(ctx.idempotency_key());
    return Value();
  });
  Runbook book("keys");
  book.step("a").use("key").use("key").check("key");
  book.step("a.2").use("key").use("key");
  CHECK(Executor(handlers).run(make_plan(book, handlers).value()).status == RunStatus::succeeded);
  std::ranges::sort(keys);
  CHECK(keys.size() == 5);
  CHECK(std::ranges::adjacent_find(keys) == keys.end());
}

TEST_CASE("handle: waits with any limit, and works during and after the executor's end") {
  const HandlerRegistry handlers = builtin_handlers();
  std::optional<RunHandle> run;
  {
    Executor executor(handlers);
    run = executor.start(make_plan(asking(), handlers).value());
    std::thread waiting([&] {
      const auto result = run->wait_for(std::chrono::milliseconds::max());
      REQUIRE(result);
      CHECK(result->status == RunStatus::cancelled);
    });
    const RunResult parked = (executor.cancel_all("nobody"), run->wait());
    CHECK(parked.status == RunStatus::cancelled);
    waiting.join();
  }
  CHECK(run->wait().status == RunStatus::cancelled);
  CHECK(run->answer("sure", {.yes = true}).error().code == errc::not_found);
  run->cancel();
}

TEST_CASE("handle: a journal that cannot be read again is an error of the result") {
  class Unreadable final : public RunStore {
  public:
    std::shared_ptr<RunStore> inner = make_memory_store();

  protected:
    Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override {
      return inner->create(document, events);
    }
    Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner,
                                              std::chrono::system_clock::time_point now,
                                              std::uint64_t last_seq) override {
      return inner->claim(run, owner, now, last_seq);
    }
    Result<std::vector<Event>> do_load(const std::string&) override {
      return Error{errc::store_error, "the disk is gone", {}};
    }
    Result<std::string> do_document(const std::string& run) override { return inner->document(run); }
    Result<std::string> do_output(const std::string& run, std::uint64_t seq) override {
      return inner->output(run, seq);
    }
    Result<std::vector<RunSummary>> do_list() override { return inner->list(); }
  };
  HandlerRegistry handlers = builtin_handlers();
  handlers.add({.name = "work"}, [](StepContext&) -> Result<Value> { return Value(); });
  Runbook book("read");
  book.step("a").use("work");
  ExecutorOptions options;
  options.store = std::make_shared<Unreadable>();
  const RunResult result = Executor(handlers, std::move(options)).run(make_plan(book, handlers).value());
  CHECK(result.status == RunStatus::succeeded);
  REQUIRE(result.error);
  CHECK(result.error->message == "the disk is gone");
}
