// What others leave in the store for the owner of a run: answers and cancels.
#include "support/left_runs.hpp"
#include "support/self.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

Runbook asks_for_a_ticket() {
  Runbook book("wants a ticket");
  book.step("a").use("work", saying("a")).rollback("work", saying("undo-a"));
  book.step("ticket").use("confirm", {{"prompt", "Ticket?"}, {"answer", "text"}, {"pattern", "OPS-[0-9]+"}});
  book.steps.back().actions[0].capture = "ticket";
  book.step("b").use("work", saying("{{ ticket }}"));
  return book;
}

struct Shared : Left {
  Shared() { store = open_sqlite(folder / "runs.db").value(); }

  /// Notes what is withdrawn, and answers nothing.
  class Silent final : public Approver {
  public:
    Result<void> ask(const Question& question, std::function<void(Answer)>) override {
      asked.push_back(question.token);
      return {};
    }
    void withdraw(const std::string&, const std::string& token) override { withdrawn.push_back(token); }
    std::vector<std::string> asked;
    std::vector<std::string> withdrawn;
  };
  /// Somebody else, with the store opened anew.
  std::uint64_t say_to(const std::string& run, const Message& message) {
    return open_sqlite(folder / "runs.db").value()->post(run, message).value();
  }
};

} // namespace

TEST_CASE("other process: answers the question of the run" * doctest::skip()) {
  const auto store = open_sqlite(given("RUNBOOK_TEST_STORE")).value();
  store->post("r", {.token = "ticket", .yes = true, .text = "nonsense", .who = "eve"}).value();
  store->post("r", {.token = "elsewhere", .yes = true, .who = "eve"}).value();
  store->post("r", {.token = "ticket", .yes = true, .text = "OPS-1", .who = "bob", .note = "as said"}).value();
  store->post("r", {.token = "ticket", .yes = true, .text = "OPS-2", .who = "eve"}).value();
}

TEST_CASE("messages: the first valid answer of another process counts, and the question is withdrawn") {
  Shared left;
  const auto approver = std::make_shared<Shared::Silent>();
  Signal asked;
  RunResult result;
  {
    Executor executor(left.handlers, {.store = left.store, .approver = approver});
    const RunHandle run =
        executor.start(left.plan(asks_for_a_ticket()),
                       {.run_id = "r", .observer = make_observer([&](const RunHeader&, const Event& event) {
                                         if (std::holds_alternative<WaitOpened>(event.data)) asked.set();
                                       })});
    REQUIRE(asked.wait());
    OtherProcess other("other process: answers the question of the run",
                       {{"RUNBOOK_TEST_STORE", left.folder / "runs.db"}});
    CHECK(other.wait() == 0);
    result = run.wait();
  }
  CHECK(result.status == RunStatus::succeeded);
  CHECK(left.log() == "a OPS-1 ");
  const auto answered = all_of<WaitAnswered>(result.events);
  REQUIRE(answered.size() == 1);
  CHECK(answered[0].message == 3);
  CHECK(answered[0].who == "bob");
  CHECK(answered[0].note == "as said");
  CHECK(approver->asked == std::vector<std::string>{"ticket"});
  CHECK(approver->withdrawn == std::vector<std::string>{"ticket"});
}

TEST_CASE("messages: what is no answer leaves the question open") {
  Shared left;
  Executor executor(left.handlers, {.store = left.store});
  const RunHandle run = executor.start(left.plan(asks_for_a_ticket()));
  left.say_to(run.id(), {.token = "ticket", .yes = true, .text = "nonsense"});
  CHECK_FALSE(run.wait_for(600ms).has_value()); // two looks
  CHECK(run.answer("ticket", {.yes = true, .text = "OPS-7"}).has_value());
  CHECK(run.wait().status == RunStatus::succeeded);
}

TEST_CASE("messages: what was left while a run was parked is taken up before anybody is asked") {
  Shared left;
  const std::string run = left.park(left.plan(asks_for_a_ticket())).run;
  left.say_to(run, {.token = "ticket", .yes = true, .text = "nonsense"});
  left.say_to(run, {.token = "ticket", .yes = true, .text = "OPS-3", .who = "bob"});
  const auto approver = std::make_shared<Shared::Silent>();
  Executor executor(left.handlers, {.store = left.store, .approver = approver});
  const RunResult result = executor.resume(run).wait();
  CHECK(result.status == RunStatus::succeeded);
  CHECK(left.log() == "a OPS-3 ");
  CHECK(all_of<WaitAnswered>(result.events).at(0).message == 2);
  CHECK(approver->asked.empty());
}

TEST_CASE("messages: who takes a run up in a store of one process reads them too") {
  Left left;
  const std::string run = left.park(left.plan(asks_for_a_ticket())).run;
  CHECK(left.store->post(run, {.token = "ticket", .yes = true, .text = "OPS-3"}).value() == 1);
  Executor executor(left.handlers, left.nobody());
  CHECK(executor.resume(run).wait().status == RunStatus::succeeded);
}

TEST_CASE("messages: a cancel of somebody else rolls back and is not carried out again by a later owner") {
  Shared left;
  Runbook book("cancelled from elsewhere");
  book.step("a").use("work", saying("a")).rollback("work", saying("undo-a"));
  book.step("b").use("work", saying("b")).rollback("confirm", {{"prompt", "Put back?"}});
  book.steps.push_back(ask("sure"));
  const std::string run = left.park(left.plan(book)).run;
  left.say_to(run, {.who = "bob"});
  {
    Executor executor(left.handlers, left.nobody());
    const RunResult parked = executor.resume(run).wait();
    REQUIRE(parked.status == RunStatus::parked); // at the question of an undo
    CHECK(all_of<CancelRequested>(parked.events).at(0).message == 1);
  }
  const RunResult result = left.take_up(run);
  CHECK(left.log() == "a b undo-a ");
  CHECK(result.reason == "cancelled by bob");
  const auto cancels = all_of<CancelRequested>(result.events);
  REQUIRE(cancels.size() == 1); // a second one would ask whether to give the rollback up
  CHECK(cancels[0].who == "bob");
}
