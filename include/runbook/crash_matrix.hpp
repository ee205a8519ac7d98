// The crash matrix: a run is killed at every point at which it can matter, taken up again, and judged.
//
//   rb::testing::CrashScenario scenario;
//   scenario.name = "deploy";
//   scenario.handlers = [](const rb::testing::CrashLife& life) { return my_handlers(life.folder()); };
//   scenario.plan = [](const rb::testing::CrashLife&, const rb::HandlerRegistry& handlers) {
//     return rb::make_plan(book, handlers).value();
//   };
//   const auto report = rb::testing::run_crash_matrix(scenario, {.twice = true});
//   CHECK_MESSAGE(report.ok(), to_string(report));
//
// Each life of the run's owner is a process of its own, forked off the caller. It ends itself by SIGKILL at one point:
// before or after a write of the store, before, in or after an effect of a handler, and with SQLite in the middle of or
// after a system call of a commit. Points are told apart by names, which do not depend on how threads take turns. The
// last life takes the run to its end and judges what the journal and the log of effects say: see `CrashReport`.
//
// Needs a caller with a single thread, as every fork does that is not followed by exec; else it says so. What a handler
// has started as a program of its own goes on when its owner is killed: let it be short.
//
// Thread-safety: for one thread at a time. Ownership: plain values; a `CrashLife` shares its state.
#pragma once

#include <runbook/executor.hpp>
#include <runbook/handler.hpp>
#include <runbook/plan.hpp>
#include <runbook/store.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace runbook::testing {

/// One life of a run's owner: what a scenario may know of it.
class RUNBOOK_EXPORT CrashLife {
public:
  struct State;
  explicit CrashLife(std::shared_ptr<State> state) : state_(std::move(state)) {}

  /// Of this history alone, the same in all of its lives: for what effects leave. Not for programs: it is removed.
  [[nodiscard]] const std::string& folder() const noexcept;
  /// The run's id.
  [[nodiscard]] const std::string& run() const noexcept;
  /// For a handler: a first part of its effect can be seen by others, and not all of it. A point at which the life may
  /// end.
  void visible(const StepContext& context) const;
  /// Whether an effect began in this or an earlier life, and whether it ended. `action` is the idempotency key without
  /// the run's id: "unpack/0/forward".
  [[nodiscard]] std::size_t begun(const std::string& action) const;
  [[nodiscard]] std::size_t ended(const std::string& action) const;

private:
  std::shared_ptr<State> state_;
};

/// A run, and what must be true of it however often its owner ends.
struct CrashScenario {
  std::string name{};
  /// Called in each life. All but questions is noted in the log of effects and can be killed.
  std::function<HandlerRegistry(const CrashLife&)> handlers{};
  /// Called in the life that starts the run.
  std::function<Plan(const CrashLife&, const HandlerRegistry&)> plan{};
  StartOptions start{}; ///< but for the run's id
  /// How the executor is made, but for its store; none: the defaults, and an approver that reaches nobody.
  std::function<ExecutorOptions(const CrashLife&)> options{};
  /// What is posted for a question when the run has parked, if anything; none: yes, and of what is in doubt that it was
  /// done.
  std::function<std::optional<Message>(const CrashLife&, const WaitOpened&)> answer{};
  std::vector<RunStatus> ends{RunStatus::succeeded}; ///< how the run may end
  /// What else is not as it must be, in words. Called in the last life.
  std::function<std::vector<std::string>(const CrashLife&, const std::vector<Event>&)> check{};
};

/// What is done with a scenario.
struct CrashMatrix {
  /// The store of a life; none: SQLite, in the life's folder. It is opened in the forked process. With a store that is
  /// no file, all histories of a matrix share it, each with a run of its own.
  std::function<Result<std::shared_ptr<RunStore>>(const CrashLife&)> open{};
  bool twice = false;       ///< who takes the run up is killed as well, at each of its points
  bool system_calls = true; ///< points in SQLite's commits
  bool system_calls_twice = false;
  std::string folder{}; ///< where the histories' folders are; empty: the system's place for temporary files
  /// Nothing but this history: "NAME: POINT; POINT". Empty: what RUNBOOK_CRASH_POINT says, which does nothing to
  /// scenarios of another name.
  std::string only{};
  std::chrono::seconds patience{60}; ///< a life that goes on longer is a failure
};

/// What was not as it must be. The matrix gives up after a few.
struct CrashFailure {
  std::string history{}; ///< "NAME: POINT; POINT", for `CrashMatrix::only`
  std::string text{};    ///< what, at which points in words, the journal, the effects, and how to see it again
};

/// What came of it. In each history these are checked:
/// - nothing was started that is not on record, and no attempt twice;
/// - what is not declared idempotent was not repeated unless somebody, a probe or the document said so, and what is
/// done
///   was not done again;
/// - every undo that was armed when a rollback ended is done or residue, and not both; undos began newest first;
/// - the bytes of outputs have the digest that the journal has of them;
/// - the journal has no gaps and ends as the scenario says;
/// - a run that has ended is not taken up any more, and nothing comes of trying.
struct CrashReport {
  std::string scenario{};
  std::size_t points = 0; ///< of a run that is not killed
  std::size_t once = 0;   ///< histories with one kill
  std::size_t twice = 0;  ///< histories with two
  std::size_t missed = 0; ///< kills whose point did not come, since threads take turns in more than one way
  std::vector<CrashFailure> failures{};

  [[nodiscard]] bool ok() const noexcept { return failures.empty(); }
};

/// Throws `Exception` with `errc::invalid_argument` if the caller has other threads, or with `errc::io_error` if a
/// process or folder cannot be made.
[[nodiscard]] RUNBOOK_EXPORT CrashReport run_crash_matrix(const CrashScenario& scenario,
                                                          const CrashMatrix& matrix = {});

/// One line of figures, then the failures.
[[nodiscard]] RUNBOOK_EXPORT std::string to_string(const CrashReport& report);

} // namespace runbook::testing
