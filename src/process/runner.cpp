#include "process/runner.hpp"

#include "process/candidates.hpp"
#include "process/launch_error.hpp"
#include "process/launcher.hpp"
#include "process/result_file.hpp"
#include "process/running_process.hpp"
#include "process/start_queue.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/intrusive/list.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runbook {

namespace process {

namespace {

constexpr std::size_t buffer_size = std::size_t{64} * 1024; // what a pipe holds
/// How long the runner's end waits for the ends of those that it kills.
constexpr std::chrono::seconds patience_at_the_end{2};

class LaunchedActivity final : public ProcessActivity {
public:
  explicit LaunchedActivity(std::shared_ptr<RunningProcess> process) : process_(std::move(process)) {}
  ~LaunchedActivity() override { process_->abandon(); }
  LaunchedActivity(const LaunchedActivity&) = delete;
  LaunchedActivity& operator=(const LaunchedActivity&) = delete;

  void stop() override {
    boost::asio::dispatch(process_->io(), [process = process_] { process->stop(); });
  }
  [[nodiscard]] pid_t pid() const override { return process_->pid(); }
  void hold_output(bool held) override { process_->hold_output(held); }
  void kill() override { process_->kill(); }

private:
  std::shared_ptr<RunningProcess> process_;
};

bool is_standard(const Descriptor& descriptor) {
  return descriptor && descriptor.get() <= STDERR_FILENO;
}

Descriptor copy_above_standard(const Descriptor& descriptor) {
  return Descriptor(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

/// Moves a descriptor out of the way of the standard three, which a host may have closed.
Descriptor above_standard(Descriptor descriptor) {
  if (!is_standard(descriptor)) return descriptor;
  return copy_above_standard(descriptor);
}

struct PipeEnds {
  Descriptor read;
  Descriptor write;
};

/// Pipes without a reading end: errno says why.
PipeEnds make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  PipeEnds pipe{above_standard(Descriptor(ends[0])), above_standard(Descriptor(ends[1]))};
  if (!pipe.read || !pipe.write) return {};
  return pipe;
}

class Runner final : public ProcessRunner {
public:
  Runner(boost::asio::io_context& io, LauncherKind kind)
      : io_(io), buffer_(std::make_unique_for_overwrite<char[]>(buffer_size)), launcher_(make_launcher(kind)),
        queue_(io, [this](QueuedStart& start) { return launch_queued(start); }) {}
  ~Runner() override;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  Result<std::unique_ptr<Activity>> start(const ProcessSpec& spec, ProcessEvents events) override;
  void kill_all() noexcept override { live_->kill_all(); }

private:
  using Launch = boost::system::result<std::shared_ptr<RunningProcess>, LaunchFailure>;

  [[nodiscard]] bool open_null();
  /// The pointers that a program is started with; valid until the next start and as long as `spec`.
  [[nodiscard]] LaunchRequest request(const ProcessSpec& spec, const std::optional<ResultFile>& result);
  [[nodiscard]] Launch launch(const ProcessSpec& spec);
  /// Null if the event loop has no descriptors for its own needs: errno says why.
  [[nodiscard]] std::shared_ptr<RunningProcess> prepare(const ProcessSpec& spec);
  [[nodiscard]] Result<bool> launch_queued(QueuedStart& start);
  /// Whether a start that failed so may succeed when one of the processes has ended.
  [[nodiscard]] bool may_wait(const LaunchFailure& failure) const {
    return short_of_resources(failure) && !processes_.empty();
  }
  [[nodiscard]] Error explain(const ProcessSpec& spec, const LaunchFailure& failure) {
    return launch_error(spec, candidates_.of(spec), failure);
  }

  boost::asio::io_context& io_;
  std::unique_ptr<char[]> buffer_;
  std::unique_ptr<Launcher> launcher_;
  Descriptor null_;
  Candidates candidates_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
  std::string result_variable_;
  std::shared_ptr<process::LiveGroups> live_ = std::make_shared<process::LiveGroups>();
  boost::intrusive::list<RunningProcess, boost::intrusive::constant_time_size<false>> processes_;
  StartQueue queue_;
};

Runner::~Runner() {
  queue_.clear();
  const auto deadline = std::chrono::steady_clock::now() + patience_at_the_end;
  while (!processes_.empty()) processes_.front().end_now(deadline);
}

bool Runner::open_null() {
  if (!null_) null_ = above_standard(Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
  return static_cast<bool>(null_);
}

LaunchRequest Runner::request(const ProcessSpec& spec, const std::optional<ResultFile>& result) {
  // exec takes pointers to what it does not change.
  const auto pointer = [](const std::string& text) { return const_cast<char*>(text.c_str()); };
  argv_.assign(1, pointer(spec.program));
  for (const std::string& argument : spec.arguments) argv_.push_back(pointer(argument));
  argv_.push_back(nullptr);
  envp_.clear();
  for (const std::string& variable : spec.environment) envp_.push_back(pointer(variable));
  if (result) {
    result_variable_ = spec.result_variable + "=" + result->path();
    envp_.push_back(result_variable_.data());
  }
  envp_.push_back(nullptr);
  return {.candidates = candidates_.of(spec),
          .argv = argv_.data(),
          .envp = envp_.data(),
          .directory = spec.directory.empty() ? nullptr : spec.directory.c_str(),
          .in = null_.get()};
}

Runner::Launch Runner::launch(const ProcessSpec& spec) {
  const auto failed = [] { return LaunchFailure{LaunchStage::process, errno}; };
  if (!open_null()) return failed();
  PipeEnds out = make_pipe();
  if (!out.read) return failed();
  PipeEnds err = make_pipe();
  if (!err.read) return failed();
  const bool leaves_result = !spec.result_variable.empty();
  std::optional<ResultFile> result = leaves_result ? ResultFile::make(spec.confidential) : std::nullopt;
  if (leaves_result && !result) return failed();
  // Everything that may fail for want of memory or descriptors comes before the launch: nobody would watch the program.
  auto process = prepare(spec);
  if (!process) return failed();

  LaunchRequest launch = request(spec, result);
  launch.out = out.write.get();
  launch.err = err.write.get();
  auto launched = launcher_->launch(launch);
  if (!launched) return launched.error();
  out.write = Descriptor();
  err.write = Descriptor(); // there is room for another now
  if (is_standard(launched->pidfd)) {
    if (Descriptor moved = copy_above_standard(launched->pidfd)) launched->pidfd = std::move(moved);
  }
  if (const auto error = process->begin(std::move(*launched), std::move(out.read), std::move(err.read))) {
    return LaunchFailure{LaunchStage::watching, error.value()};
  }
  if (result) process->expect(std::move(*result), spec.max_result);
  processes_.push_back(*process);
  return process;
}

// Asio makes its reactor when the first descriptor is watched.
std::shared_ptr<RunningProcess> Runner::prepare(const ProcessSpec& spec) {
  try {
    return std::make_shared<RunningProcess>(io_, std::span(buffer_.get(), buffer_size),
                                            RunningProcess::Times{spec.grace, spec.drain, spec.settle},
                                            spec.confidential, live_, [this] { queue_.retry(); });
  } catch (const boost::system::system_error& e) {
    errno = e.code().value();
    return nullptr;
  }
}

Result<bool> Runner::launch_queued(QueuedStart& start) {
  auto process = launch(start.spec());
  if (process) {
    start.began(std::move(*process));
    return true;
  }
  if (may_wait(process.error())) return false;
  return explain(start.spec(), process.error());
}

Result<std::unique_ptr<Activity>> Runner::start(const ProcessSpec& spec, ProcessEvents events) {
  if (auto error = unusable(spec)) return std::move(*error);
  if (spec.take_up) return Error{errc::in_doubt, "what was started ended with its host, or nobody can tell", {}};
  const bool can_wait = static_cast<bool>(events.on_failed);
  if (can_wait && !queue_.empty()) return queue_.add(spec, std::move(events)); // no start overtakes another
  auto process = launch(spec);
  if (process) {
    (*process)->report_to(std::move(events));
    return std::make_unique<LaunchedActivity>(std::move(*process));
  }
  if (can_wait && may_wait(process.error())) return queue_.add(spec, std::move(events));
  return explain(spec, process.error());
}

} // namespace

} // namespace process

std::unique_ptr<ProcessRunner> make_process_runner(boost::asio::io_context& io, LauncherKind launcher) {
  return std::make_unique<process::Runner>(io, launcher);
}

} // namespace runbook
