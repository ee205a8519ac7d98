#include "executor/engine.hpp"

#include "executor/owner.hpp"
#include "executor/run.hpp"
#include "http/client.hpp"
#include "process/host_environment.hpp"
#include "process/runner.hpp"
#include "supervisor/find_supervisor.hpp"
#include "supervisor/supervised_runner.hpp"
#include "system/timers.hpp"
#include "system/users.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace runbook {

namespace {

class SystemClock final : public Clock {
public:
  [[nodiscard]] std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
};

std::vector<std::string> allowed_environment(const std::vector<std::string>& more) {
  constexpr std::array<const char*, 7> always{"PATH", "HOME", "LANG", "TZ", "USER", "SHELL", "TMPDIR"};
  std::vector<std::string> names(always.begin(), always.end());
  names.insert(names.end(), more.begin(), more.end());
  return process::host_environment(names);
}

/// The real one, and where runs outlive this process one whose programs do so too.
std::shared_ptr<ProcessRunner> make_processes(boost::asio::io_context& io, const ExecutorOptions& options) {
  if (options.processes) return options.processes;
  const std::string folder = options.store->folder();
  const bool required = options.supervision == Supervision::required;
  if (options.supervision == Supervision::none || (folder.empty() && !required)) return make_process_runner(io);
  if (folder.empty()) throw Exception({errc::exec_failed, "a store that has no folder takes no supervisor", {}});
  auto program = find_supervisor(options.supervisor);
  // One that somebody has named is meant.
  const char* variable = std::getenv("RUNBOOK_SUPERVISOR");
  const bool named = !options.supervisor.empty() || (variable != nullptr && *variable != '\0');
  if (!program && (required || named)) throw Exception({errc::exec_failed, program.error().message, {}});
  if (!program) return make_process_runner(io);
  return make_supervised_runner(io, {std::move(*program), folder, options.supervisor_idle});
}

/// Those of this process. A run whose owner is one of them goes on as long as that has it, and not as long as the
/// process lives.
struct Engines {
  std::mutex mutex;
  std::map<std::string, Engine*> by_owner;
};

Engines& engines() {
  static auto* const instance = new Engines; // for executors that outlive the statics
  return *instance;
}

ExecutorOptions with_defaults(ExecutorOptions options) {
  if (!options.store) options.store = make_memory_store();
  if (!options.clock) options.clock = std::make_shared<SystemClock>();
  if (!options.secrets) options.secrets = make_secret_source();
  options.workers = std::max(options.workers, 1U);
  return options;
}

} // namespace

LazyWorkerPool::~LazyWorkerPool() {
  join();
}

void LazyWorkerPool::join() {
  if (pool_) pool_->join();
}

void LazyWorkerPool::post(std::function<void()> work) {
  std::call_once(started_, [this] { pool_ = std::make_unique<boost::asio::thread_pool>(threads_); });
  boost::asio::post(*pool_, std::move(work));
}

Engine::Engine(HandlerRegistry handlers, ExecutorOptions options)
    : handlers_(std::move(handlers)), options_(with_defaults(std::move(options))), owner_(owner_name()),
      environment_(allowed_environment(options_.pass_environment)), keep_alive_(io_.get_executor()),
      clock_(options_.clock), processes_(make_processes(io_, options_)),
      http_(options_.http ? options_.http : std::shared_ptr(make_http_client(io_))),
      timers_(options_.timers ? options_.timers : make_timers(io_)),
      files_(options_.files ? options_.files : system_files()),
      users_(options_.users ? options_.users : system_users()), workers_(options_.workers),
      system_{*clock_, *processes_, *http_, workers_, *timers_, *files_, *users_} {
  const std::scoped_lock lock(engines().mutex);
  engines().by_owner.emplace(owner_, this);
}

Engine::~Engine() {
  const std::scoped_lock lock(engines().mutex);
  engines().by_owner.erase(owner_);
}

bool Engine::goes_on(const std::string& owner, const std::string& run) {
  const std::scoped_lock lock(engines().mutex);
  const auto engine = engines().by_owner.find(owner);
  return engine != engines().by_owner.end() && engine->second->has(run);
}

void Engine::start_thread() {
  thread_ = std::thread([this] { io_.run(); });
  engine_thread_ = thread_.get_id();
}

void Engine::shut_down() {
  boost::asio::post(io_, [this] {
    shutting_down_ = true;
    const auto runs = runs_; // a run that parks leaves the map
    for (const auto& [id, run] : runs) run->nobody_can_be_asked();
  });
  {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return adopted_.empty(); });
    closed_ = true;
  }
  // Connections to supervisors wait as long as they are there, and would keep the loop.
  boost::asio::post(io_, [this] { io_.stop(); });
  thread_.join();
  workers_.join();
}

void Engine::expect(const std::string& run) {
  const std::scoped_lock lock(mutex_);
  adopted_.insert(run);
  expected_ = adopted_.size();
}

void Engine::forget(const std::string& run) {
  const std::scoped_lock lock(mutex_);
  adopted_.erase(adopted_.find(run));
  expected_ = adopted_.size();
  idle_.notify_all();
}

void Engine::adopt(std::shared_ptr<Run> run) {
  boost::asio::post(io_, [this, run = std::move(run)] {
    runs_.emplace(run->id(), run);
    run->begin();
  });
}

void Engine::release(const std::string& run) {
  lease_watch_.forget(run);
  runs_.erase(run);
  forget(run);
}

// Whatever has come to its end by the time the commit is made shares it. Nothing is waited for.
void Engine::commit_soon(std::shared_ptr<Run> run) {
  committing_.push_back(std::move(run));
  if (committing_.size() == 1) boost::asio::post(io_, [this] { commit_now(); });
}

void Engine::commit_now() {
  const auto runs = std::exchange(committing_, {});
  if (runs.empty()) return;
  std::vector<Append> appends;
  appends.reserve(runs.size());
  for (const auto& run : runs) appends.push_back(run->pending());
  store().append_together(appends);
  for (std::size_t i = 0; i < runs.size(); ++i) runs[i]->committed(std::move(appends[i].result));
}

bool Engine::has(const std::string& run) {
  const std::scoped_lock lock(mutex_);
  return adopted_.contains(run);
}

bool Engine::try_post(std::function<void()> work) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return false;
  boost::asio::post(io_, std::move(work));
  return true;
}

void Engine::cancel_all(const std::string& who) {
  const bool posted = try_post([this, who] {
    const auto runs = runs_;
    for (const auto& [id, run] : runs) run->cancel(who);
  });
  static_cast<void>(posted); // after the end there is nothing to cancel
}

} // namespace runbook
