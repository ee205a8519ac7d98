// The engine: one thread with an event loop, the workers for handlers that block, and the runs that go on.
//
// Thread-safety: as noted; what is not noted is for the engine's thread.
#pragma once

#include "executor/lease_watch.hpp"

#include <runbook/executor.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace runbook {

class Run;

/// Threads that are started when the first work arrives.
class LazyWorkerPool final : public WorkerPool {
public:
  explicit LazyWorkerPool(unsigned threads) : threads_(threads) {}
  ~LazyWorkerPool() override;
  void post(std::function<void()> work) override;
  /// Waits for the work that was posted and ends the threads. Nothing may be posted after it.
  void join();

private:
  unsigned threads_;
  std::once_flag started_;
  std::unique_ptr<boost::asio::thread_pool> pool_;
};

class Engine : public std::enable_shared_from_this<Engine> {
public:
  Engine(HandlerRegistry handlers, ExecutorOptions options);
  ~Engine();

  void start_thread();
  /// Parks what waits for people, waits for everything else, ends the thread.
  void shut_down();

  /// Any thread: from now on the run is this engine's, for whoever asks. Before anything of it is recorded.
  void expect(const std::string& run);
  /// Any thread: what was expected could not be recorded.
  void forget(const std::string& run);
  /// Any thread: takes a run in that was expected, and lets it go on.
  void adopt(std::shared_ptr<Run> run);
  /// The run has ended, or stands still.
  void release(const std::string& run);
  /// Any thread: runs a function on the engine's thread, or says that the engine has shut down.
  [[nodiscard]] bool try_post(std::function<void()> work);
  /// Any thread: cancels every run.
  void cancel_all(const std::string& who);

  /// Any thread: whether an engine of this name has the run, which has not ended. Of those that this copy of the
  /// library has made.
  [[nodiscard]] static bool goes_on(const std::string& owner, const std::string& run);
  /// Any thread: as the engine's runs name it.
  [[nodiscard]] const std::string& owner() const noexcept { return owner_; }
  /// Any thread.
  [[nodiscard]] bool on_engine_thread() const noexcept { return std::this_thread::get_id() == engine_thread_; }
  // On the engine's thread.
  /// Whether runs wait for each other's commits: where a commit costs something, and there are several runs. One that
  /// waits to be taken in counts: a run that commits by itself would keep the thread from it.
  [[nodiscard]] bool shares_commits() const noexcept { return expected_ > 1 && store().is_shared(); }
  /// Commits what the run has pending together with what other runs have by then, and tells it.
  void commit_soon(std::shared_ptr<Run> run);
  /// Now, if any run waits for it.
  void commit_now();
  [[nodiscard]] bool shutting_down() const noexcept { return shutting_down_; }
  [[nodiscard]] const HandlerRegistry& handlers() const noexcept { return handlers_; }
  [[nodiscard]] const ExecutorOptions& options() const noexcept { return options_; }
  [[nodiscard]] const std::vector<std::string>& environment() const noexcept { return environment_; }
  [[nodiscard]] LeaseWatch& lease_watch() noexcept { return lease_watch_; }
  [[nodiscard]] RunStore& store() const noexcept { return *options_.store; }
  [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }
  [[nodiscard]] System& system() noexcept { return system_; }

private:
  [[nodiscard]] bool has(const std::string& run);

  HandlerRegistry handlers_;
  ExecutorOptions options_;
  std::string owner_;
  std::vector<std::string> environment_; // the allowed part of the host's
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_alive_;
  std::shared_ptr<Clock> clock_;
  std::shared_ptr<ProcessRunner> processes_;
  std::shared_ptr<HttpClient> http_;
  std::shared_ptr<Timers> timers_;
  std::shared_ptr<Files> files_;
  std::shared_ptr<Users> users_;
  LazyWorkerPool workers_;
  System system_;
  LeaseWatch lease_watch_{[this] { processes_->kill_all(); }};
  std::map<std::string, std::shared_ptr<Run>> runs_;
  std::vector<std::shared_ptr<Run>> committing_; // that wait for the next commit
  std::atomic<std::size_t> expected_ = 0;        // the number of `adopted_`, for the engine's thread
  bool shutting_down_ = false;
  std::mutex mutex_; // guards what follows
  std::condition_variable idle_;
  std::multiset<std::string> adopted_; // runs that are expected, or were taken in and have not ended
  bool closed_ = false;                // no more work is taken
  std::thread thread_;
  std::thread::id engine_thread_; // set once, before there are runs
};

} // namespace runbook
