// A disk that fails at every call of a run, once and for ever: nothing is started that is not on record, nothing is
// called done that is not, and when the disk works again, the run goes on to its end and does nothing twice.
#include "support/io_faults.hpp"

#include "store/sqlite.hpp"
#include "support/left_runs.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <map>
#include <mutex>
#include <set>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// What the steps have done, whoever owned the run.
struct Done {
  std::mutex mutex;
  std::map<std::string, int> times;
};

/// Answers as somebody who looks: a step in doubt is done if it is.
class LookingApprover final : public Approver {
public:
  explicit LookingApprover(std::shared_ptr<Done> done) : done_(std::move(done)) {}
  Result<void> ask(const Question& question, std::function<void(Answer)> reply) override {
    const std::scoped_lock lock(done_->mutex);
    reply({.yes = true, .who = "ada", .text = done_->times.contains(question.step) ? "done" : "not-done"});
    return {};
  }
  void withdraw(const std::string&, const std::string&) override {}

private:
  std::shared_ptr<Done> done_;
};

/// One run over a disk that fails, and over the same disk when it works again.
class Trial {
public:
  Trial() {
    handlers_.add({.name = "work", .quick = true}, [done = done_](StepContext& context) -> Result<Value> {
      const std::scoped_lock lock(done->mutex);
      ++done->times[context.step()];
      context.output(Stream::out, std::string(6000, 'o'));
      return Value();
    });
    for (const std::string id : {"a", "b", "c", "d"}) book_.step(id).use("work").rollback("work");
  }

  /// How many calls a run makes over a disk that works.
  int calls() {
    io_faults.heal();
    run_with_faults();
    REQUIRE(!error_.has_value());
    return io_faults.calls;
  }

  void run_with_faults() {
    try {
      store_ = open_sqlite(path_, {}, {.checkpoint_pages = 8}).value();
      Executor executor(handlers_, options());
      const RunResult result = executor.run(make_plan(book_, handlers_).value(), {.run_id = "r"});
      error_ = result.error;
      CHECK((error_.has_value() || result.status == RunStatus::succeeded));
    } catch (const Exception& e) {
      error_ = e.error();
    }
  }

  /// Names the file and the reason. Where a file cannot be opened once, SQLite tries in other ways, and says of those
  /// why they did not work.
  void check_words(int error) const {
    CAPTURE(error_->message);
    CHECK(error_->code == errc::store_error);
    CHECK(error_->message.find(path_) != std::string::npos);
    if (io_faults.hit_open && !io_faults.for_ever) return;
    const bool full = error_->message.find("the disk or the quota is full") != std::string::npos;
    CHECK((full || error_->message.find(std::strerror(error)) != std::string::npos));
  }

  /// The store has all that observers saw, and of all that was started the intent.
  void check_record() {
    const auto events = store_->load("r");
    if (!events) {
      CHECK(events.error().code == errc::not_found);
      CHECK(done_->times.empty());
      CHECK(seen_.empty());
      return;
    }
    REQUIRE(events->size() >= seen_.size());
    for (std::size_t i = 0; i < seen_.size(); ++i) CHECK((*events)[i].data.index() == seen_[i].data.index());
    std::set<std::string> intents;
    const auto& outline = *std::get<RunCreated>(events->front().data).header->outline;
    for (const StepIntent& intent : all_of<StepIntent>(*events)) intents.insert(outline[intent.at.step].id);
    for (const auto& [step, times] : done_->times) CHECK(intents.contains(step));
  }

  /// `opens_anew`: else with the store that has seen the faults.
  void go_on(bool opens_anew) {
    if (opens_anew) store_.reset();
    if (!store_) store_ = open_sqlite(path_).value();
    check_record();
    Executor executor(handlers_, options());
    const auto events = store_->load("r");
    const bool ended = events && std::holds_alternative<RunClosed>(events->back().data);
    RunResult result;
    if (!events) result = executor.run(make_plan(book_, handlers_).value(), {.run_id = "r"});
    if (events && !ended) result = executor.resume("r").wait();
    CHECK_MESSAGE((ended || result.status == RunStatus::succeeded), result.reason);
    CHECK(done_->times == std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}});
    for (const Event& event : store_->load("r").value()) {
      const auto* output = std::get_if<StepOutput>(&event.data);
      if (output != nullptr) CHECK(store_->output("r", event.seq).value() == std::string(6000, 'o'));
    }
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

private:
  ExecutorOptions options() {
    return {.store = store_,
            .approver = std::make_shared<LookingApprover>(done_),
            .observer = make_observer([this](const RunHeader&, const Event& event) {
              if (event.fence == 1) seen_.push_back(event);
            })};
  }

  TempFolder folder_;
  std::string path_ = folder_ / "runs.db";
  std::shared_ptr<Done> done_ = std::make_shared<Done>();
  HandlerRegistry handlers_ = builtin_handlers();
  Runbook book_{"io"};
  std::shared_ptr<RunStore> store_;
  std::optional<Error> error_;
  std::vector<Event> seen_;
};

/// How many calls a run makes, of those that count now.
int calls_of_a_run() {
  watch_io();
  const int calls = Trial().calls();
  io_faults.heal();
  REQUIRE(calls > 10);
  return calls;
}

/// At each call. Gives how many of the runs could not go on.
int fail_everywhere(int error, bool for_ever, bool only_syncs) {
  io_faults.only_syncs = only_syncs;
  io_faults.fault = IoFault::fails;
  const int calls = calls_of_a_run();
  int halted = 0;
  for (int at = 1; at <= calls; ++at) {
    CAPTURE(at);
    Trial trial;
    io_faults.heal();
    io_faults.hit_open = false;
    io_faults.error = error;
    io_faults.for_ever = for_ever;
    io_faults.at = at;
    trial.run_with_faults();
    io_faults.heal();
    if (trial.error()) {
      ++halted;
      trial.check_words(error);
    }
    trial.go_on(at % 2 == 0);
  }
  io_faults.only_syncs = false;
  MESSAGE(calls << " calls, " << halted << " runs could not go on");
  return halted;
}

/// At each call, and nobody may notice.
void disturb_everywhere(IoFault fault) {
  io_faults.fault = fault;
  const int calls = calls_of_a_run();
  for (int at = 1; at <= calls; ++at) {
    CAPTURE(at);
    Trial trial;
    io_faults.heal();
    io_faults.for_ever = false;
    io_faults.at = at;
    trial.run_with_faults();
    io_faults.heal();
    CHECK_MESSAGE(!trial.error(), trial.error()->message);
    trial.go_on(true);
  }
}

} // namespace

TEST_CASE("io errors: a call that fails once, wherever") {
  CHECK(fail_everywhere(EIO, false, false) > 10);
}

TEST_CASE("io errors: a disk that fails from some call on") {
  CHECK(fail_everywhere(EIO, true, false) > 10);
}

TEST_CASE("io errors: a disk that is full for one call") {
  CHECK(fail_everywhere(ENOSPC, false, false) > 10);
}

TEST_CASE("io errors: a disk that is full until there is room again") {
  CHECK(fail_everywhere(ENOSPC, true, false) > 10);
}

TEST_CASE("io errors: a sync that fails, once and from then on") {
  CHECK(fail_everywhere(EIO, false, true) > 3);
  CHECK(fail_everywhere(EIO, true, true) > 3);
}

TEST_CASE("io errors: calls that are interrupted are not noticed") {
  disturb_everywhere(IoFault::interrupted);
}

TEST_CASE("io errors: writes that are cut short are not noticed") {
  disturb_everywhere(IoFault::short_write);
}
