// Tells random runs over virtual time and looks whether each of them keeps its promises.
//
//   simulate [--histories N] [--from SEED] [--threads N]     many
//   simulate --seed N                                        one, with its events
//
// A seed is a history. What fails prints the command line that tells it again.
#define DOCTEST_CONFIG_IMPLEMENT // for the support headers; there are no test cases here

#include "support/flow_promises.hpp"
#include "support/random_flow.hpp"
#include "support/random_plan.hpp"
#include "support/stored_history.hpp"

#include <boost/json/serialize.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

using namespace runbook;
using namespace runbook::testing;

namespace {

using Random = std::mt19937;

/// What the generators leave at its default: timeouts, effects, and what is done about doubts.
Plan with_doubts(const Plan& plan, Random& random) {
  auto content = std::make_shared<Plan::Content>(plan.content());
  for (PlannedStep& step : content->steps) {
    step.on_doubt = static_cast<OnDoubt>(up_to(random, 4));
    if (step.on_doubt == OnDoubt::probe) step.probe.push_back(PlanBuilder::action());
    for (auto* actions : {&step.forward, &step.undo}) {
      for (PlannedAction& action : *actions) {
        if (chance(random, 20)) action.effect = Effect::idempotent;
        if (chance(random, 20)) action.action.timeout = std::chrono::milliseconds{200};
      }
    }
  }
  return Plan(content);
}

/// Planning costs more than a history, so the flows are a few hundred.
Plan flow_of(std::uint32_t number) {
  Random random(number);
  return make_plan(FlowGenerator(random).book("flow"), flow_handlers()).value();
}

class Teller {
public:
  /// The words of what is broken; empty: nothing.
  std::string tell(std::uint32_t seed) {
    if (told_++ % 64 == 0) store_ = make_memory_store(); // it keeps every run
    Random random(seed);
    const bool flows = seed % 8 == 0;
    const Plan plan = with_doubts(flows ? flow(seed / 8 % 256) : random_plan(random), random);
    StoredHistory history(plan, random, trouble(random), store_, std::to_string(seed));
    StoredHistory::Options options;
    options.parallel = static_cast<std::uint32_t>(up_to(random, 3)) + 1;
    if (chance(random, 10)) options.timeout = std::chrono::milliseconds{1000};
    options.rollback = static_cast<RollbackMode>(up_to(random, 2));
    options.on_rollback_failure = static_cast<OnRollbackFailure>(up_to(random, 2));
    history.run(options);
    add(history);
    Broken broken;
    broken.promises = history.broken();
    if (broken.promises.empty()) check(plan, history, options, broken);
    events_ = history.events();
    outline_ = plan.outline();
    return broken.words();
  }

  void print_events() const {
    for (const Event& event : events_)
      std::printf("%s\n", boost::json::serialize(to_json(event, outline_.get())).c_str());
  }

  [[nodiscard]] const HistoryCounts& counts() const { return counts_; }

private:
  const Plan& flow(std::uint32_t number) {
    auto& plan = flows_[number];
    if (!plan) plan.emplace(flow_of(number));
    return *plan;
  }

  static Trouble trouble(Random& random) {
    Trouble trouble;
    trouble.actions = static_cast<int>(up_to(random, 40));
    trouble.cancels = chance(random, 50) ? 0 : 8;
    trouble.appends = chance(random, 50) ? 0 : 6;
    trouble.ends = chance(random, 30) ? 0 : 10;
    trouble.ends_inside = chance(random, 50) ? 0 : 6;
    trouble.strangers = chance(random, 50) ? 0 : 5;
    return trouble;
  }

  void check(const Plan& plan, const StoredHistory& history, const StoredHistory::Options& options, Broken& broken) {
    std::vector<EventData> events;
    RunState state(plan);
    const auto stored = store_->load(std::get<RunCreated>(history.events().front().data).header->run).value();
    broken.unless(stored.size() == history.events().size(), "the store has another number of events");
    for (const Event& event : stored) {
      events.push_back(event.data);
      broken.unless(event.seq == events.size(), "the journal has a gap");
      state.apply(event.data);
      const auto decided = history.decisions().find(event.seq);
      if (decided == history.decisions().end()) continue;
      ++counts_.decisions;
      broken.unless(CommandText::of(decide(state)) == decided->second, "a replay decides something else");
    }
    const Broken more = broken_promises(plan, state, events, options.on_rollback_failure == OnRollbackFailure::proceed);
    broken.promises.insert(broken.promises.end(), more.promises.begin(), more.promises.end());
    check_nothing_is_repeated(plan, events, broken);
  }

  void add(const StoredHistory& history) {
    const HistoryCounts& more = history.counts();
    counts_.events += history.events().size();
    counts_.starts += more.starts;
    counts_.owners += more.owners;
    counts_.failed_appends += more.failed_appends;
    counts_.fenced += more.fenced;
    counts_.taken_up += more.taken_up;
    counts_.unknown += more.unknown;
    counts_.not_started += more.not_started;
    counts_.parked += more.parked;
  }

  std::shared_ptr<RunStore> store_;
  std::size_t told_ = 0;
  std::map<std::uint32_t, std::optional<Plan>> flows_;
  HistoryCounts counts_;
  std::vector<Event> events_;
  std::shared_ptr<const Outline> outline_;
};

struct Asked {
  std::uint32_t histories = 20'000;
  std::uint32_t from = 1;
  unsigned threads = 2;
  std::optional<std::uint32_t> seed;
};

void report(const HistoryCounts& counts, std::uint32_t histories, double seconds) {
  std::printf("%u histories in %.1f s: %llu events, %llu starts, %llu owners, %llu failed appends, %llu refused for "
              "their fence; adrift: %llu taken up, %llu unknown, %llu not started; parked %llu times; %llu decisions "
              "are those of a replay\n",
              histories, seconds, static_cast<unsigned long long>(counts.events),
              static_cast<unsigned long long>(counts.starts), static_cast<unsigned long long>(counts.owners),
              static_cast<unsigned long long>(counts.failed_appends), static_cast<unsigned long long>(counts.fenced),
              static_cast<unsigned long long>(counts.taken_up), static_cast<unsigned long long>(counts.unknown),
              static_cast<unsigned long long>(counts.not_started), static_cast<unsigned long long>(counts.parked),
              static_cast<unsigned long long>(counts.decisions));
}

/// Whether what a simulation is for has come up at all.
bool is_idle(const HistoryCounts& counts, std::uint32_t histories) {
  const std::uint64_t some = histories / 100;
  return counts.fenced < some || counts.taken_up < some || counts.unknown < some || counts.not_started < some ||
         counts.failed_appends < some || counts.decisions < histories;
}

int tell_one(const char* program, std::uint32_t seed) {
  Teller teller;
  const std::string broken = teller.tell(seed);
  teller.print_events();
  if (!broken.empty()) std::printf("broken:\n%s%s --seed %u\n", broken.c_str(), program, seed);
  return broken.empty() ? 0 : 1;
}

void merge(HistoryCounts& all, const HistoryCounts& more) {
  for (auto member :
       {&HistoryCounts::events, &HistoryCounts::starts, &HistoryCounts::owners, &HistoryCounts::failed_appends,
        &HistoryCounts::fenced, &HistoryCounts::taken_up, &HistoryCounts::unknown, &HistoryCounts::not_started,
        &HistoryCounts::decisions, &HistoryCounts::parked})
    all.*member += more.*member;
}

int tell_many(const char* program, const Asked& asked) {
  const auto start = std::chrono::steady_clock::now();
  std::atomic<std::uint32_t> next{0};
  std::atomic<int> failures{0};
  std::mutex mutex; // guards what follows
  HistoryCounts counts;
  const auto work = [&] {
    Teller teller;
    while (failures < 10) {
      const std::uint32_t number = next++;
      if (number >= asked.histories) break;
      const std::uint32_t seed = asked.from + number;
      const std::string broken = teller.tell(seed);
      if (broken.empty()) continue;
      ++failures;
      const std::scoped_lock lock(mutex);
      std::printf("broken:\n%s%s --seed %u\n", broken.c_str(), program, seed);
    }
    const std::scoped_lock lock(mutex);
    merge(counts, teller.counts());
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < asked.threads; ++i) threads.emplace_back(work);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  report(counts, asked.histories, took.count());
  if (failures > 0) return 1;
  if (!is_idle(counts, asked.histories)) return 0;
  std::printf("too little of what is looked for has happened\n");
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  Asked asked;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    const auto number = static_cast<std::uint32_t>(std::strtoul(argv[i + 1], nullptr, 10));
    if (option == "--histories") asked.histories = number;
    if (option == "--from") asked.from = number;
    if (option == "--threads") asked.threads = number;
    if (option == "--seed") asked.seed = number;
  }
  return asked.seed ? tell_one(argv[0], *asked.seed) : tell_many(argv[0], asked);
}
