// The decider: what a run does next, as a pure function of its plan and its events. No clock, no I/O, no randomness.
//
// It alone knows order, retry, confirmation, verification, rollback and cancel. A host of the decider (the `Executor`,
// a simulation, a test) appends events, carries the commands out and appends what happened:
//
//   RunState state{plan};
//   for (const Event& event : journal) state.apply(event.data);
//   for (const Command& command : decide(state)) …
//
// Rules of a run:
// - Prerequisites, steps, verification: each item after the other, each action of an item after the other.
// - A step's undo is armed when its first action's intent is recorded: the step that fails is undone too. Undos run
//   newest first, then the general rollback in document order.
// - A failed action is tried again as its retry policy says, undos too. What an item's failure means is its
//   `OnFailure`; a prerequisite's failure ends the run with nothing to undo.
// - Cancel: nothing new starts, the running action is stopped, then the rollback follows as the run's mode says. A
//   cancel during the rollback asks whether to give it up; a third one gives it up.
// - At the end of a run that did not succeed, every step that was started, is not pure and was not undone is residue.
//   A step without an undo of its own counts as undone if the general rollback is not empty and succeeded as a whole.
//
// Thread-safety: a `RunState` belongs to one thread at a time; it shares its plan.
#pragma once

#include <runbook/event.hpp>
#include <runbook/plan.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace runbook {

/// Version of the rules above. A run follows the version that it was started with.
inline constexpr std::uint32_t rules_version = 1;

/// What was started and may have to be undone: entries are taken newest first, each of them once.
template <class Entry>
class BasicRollbackStack {
public:
  void arm(Entry entry) { entries_.push_back(std::move(entry)); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] const Entry& newest() const { return entries_.back(); }
  /// Takes the newest entry off: whatever comes of it, it is not undone again.
  Entry take() {
    Entry entry = std::move(entries_.back());
    entries_.pop_back();
    return entry;
  }
  /// Oldest first.
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

private:
  std::vector<Entry> entries_;
};

/// A rollback stack for code that is no runbook: arm the undo *before* the effect, `commit()` when all went well; what
/// is armed when the stack is destroyed is undone, newest first.
///
///   rb::RollbackStack undo;
///   undo.arm("volume", [&] { return delete_volume(id); });
///   create_volume(id);
///   undo.commit();
class RUNBOOK_EXPORT RollbackStack {
public:
  using Undo = std::function<Result<void>()>;
  /// An undo that did not work.
  struct Failure {
    std::string name;
    Error error;
  };

  RollbackStack() = default;
  RollbackStack(RollbackStack&&) noexcept = default;
  RollbackStack& operator=(RollbackStack&&) = delete;
  /// Unwinds. Failures are lost here: call `unwind()` to see them.
  ~RollbackStack();

  void arm(std::string name, Undo undo);
  /// Forgets everything that is armed.
  void commit() noexcept;
  /// Undoes everything, newest first, each entry once. An undo that fails or throws does not keep the others from
  /// running. Returns the failures: the residue.
  std::vector<Failure> unwind();
  [[nodiscard]] std::size_t size() const noexcept { return stack_.size(); }

private:
  struct Entry {
    std::string name;
    Undo undo;
  };
  BasicRollbackStack<Entry> stack_;
};

// Commands. Those marked (event) are recorded before they are carried out; `to_event` makes the event.

/// (event) Start an action.
struct StartAction {
  ActionRef at;
  std::uint32_t attempt = 1;
};
/// (event) The host puts the question to a person. For `QuestionKind::step` this follows the action's `StartAction`.
struct Ask {
  QuestionKind kind = QuestionKind::step;
  ActionRef at;
};
/// The question is moot.
struct Withdraw {
  QuestionKind kind = QuestionKind::step;
  ActionRef at;
};
/// (event) An action that was a question has ended.
struct SettleAction {
  ActionRef at;
  std::uint32_t attempt = 1;
  Outcome outcome;
};
/// (event) Wait before an attempt.
struct SetTimer {
  ActionRef at;
  std::uint32_t attempt = 1;
  std::chrono::milliseconds delay{0};
};
/// Stop the action that runs. May be repeated.
struct StopAction {
  ActionRef at;
};
/// (event)
struct BeginRollback {
  std::string reason;
};
/// (event)
struct Park {
  std::string reason;
};
/// (event)
struct Close {
  RunClosed closed;
};

using Command =
    std::variant<StartAction, Ask, Withdraw, SettleAction, SetTimer, StopAction, BeginRollback, Park, Close>;

/// The state of a run: its events folded. Applying an event costs the same however long the run is.
class RUNBOOK_EXPORT RunState {
public:
  explicit RunState(Plan plan);

  /// Takes in what happened. Events that do not fit the state (a timer that fired late, an answer to a closed
  /// question) change nothing.
  void apply(const EventData& event);

  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
  [[nodiscard]] RunStatus status() const noexcept { return status_; }
  /// Closed: no further event can change anything.
  [[nodiscard]] bool closed() const noexcept;
  /// Why the run does not succeed; empty as long as it may.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  /// Whether the question with this token is open.
  [[nodiscard]] bool is_open(std::string_view token) const;
  /// Inputs and captures.
  [[nodiscard]] const Values& values() const noexcept { return values_; }

private:
  friend class Decider;
  Plan plan_;
  RunStatus status_ = RunStatus::running;
  std::string reason_;
  Values values_;
};

/// What is to be done now; empty while the run waits for something. Pure: the same state gives the same commands.
[[nodiscard]] RUNBOOK_EXPORT std::vector<Command> decide(const RunState& state);

/// The commands after a whole journal.
[[nodiscard]] RUNBOOK_EXPORT std::vector<Command> decide(const Plan& plan, std::span<const EventData> events);

/// The token of a question: "step:ID", "undo:ID", "rollback", "stop-rollback", "continue-rollback".
[[nodiscard]] RUNBOOK_EXPORT std::string question_token(const Plan& plan, QuestionKind kind, const ActionRef& at);

} // namespace runbook
