// The executor: carries plans out. Many runs at once, one engine thread, a small pool for handlers that block.
//
//   rb::Executor executor{handlers, {.store = rb::open_sqlite("runs.db").value()}};
//   rb::RunHandle run = executor.start(plan, {.actor = "deploy-bot"});
//   rb::RunResult result = run.wait();
//
// The library starts its own threads and never touches the host's: no signal handlers, no SIGCHLD, no working
// directory, nothing printed, no exit.
//
// Ownership: the executor owns its runs; a `RunHandle` refers to one and may outlive the executor. Thread-safety: all
// functions of `Executor` and `RunHandle` may be called from any thread, but not `wait` from an observer or a handler
// on the engine's thread (it would wait for itself; `errc::invalid_argument` is thrown).
#pragma once

#include <runbook/event.hpp>
#include <runbook/handler.hpp>
#include <runbook/plan.hpp>
#include <runbook/store.hpp>
#include <runbook/system.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// The plan of a run in a store, made again of its document and its inputs. Fails with `errc::invalid_document` if it
/// would not be the plan that the run was started with: then the handlers are others, or this version plans otherwise.
[[nodiscard]] RUNBOOK_EXPORT Result<Plan> plan_of_run(RunStore& store, const std::string& run,
                                                      const HandlerRegistry& handlers);

/// Watches runs. Called on the engine's thread: return soon. Exceptions thrown by an observer are ignored.
class RUNBOOK_EXPORT Observer {
public:
  virtual ~Observer() = default;
  /// An event, after it is durable, in order.
  virtual void on_event(const RunHeader& run, const Event& event) = 0;
  /// Output as it arrives: not durable yet, and never repeated.
  virtual void on_output(const RunHeader& run, const ActionRef& at, Stream stream, std::string_view bytes);
};

/// An observer that calls a function for every event.
[[nodiscard]] RUNBOOK_EXPORT std::shared_ptr<Observer>
make_observer(std::function<void(const RunHeader&, const Event&)> on_event);

/// Whether what a run's steps have started goes on when this process is killed, and can be taken up.
enum class Supervision : std::uint8_t {
  /// Where the store has a folder for it (`RunStore::folder`) and the supervisor's program is found where it was
  /// installed, or named. The run's `Claimed` event tells.
  automatic,
  required, ///< as what is named and not there: the executor's construction fails with `errc::exec_failed`
  none,
};

struct ExecutorOptions {
  /// None: a memory store of the executor's own, which keeps every run until the executor is gone. A program that runs
  /// many wants a SQLite store.
  std::shared_ptr<RunStore> store{};
  std::shared_ptr<Approver> approver{};          ///< none: questions wait for `RunHandle::answer`
  std::shared_ptr<Observer> observer{};          ///< sees every run
  unsigned workers = 4;                          ///< threads for handlers that block
  std::size_t output_cap = std::size_t{1} << 20; ///< bytes kept of each stream of an attempt
  std::chrono::milliseconds grace{5000};         ///< between SIGTERM and SIGKILL
  /// Names of the host's environment variables that programs get, besides PATH HOME LANG TZ USER SHELL TMPDIR and those
  /// that a runbook names under Required Access (`env:NAME`).
  std::vector<std::string> pass_environment{};
  /// A supervisor is a small process of its own that starts the programs of runs in a store that outlives this process.
  Supervision supervision = Supervision::automatic;
  /// Its program; empty: what RUNBOOK_SUPERVISOR in the environment says, or where it was installed.
  std::string supervisor{};
  /// How long a supervisor whose executor is gone keeps what has come of its programs ready; what it has written stays.
  std::chrono::milliseconds supervisor_idle{60000};
  /// For how long a run of a shared store is this executor's without a word to the store; 0: as long as this process
  /// lives. It is renewed three times as often. When it is over without, because the store cannot be reached, the run
  /// stops what it does and parks: somebody else may have taken it up.
  std::chrono::milliseconds lease{30000};
  // The outside world; none: the real one.
  std::shared_ptr<Clock> clock{};
  std::shared_ptr<ProcessRunner> processes{};
  std::shared_ptr<HttpClient> http{};
  std::shared_ptr<Timers> timers{}; ///< also for timeouts, pauses and deadlines
  std::shared_ptr<Files> files{};
  std::shared_ptr<Users> users{};
  std::shared_ptr<SecretSource> secrets{};
};

struct StartOptions {
  std::string actor{};                  ///< who starts the run; recorded
  std::uint32_t parallel = 4;           ///< how many steps run at once, of those that do not need each other
  std::chrono::milliseconds timeout{0}; ///< after which the run is stopped as by a cancel; 0: none
  RollbackMode rollback = RollbackMode::automatic;
  OnRollbackFailure on_rollback_failure = OnRollbackFailure::proceed;
  std::string run_id{}; ///< empty: one is made
  /// Where programs start; empty: where the host is. It is settled when the run starts: a host that goes elsewhere
  /// afterwards moves no step and no undo.
  std::string directory{};
  std::shared_ptr<Observer> observer{}; ///< sees this run, from its first event
  /// Values of secrets by the names of their inputs: they come before where the plan says that one comes from. The run
  /// lets go of its secrets when it ends or parks.
  Secrets secrets{};
};

/// How a run is taken up again.
struct ResumeOptions {
  std::shared_ptr<Observer> observer{}; ///< sees this run from its first event: what is in the journal comes first
  Secrets secrets{};                    ///< as `StartOptions::secrets`: no journal has them
  /// Also if it cannot be told whether the run's owner still lives, because it is another host's. If it does, it is
  /// refused from now on, and stops what it runs: it must not be told that it may go on.
  bool take_over = false;
};

/// How a run ended.
struct RunResult {
  std::string run{};
  RunStatus status = RunStatus::running;
  std::string reason{}; ///< why it did not succeed
  std::vector<Residue> residue{};
  /// The journal could not be written: the run is parked where it was. Or it could not be read again: `events` is
  /// empty.
  std::optional<Error> error{};
  std::vector<Event> events{}; ///< the whole journal
};

/// One run. Copies refer to the same run. Dropping it changes nothing for the run.
class RUNBOOK_EXPORT RunHandle {
public:
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] RunStatus status() const;
  /// Waits until the run has ended or is parked.
  [[nodiscard]] RunResult wait() const;
  /// As `wait`, but no longer than this: nothing if the run still goes on.
  [[nodiscard]] std::optional<RunResult> wait_for(std::chrono::milliseconds time) const;
  /// Stops the run and rolls it back as its mode says. A second one asks whether to give the rollback up, once that has
  /// begun; one more after that gives it up. Without effect on a run that has ended.
  void cancel(std::string who = {}) const;
  /// Answers an open question. The first answer counts. Fails with `errc::not_found` if no such question is open, with
  /// `errc::invalid_argument` if this is no answer to it (`answer_flaw`): then it stays open, and with the journal's
  /// error if the answer could not be recorded.
  Result<void> answer(const std::string& token, Answer answer) const;

private:
  friend class Executor;
  struct Impl;
  explicit RunHandle(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

class RUNBOOK_EXPORT Executor {
public:
  explicit Executor(HandlerRegistry handlers, ExecutorOptions options = {});
  /// Waits for the runs that go on; those that wait for a person are parked.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// Starts a run. Throws `Exception` with `errc::unknown_handler` if the plan uses a handler that this executor does
  /// not have, with `errc::secret_unavailable` if a secret cannot be got, which the message names without its value,
  /// and with `errc::store_error` if the run cannot be recorded: then nothing ran.
  [[nodiscard]] RunHandle start(const Plan& plan, StartOptions options = {});
  /// `start` and `wait`.
  [[nodiscard]] RunResult run(const Plan& plan, StartOptions options = {});
  /// Takes up a run that has not ended, where its journal ends: one that is parked, or whose owner is gone. It goes on
  /// as the plan that it was started with, made again of what the store has; what was under way is in doubt
  /// (decider.hpp). Throws `Exception`: `errc::not_found` if there is no such run; `errc::invalid_argument` if it has
  /// ended, and if its owner lives, or may; `errc::secret_unavailable` also if a step had asked for a secret, which
  /// nobody has any more; and what `start` and `plan_of_run` throw.
  [[nodiscard]] RunHandle resume(const std::string& run, ResumeOptions options = {});
  /// Cancels every run that goes on.
  void cancel_all(const std::string& who = {});
  [[nodiscard]] const std::shared_ptr<RunStore>& store() const noexcept;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace runbook
