#include "executor_core.hpp"

#include "gil.hpp"
#include "interruption.hpp"
#include "step_context.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <thread>

#include <unistd.h>

namespace runbook::python {

namespace {

ExecutorOptions with_store(ExecutorOptions options) {
  if (!options.store) options.store = make_memory_store();
  return options;
}

// Who cancels, if a signal has come.
std::optional<std::string> signalled(Interruption& interruption) {
  const pybind11::gil_scoped_acquire gil;
  if (!interruption.take_signals()) return std::nullopt;
  return interruption.who();
}

bool goes_on(const FollowedRun& run) {
  return run.handle.status() == RunStatus::running;
}

} // namespace

ExecutorCore::ExecutorCore(HandlerRegistry handlers, ExecutorOptions options, std::optional<SharedObject> approver)
    : process_(::getpid()), approver_(std::move(approver)) {
  options = with_store(std::move(options));
  store_ = options.store;
  executor_ = std::make_unique<Executor>(std::move(handlers), std::move(options));
}

// `shut_down` has been called before. In a forked child there are no threads to end, and waiting for them would never
// end either.
ExecutorCore::~ExecutorCore() {
  if (forked()) static_cast<void>(executor_.release());
}

FollowedRun ExecutorCore::start(const Plan& plan, StartOptions options) {
  auto feed = std::make_shared<EventFeed>();
  options.observer = feed;
  return follow(std::move(feed), [&](Executor& executor) { return executor.start(plan, std::move(options)); });
}

FollowedRun ExecutorCore::resume(const std::string& run, ResumeOptions options) {
  auto feed = std::make_shared<EventFeed>();
  options.observer = feed;
  return follow(std::move(feed), [&](Executor& executor) { return executor.resume(run, std::move(options)); });
}

FollowedRun ExecutorCore::follow(std::shared_ptr<EventFeed> feed, const std::function<RunHandle(Executor&)>& begin) {
  refuse_after_fork();
  const std::scoped_lock lock(mutex_);
  if (!executor_) throw Exception(Error{errc::invalid_argument, "the executor is closed", {}});
  if (runs_.size() >= prune_at_) {
    std::erase_if(runs_, [](const FollowedRun& run) { return !goes_on(run); });
    prune_at_ = std::max<std::size_t>(16, 2 * runs_.size());
  }
  return runs_.emplace_back(begin(*executor_), std::move(feed));
}

void ExecutorCore::cancel_all(const std::string& who) {
  for (const FollowedRun& run : runs()) run.handle.cancel(who);
}

std::vector<FollowedRun> ExecutorCore::runs() {
  if (forked()) return {};
  const std::scoped_lock lock(mutex_);
  std::vector<FollowedRun> running;
  std::ranges::copy_if(runs_, std::back_inserter(running), goes_on);
  return running;
}

std::unique_ptr<Executor> ExecutorCore::take() {
  const std::scoped_lock lock(mutex_);
  return std::move(executor_);
}

void ExecutorCore::shut_down() {
  if (forked()) return;
  Interruption interruption;
  {
    const WithoutGil unlocked;
    std::unique_ptr<Executor> executor = take();
    shut_down_ = true;
    if (!executor) return;
    std::promise<void> promise;
    const auto ended = promise.get_future();
    std::thread closer([&] {
      executor.reset(); // waits for the runs
      promise.set_value();
    });
    while (ended.wait_for(signal_poll) != std::future_status::ready) {
      if (const auto who = signalled(interruption)) cancel_all(*who);
    }
    closer.join();
    forget_runs();
  }
  interruption.raise();
}

// A run that is held keeps its handlers alive.
void ExecutorCore::forget_runs() {
  std::vector<FollowedRun> runs;
  const std::scoped_lock lock(mutex_);
  runs.swap(runs_);
}

bool ExecutorCore::is_here() {
  const std::string* here = run_of_this_thread();
  if (here == nullptr || forked()) return false;
  const std::scoped_lock lock(mutex_);
  return std::ranges::any_of(runs_, [&](const FollowedRun& run) { return run.handle.id() == *here; });
}

void ExecutorCore::refuse_after_fork() const {
  if (!forked()) return;
  throw Exception(Error{
      errc::invalid_argument, "the executor belongs to the process that made it; make a new one after a fork", {}});
}

pybind11::object ExecutorCore::approver() const {
  return approver_ ? approver_->get() : pybind11::none();
}

bool ExecutorCore::forked() const noexcept {
  return ::getpid() != process_;
}

} // namespace runbook::python
