#include "crash_matrix/life.hpp"

#include "crash_matrix/calls.hpp"
#include "crash_matrix/judgement.hpp"
#include "store/status.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace runbook::testing::crash {

namespace {

/// Reaches nobody: what is asked parks the run.
class NobodyThere final : public Approver {
public:
  Result<void> ask(const Question&, std::function<void(Answer)>) override {
    return Error{errc::approver_unavailable, "nobody is there", {}};
  }
  void withdraw(const std::string&, const std::string&) override {}
};

// More than any run has reasons to park.
constexpr int most_turns = 1000;

class Owner {
public:
  Owner(const CrashScenario& scenario, const CrashMatrix& matrix, const Order& order)
      : scenario_(scenario), matrix_(matrix), order_(order),
        state_(std::make_shared<CrashLife::State>(order.folder, order.run, order.kill_at, order.passed)),
        life_(state_) {}

  void live() {
    if (matrix_.system_calls) watch_sqlite_calls(state_->points);
    store_ = with_points(open(), state_);
    handlers_ = with_points(scenario_.handlers(life_), state_);
    {
      Executor executor(handlers_, options());
      for (int turn = 0; go_on(executor); ++turn) {
        if (turn == most_turns) throw Exception({errc::unexpected, "the run parks for ever", {}});
      }
    }
    store_.reset(); // its last writes are points as well
    state_->points.stop();
  }

  /// With a store that knows only what was kept.
  void judge_it() {
    store_ = open();
    const std::vector<Event> events = store_->load(order_.run).value();
    const std::string effects = read_file(state_->effects_file());
    const auto plan = plan_of_run(*store_, order_.run, handlers_);
    std::vector<std::string> problems;
    if (plan) {
      problems = judge({scenario_, life_, *plan, events, *store_, effects});
    } else {
      problems.push_back("the plan cannot be made again: " + plan.error().message);
    }
    if (events.empty() || !std::holds_alternative<RunParked>(events.back().data)) try_once_more(events, problems);
    if (read_file(state_->effects_file()) != effects) problems.emplace_back("taking up what has ended had an effect");
    for (const std::string& problem : problems) add_line(order_.folder + "/problems", problem);
    add_line(order_.folder + "/story", story(events, effects));
  }

private:
  [[nodiscard]] std::shared_ptr<RunStore> open() const {
    return matrix_.open ? matrix_.open(life_).value() : open_sqlite(order_.folder + "/runs.db").value();
  }

  [[nodiscard]] ExecutorOptions options() const {
    ExecutorOptions options = scenario_.options ? scenario_.options(life_) : ExecutorOptions();
    options.store = store_;
    if (!options.approver) options.approver = std::make_shared<NobodyThere>();
    return options;
  }

  // Starts the run or takes it up, and waits. False: there is no more to do.
  bool go_on(Executor& executor) {
    const auto events = store_->load(order_.run);
    if (!events && events.error().code != errc::not_found) throw Exception(events.error());
    if (events && std::holds_alternative<RunClosed>(events->back().data)) return false;
    if (events) state_->outline = std::get<RunCreated>(events->front().data).header->outline;
    const RunResult result = (events ? executor.resume(order_.run) : start(executor)).wait();
    if (result.error) throw Exception(*result.error);
    return result.status == RunStatus::parked && answer_questions(result.events);
  }

  RunHandle start(Executor& executor) {
    StartOptions start = scenario_.start;
    start.run_id = order_.run;
    const Plan plan = scenario_.plan(life_, handlers_);
    state_->outline = plan.outline();
    return executor.start(plan, std::move(start));
  }

  // Those that the run has parked with.
  bool answer_questions(const std::vector<Event>& events) {
    std::vector<WaitOpened> open;
    for (const Event& event : events) {
      if (std::holds_alternative<Claimed>(event.data)) open.clear();
      if (const auto* opened = std::get_if<WaitOpened>(&event.data)) open.push_back(*opened);
      if (const auto* given = std::get_if<WaitAnswered>(&event.data)) {
        std::erase_if(open, [&](const WaitOpened& one) { return one.token == given->token; });
      }
    }
    bool any = false;
    for (const WaitOpened& question : open) {
      auto message = scenario_.answer ? scenario_.answer(life_, question) : yes(question);
      if (!message) continue;
      message->token = question.token;
      store_->post(order_.run, *message).value();
      any = true;
    }
    return any;
  }

  static std::optional<Message> yes(const WaitOpened& question) {
    return Message{.yes = true, .text = question.kind == QuestionKind::doubt ? "done" : "", .who = "somebody"};
  }

  void try_once_more(const std::vector<Event>& events, std::vector<std::string>& problems) {
    bool refused = false;
    try {
      ExecutorOptions again = options();
      Executor executor(handlers_, std::move(again));
      static_cast<void>(executor.resume(order_.run).wait());
    } catch (const Exception&) {
      refused = true;
    }
    if (!refused) problems.emplace_back("a run that has ended was taken up again");
    const auto after = store_->load(order_.run);
    if (!after || after->size() != events.size()) problems.emplace_back("taking up what has ended changed the journal");
  }

  const CrashScenario& scenario_;
  const CrashMatrix& matrix_;
  const Order& order_;
  std::shared_ptr<CrashLife::State> state_;
  CrashLife life_;
  std::shared_ptr<RunStore> store_;
  HandlerRegistry handlers_;
};

} // namespace

int live(const CrashScenario& scenario, const CrashMatrix& matrix, const Order& order) {
  const auto failed = [&](const std::string& words) {
    add_line(order.folder + "/problems", "a life did not go on: " + words);
    return 3;
  };
  try {
    const auto owner = std::make_unique<Owner>(scenario, matrix, order);
    owner->live();
    if (order.kill_at.empty()) owner->judge_it();
    return 0;
  } catch (const Exception& e) {
    return failed(to_string(e.error()));
  } catch (const std::exception& e) {
    return failed(e.what());
  } catch (...) {
    return failed("something was thrown that is no std::exception");
  }
}

} // namespace runbook::testing::crash
