#include "supervisor/supervised_runner.hpp"

#include "digest.hpp"
#include "process/launch_error.hpp"
#include "process/runner.hpp"
#include "supervisor/connection.hpp"
#include "supervisor/folder.hpp"
#include "supervisor/launch_supervisor.hpp"
#include "supervisor/remote_program.hpp"
#include "supervisor/take_up.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace runbook {

namespace supervisor {

namespace {

using std::chrono::milliseconds;

/// For the supervisor's word on a start that cannot be told of later.
constexpr milliseconds patience_with_start{10'000};
/// How long the runner's end waits for the supervisor's.
constexpr milliseconds patience_at_the_end{2000};

/// A path that means the same in the supervisor, which is elsewhere.
Result<std::string> absolute(const std::string& directory) {
  if (directory.starts_with('/')) return directory;
  std::error_code error;
  const std::filesystem::path here = std::filesystem::current_path(error);
  if (error) return Error{errc::exec_failed, "the current directory is gone: " + error.message(), {}};
  return directory.empty() ? here.string() : (here / directory).string();
}

class SupervisedRunner final : public ProcessRunner {
public:
  SupervisedRunner(boost::asio::io_context& io, SupervisorOptions options)
      : io_(io), options_(std::move(options)), local_(make_process_runner(io)) {
    std::error_code ignored; // then starting it says what is wrong
    if (auto path = std::filesystem::absolute(options_.program, ignored); !ignored) options_.program = path.string();
    if (auto path = std::filesystem::absolute(options_.folder, ignored); !ignored) options_.folder = path.string();
  }
  ~SupervisedRunner() override;
  SupervisedRunner(const SupervisedRunner&) = delete;
  SupervisedRunner& operator=(const SupervisedRunner&) = delete;

  Result<std::unique_ptr<Activity>> start(const ProcessSpec& spec, ProcessEvents events) override;
  [[nodiscard]] bool outlives_host() const override { return true; }
  void forget(const std::string& name) override;
  void kill_all() noexcept override;

private:
  [[nodiscard]] Result<void> open_folder();
  [[nodiscard]] Result<void> ensure_supervisor();
  [[nodiscard]] Result<std::unique_ptr<Activity>> start_new(const ProcessSpec& spec, ProcessEvents events);
  [[nodiscard]] Result<std::unique_ptr<Activity>> take_up_old(const ProcessSpec& spec, ProcessEvents events);
  [[nodiscard]] std::shared_ptr<Connection> connection_to(const Claim& claim);
  /// The words for a program whose supervisor has gone.
  [[nodiscard]] Error why_lost(const RemoteProgram& program);

  boost::asio::io_context& io_;
  SupervisorOptions options_;
  std::unique_ptr<ProcessRunner> local_;
  std::optional<Folder> folder_;
  std::shared_ptr<Connection> own_;
  std::shared_ptr<SupervisorEnd> own_end_;
  std::mutex killing_;                // guards what follows
  process::Descriptor own_to_kill_{}; // the supervisor's pidfd once more: the event loop closes the other one
  std::map<std::string, std::shared_ptr<Connection>> others_;            // by the supervisor's name
  std::unordered_map<std::string, std::shared_ptr<Connection>> tellers_; // who is told to forget a key
};

SupervisedRunner::~SupervisedRunner() {
  tellers_.clear();
  for (const auto& [owner, connection] : others_) {
    connection->leave(patience_at_the_end);
    connection->close();
  }
  if (!own_) return;
  own_->leave(patience_at_the_end);
  if (own_->ends(patience_at_the_end) && own_end_) own_end_->await(patience_at_the_end);
}

Result<void> SupervisedRunner::open_folder() {
  if (folder_) return {};
  auto folder = Folder::open(options_.folder);
  if (!folder) return folder.error();
  folder_.emplace(std::move(*folder));
  return {};
}

Result<void> SupervisedRunner::ensure_supervisor() {
  const std::optional<Error> refusal = own_ ? own_->refusal() : std::nullopt;
  if (own_ && own_->is_open() && !refusal) return {};
  if (refusal && refusal->code == errc::exec_failed) return *refusal; // its version: another one would say the same
  auto launched = launch_supervisor(options_.program, options_.folder, options_.idle);
  if (!launched) return launched.error();
  own_end_.reset();
  {
    const std::scoped_lock lock(killing_);
    own_to_kill_ = process::Descriptor(::fcntl(launched->pidfd.get(), F_DUPFD_CLOEXEC, 0));
  }
  if (launched->pidfd) {
    own_end_ = std::make_shared<SupervisorEnd>(io_, std::move(launched->pidfd));
    own_end_->watch();
  }
  own_ = std::make_shared<Connection>(io_, std::move(launched->connection),
                                      fmt::format("the supervisor '{}'", options_.program),
                                      [this](const RemoteProgram& program) { return why_lost(program); });
  own_->begin();
  return {};
}

// The connection belongs to the event loop's thread, which may hang; a signal needs nobody.
void SupervisedRunner::kill_all() noexcept {
  local_->kill_all();
  const std::scoped_lock lock(killing_);
  if (own_to_kill_) ::syscall(SYS_pidfd_send_signal, own_to_kill_.get(), SIGUSR1, nullptr, 0);
}

Error SupervisedRunner::why_lost(const RemoteProgram& program) {
  tellers_.erase(program.key());
  // Whoever claims it is who may start it: if that is us, nobody did.
  if (folder_ && folder_->make_claim(program.key(), {}) == 0) {
    return {errc::exec_failed,
            fmt::format("cannot start '{}': the supervisor '{}' has ended before it came to it", program.program(),
                        options_.program),
            {}};
  }
  return {errc::in_doubt,
          fmt::format("the supervisor ended while it looked after '{}': how that went is not known", program.program()),
          {}};
}

Result<std::unique_ptr<Activity>> SupervisedRunner::start(const ProcessSpec& spec, ProcessEvents events) {
  if (spec.name.empty()) {
    if (!spec.take_up) return local_->start(spec, std::move(events));
    return Error{errc::in_doubt, "what has no name cannot be taken up", {}};
  }
  if (auto opened = open_folder(); !opened) {
    if (spec.take_up) return Error{errc::in_doubt, opened.error().message, {}};
    return Error{errc::exec_failed, opened.error().message, {}};
  }
  return spec.take_up ? take_up_old(spec, std::move(events)) : start_new(spec, std::move(events));
}

Result<std::unique_ptr<Activity>> SupervisedRunner::start_new(const ProcessSpec& spec, ProcessEvents events) {
  if (auto error = process::unusable(spec)) return std::move(*error);
  const auto directory = absolute(spec.directory);
  if (!directory) return directory.error();
  if (auto there = ensure_supervisor(); !there) return there.error();
  const bool reports_later = static_cast<bool>(events.on_failed);
  const auto program = std::make_shared<RemoteProgram>(sha256_hex(spec.name), spec.program, std::move(events));
  const auto connection = own_;
  tellers_.insert_or_assign(program->key(), connection);
  connection->start(program, spec, *directory, reports_later, !reports_later);
  if (!reports_later) connection->await_answer(*program, patience_with_start);
  using Answer = RemoteProgram::Answer;
  if (reports_later || program->answer == Answer::yes) return RemoteProgram::activity(io_, program);
  program->drop();
  if (program->answer == Answer::failed) return *program->refusal;
  if (connection->refusal()) return *connection->refusal();
  return why_lost(*program);
}

Result<std::unique_ptr<Activity>> SupervisedRunner::take_up_old(const ProcessSpec& spec, ProcessEvents events) {
  const std::string key = sha256_hex(spec.name);
  return take_up(
      io_, *folder_,
      [&](const Claim& claim) {
        auto connection = connection_to(claim);
        if (connection) tellers_.insert_or_assign(key, connection);
        return connection;
      },
      key, spec, std::move(events));
}

std::shared_ptr<Connection> SupervisedRunner::connection_to(const Claim& claim) {
  std::shared_ptr<Connection>& connection = others_[claim.owner];
  if (connection && connection->is_open() && !connection->refusal()) return connection;
  connection.reset();
  process::Descriptor socket = connect_to(*folder_, claim.socket);
  if (!socket) {
    others_.erase(claim.owner);
    return nullptr;
  }
  connection = std::make_shared<Connection>(io_, std::move(socket), fmt::format("the supervisor {}", claim.owner),
                                            [this](const RemoteProgram& program) { return why_lost(program); });
  connection->begin();
  return connection;
}

void SupervisedRunner::forget(const std::string& name) {
  if (name.empty() || !open_folder()) return;
  const std::string key = sha256_hex(name);
  const auto teller = tellers_.find(key);
  if (teller == tellers_.end() || !teller->second->is_open()) {
    folder_->forget(key);
    if (teller != tellers_.end()) tellers_.erase(teller);
    return;
  }
  const auto connection = teller->second;
  tellers_.erase(teller);
  connection->forget(key);
  // A supervisor that nobody needs any more can end.
  const bool needed = connection == own_ || connection->is_busy() ||
                      std::ranges::any_of(tellers_, [&](const auto& entry) { return entry.second == connection; });
  if (needed) return;
  std::erase_if(others_, [&](const auto& entry) { return entry.second == connection; });
  connection->leave(milliseconds{0});
  connection->close();
}

} // namespace

} // namespace supervisor

std::unique_ptr<ProcessRunner> make_supervised_runner(boost::asio::io_context& io, SupervisorOptions options) {
  return std::make_unique<supervisor::SupervisedRunner>(io, std::move(options));
}

} // namespace runbook
