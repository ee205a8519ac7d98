// The decider: what a run does next, as a pure function of its plan and its events. No clock, no I/O, no randomness.
//
// It alone knows order, retry, confirmation, verification, rollback and cancel. A host of the decider (the `Executor`,
// a simulation, a test) appends events, carries the commands out and appends what happened:
//
//   RunState state{plan};
//   for (const Event& event : journal) state.apply(event.data);
//   for (const Command& command : decide(state)) { record to_event(state, command), then carry it out }
//
// Rules of a run:
// - Prerequisites, steps, verification: each item after the other, each action of an item after the other.
// - A step's undo is armed when its first action's intent is recorded: the step that fails is undone too. Undos run
//   newest first, then the general rollback in document order.
// - A failed action is tried again as its retry policy says, undos too. What an item's failure means is its
//   `OnFailure`; a prerequisite's failure always ends the run, with nothing to undo.
// - Cancel: nothing new starts, the running action is stopped, then the rollback follows as the run's mode says. A
//   second cancel asks whether to give the rollback up, once it has begun; one more after that gives it up.
// - One terminal: what an action leaves in it (variables, directory) is what the next one finds, whatever part of the
//   document it belongs to. An attempt that is tried again leaves nothing. The actions of a step's undo find what the
//   step had left when it ended, or what its last action began with if it did not, hand on to each other, and leave
//   nothing to anybody else. The general rollback goes on where the steps have ended. The actions of an isolated step
//   find the terminal with which the run began and leave nothing.
// - At the end of a run that did not succeed, every step that was started, is not pure and was not undone is residue.
//   A step without an undo of its own counts as undone if the general rollback is not empty and succeeded as a whole.
//
// Thread-safety: a `RunState` belongs to one thread at a time; it shares its plan.
#pragma once

#include <runbook/event.hpp>
#include <runbook/plan.hpp>
#include <runbook/terminal.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace runbook {

/// Version of the rules above. A run follows the version that it was started with: before version 2 there was no
/// terminal, each action began anew.
inline constexpr std::uint32_t rules_version = 2;

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
  ActionRef at{};
  std::uint32_t attempt = 1;
};
/// (event) The host puts the question to a person. For `QuestionKind::step` this follows the action's `StartAction`.
struct Ask {
  QuestionKind kind = QuestionKind::step;
  ActionRef at{};
};
/// The question is moot.
struct Withdraw {
  QuestionKind kind = QuestionKind::step;
  ActionRef at{};
};
/// (event) An action that was a question has ended.
struct SettleAction {
  ActionRef at{};
  std::uint32_t attempt = 1;
  Outcome outcome{};
};
/// (event) Wait before an attempt.
struct SetTimer {
  ActionRef at{};
  std::uint32_t attempt = 1;
  std::chrono::milliseconds delay{0};
};
/// Stop the action that runs. May be repeated.
struct StopAction {
  ActionRef at{};
};
/// (event)
struct BeginRollback {
  std::string reason{};
};
/// (event)
struct Park {
  std::string reason{};
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

  /// Takes in what happened. What does not fit the state (a timer that fired late, an answer to a question that is
  /// closed, anything after the end) changes nothing.
  void apply(const EventData& event);

  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
  [[nodiscard]] RunStatus status() const noexcept { return status_; }
  /// Why the run does not succeed; empty as long as it may.
  [[nodiscard]] const std::string& reason() const noexcept { return reason_; }
  /// Whether the question with this token is open.
  [[nodiscard]] bool is_open(std::string_view token) const noexcept;
  /// The token of the open question of this kind, if there is one.
  [[nodiscard]] std::optional<std::string_view> open_question(QuestionKind kind) const noexcept;
  /// What is not undone, once the run has ended.
  [[nodiscard]] const std::vector<Residue>& residue() const noexcept { return residue_; }
  /// Inputs and captures.
  [[nodiscard]] const Values& values() const noexcept { return values_; }
  /// What the next action finds in the terminal, unless it is an undo or isolated.
  [[nodiscard]] const Terminal& terminal() const noexcept { return terminal_; }
  /// What the action finds in the terminal that runs or comes next.
  [[nodiscard]] const Terminal& terminal_of(const ActionRef& at) const;
  /// Whether another action may see what this one leaves in the terminal.
  [[nodiscard]] bool hands_on(const ActionRef& at) const;

private:
  friend class Decider;

  enum class Phase : std::uint8_t { fresh, forward, unwinding, general_rollback, ended };
  enum class Progress : std::uint8_t { idle, running, retrying, pausing }; // of the action at the cursor
  enum class Mark : std::uint8_t { untouched, started, undone, undo_failed };
  struct AskedQuestion {
    std::string token;
    bool open = false;
    bool unreachable = false;
    std::optional<bool> answer;
    std::string who;
  };
  struct Armed {
    std::uint32_t step = 0;
    Terminal terminal; // what its undo finds
  };

  void on(const RunCreated& event);
  void on(const Claimed& event);
  void on(const StepIntent& event);
  void on(const StepOutput& event);
  void on(const StepOutcome& event);
  void on(const WaitOpened& event);
  void on(const WaitAnswered& event);
  void on(const WaitUnreachable& event);
  void on(const TimerSet& event);
  void on(const TimerFired& event);
  void on(const CancelRequested& event);
  void on(const RollbackBegun& event);
  void on(const RunParked& event);
  void on(const RunClosed& event);

  void action_succeeded();
  void action_failed(const StepOutcome& event);
  [[nodiscard]] bool is_tried_again(const StepOutcome& event) const;
  void take_over(const StepOutcome& event);
  void undo_finds(const Terminal& terminal);
  void step_failed(const StepOutcome& event);
  void undo_ended(bool undone);
  void next_step();
  void next_undo();
  void skip_missing_actions();
  [[nodiscard]] bool at_action() const noexcept;
  [[nodiscard]] std::string describe_failure(const StepOutcome& event) const;
  [[nodiscard]] AskedQuestion& question(QuestionKind kind) { return questions_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const AskedQuestion& question(QuestionKind kind) const {
    return questions_[static_cast<std::size_t>(kind)];
  }

  Plan plan_;
  std::shared_ptr<const RunHeader> header_;
  RunStatus status_ = RunStatus::running;
  Phase phase_ = Phase::fresh;
  Progress progress_ = Progress::idle;
  ActionRef cursor_; // the action that runs or comes next
  std::uint32_t attempt_ = 0;
  std::uint32_t end_of_forward_ = 0; // index of the first step of the general rollback
  bool failed_ = false;
  bool cancelled_ = false;
  bool stop_at_failure_ = false;    // the failed step says on_failure=stop
  bool undo_failed_unseen_ = false; // an undo failed and what that means is not settled yet
  bool general_failed_ = false;
  bool changed_anything_ = false;      // an action that is not pure was started
  std::uint32_t rollback_cancels_ = 0; // beyond the one that ended the run
  std::vector<Mark> marks_;            // for each step
  BasicRollbackStack<Armed> stack_;
  std::array<AskedQuestion, 4> questions_; // by kind
  std::string reason_;
  std::vector<Residue> residue_;
  Values values_;
  Terminal terminal_;
  Terminal first_terminal_; // with which the run began
};

/// What is to be done now; nothing while the run waits for something. Pure: the same state gives the same commands.
/// `commands` is cleared first; taking it as a parameter lets a host use its memory again.
RUNBOOK_EXPORT void decide(const RunState& state, std::vector<Command>& commands);
[[nodiscard]] RUNBOOK_EXPORT std::vector<Command> decide(const RunState& state);

/// The event that records a command, for those that are recorded. The host appends it, applies it, and carries the
/// command out when it is durable.
[[nodiscard]] RUNBOOK_EXPORT std::optional<EventData> to_event(const RunState& state, const Command& command);

/// The token of a question, different for every question of a run: the action's path for one about a step ("drain",
/// "drain:undo/2"), "run:rollback", "run:stop-rollback", "run:continue-rollback/ID" where ID is the step that would be
/// undone next.
[[nodiscard]] RUNBOOK_EXPORT std::string question_token(const Plan& plan, QuestionKind kind, const ActionRef& at);

} // namespace runbook
