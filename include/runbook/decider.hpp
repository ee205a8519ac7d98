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
// - Prerequisites, steps, verification: each item after the other, each action of an item after the other. An item that
//   says what it `needs` waits for that alone: what does not need each other runs at once, up to the run's limit.
// - Conditions (`when`) are asked when an item's turn comes; one that is false skips it, one without a value fails it.
// - A loop's list is settled when its turn comes; then its steps are done for each element, in the list's order, as
//   many elements at once as the loop says.
// - A step's undo is armed when its first action's intent is recorded: the step that fails is undone too. Undos run
//   newest first, by the time of their start, each element of a loop for itself; then the general rollback in document
//   order.
// - A failed action is tried again as its retry policy says, undos too. One with `until` is repeated until that is
//   true, for no longer than its timeout. What an item's failure means is its `OnFailure`; a prerequisite's failure
//   always ends the run, with nothing to undo. What runs beside a step that failed is let end; questions are withdrawn.
// - Cancel: nothing new starts, the running action is stopped, then the rollback follows as the run's mode says. A
//   second cancel asks whether to give the rollback up, once it has begun; one more after that gives it up.
// - A new owner of a run finds it as its events left it: questions that are open are asked again, pauses, deadlines and
//   the run's time begin anew. An action that was under way is adrift: the host takes it up again if what it started
//   outlived the former owner, and says how it went. If it cannot, the action is in doubt, unless it is known that it
//   was never started: then it is. One in doubt that is not mutating is started again, else its step's `OnDoubt` says
//   what is done about it; a probe that cannot tell leaves it to a person. When the run is to end, what is adrift is
//   taken up to be stopped, and what is in doubt is left to its undo, which has been armed.
// - One terminal: what an action leaves in it (variables, directory) is what the next one finds, whatever part of the
//   document it belongs to. An attempt that is tried again leaves nothing. The actions of a step's undo find what the
//   step had left when it ended, or what its last action began with if it did not, hand on to each other, and leave
//   nothing to anybody else. The general rollback goes on where the steps have ended. The actions of an isolated step
//   find the terminal with which the run began and leave nothing.
// - A runbook that a step runs is a scope: its steps see the inputs that the step gave it and what they capture
//   themselves, and a terminal of its own, which begins as the run's did. Where that step is skipped, so are they.
//   Its general rollback is armed when it begins, and so comes when all that it started is undone, in front of the
//   undos of what was started before it. What its steps capture is not known outside. In a loop all of this is so for
//   each element, which has a scope of its own.
// - At the end of a run that did not succeed, every step that was started, is not pure and was not undone is residue.
//   A step without an undo of its own counts as undone if the general rollback of its runbook, or of one that runs
//   that, is not empty and succeeded as a whole.
//
// Thread-safety: a `RunState` belongs to one thread at a time; it shares its plan.
#pragma once

#include <runbook/event.hpp>
#include <runbook/plan.hpp>
#include <runbook/rollback_stack.hpp>
#include <runbook/terminal.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace runbook {

/// Version of the rules above. A run follows the version that it was started with: before version 2 there was no
/// terminal, each action began anew; before version 3 nothing had conditions or ran beside anything else.
inline constexpr std::uint32_t rules_version = 3;

// Commands. Those marked (event) are recorded before they are carried out; `to_event` makes the event.

/// (event) Start an action.
struct StartAction {
  ActionRef at{};
  std::uint32_t attempt = 1;
};
/// Take up an action that the former owner started, without starting it: `StepTakenUp` or `StepDoubt` says what has
/// come of it.
struct TakeUpAction {
  ActionRef at{};
  std::uint32_t attempt = 1;
};
/// (event) What is to be made of an action in doubt.
struct ResolveDoubt {
  ActionRef at{};
  std::uint32_t attempt = 1;
  DoubtDecision decision = DoubtDecision::failed;
  std::string who{};
  std::string evidence{};
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
/// (event) An action has ended of which no handler tells: a question, or a pause whose time is over.
struct SettleAction {
  ActionRef at{};
  std::uint32_t attempt = 1;
  Outcome outcome{};
};
/// (event) A step ends without being started.
struct SettleStep {
  ActionRef at{};
  Outcome outcome{};
};
/// (event) The list of a loop is known.
struct BeginLoop {
  std::uint32_t step = 0;
  std::uint32_t end = 0; ///< behind the last step of the loop
  boost::json::array items{};
};
/// (event) Tell when the time is over.
struct SetTimer {
  ActionRef at{};
  std::uint32_t attempt = 1;
  std::chrono::milliseconds delay{0};
  TimerKind kind = TimerKind::retry;
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

using Command = std::variant<StartAction, TakeUpAction, ResolveDoubt, Ask, Withdraw, SettleAction, SettleStep,
                             BeginLoop, SetTimer, StopAction, BeginRollback, Park, Close>;

/// What an open question is about, and what it wants.
struct OpenQuestion {
  ActionRef at{}; ///< meaningful for a question about a step
  AnswerForm wants{};
};

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
  /// The open question with this token, as it was asked; nothing if there is none. Only what is an answer to it counts
  /// (`answer_flaw`).
  [[nodiscard]] std::optional<OpenQuestion> open_question(std::string_view token) const;
  /// All questions that are open, with their tokens.
  [[nodiscard]] std::vector<std::pair<QuestionKind, std::string>> open_questions() const;
  /// Whether somebody was asked for a secret and gave it: no journal has it.
  [[nodiscard]] bool was_told_a_secret() const noexcept { return told_a_secret_; }
  /// The number of the last message of the store's in the journal; 0: none is.
  [[nodiscard]] std::uint64_t last_message() const noexcept { return last_message_; }
  /// What is not undone, once the run has ended.
  [[nodiscard]] const std::vector<Residue>& residue() const noexcept { return residue_; }
  /// Inputs and captures of the runbook itself. What the steps of a loop capture is a list with one value for each
  /// element, once the loop is done.
  [[nodiscard]] const Values& values() const noexcept { return *scopes_.front().values; }
  /// Inputs and captures as the action sees them that runs or comes next: in a loop also its element, and of captures
  /// in the loop those of this element.
  [[nodiscard]] const Values& values_of(const ActionRef& at) const { return *shared_values_of(at); }
  /// The same for keeping: what is captured later does not change it.
  [[nodiscard]] std::shared_ptr<const Values> shared_values_of(const ActionRef& at) const;
  /// What the next action of the runbook itself finds in the terminal, unless it is an undo, isolated or apart.
  [[nodiscard]] const Terminal& terminal() const noexcept { return scopes_.front().terminal; }
  /// What the action finds in the terminal that runs or comes next.
  [[nodiscard]] const Terminal& terminal_of(const ActionRef& at) const;
  /// Whether another action may see what this one leaves in the terminal.
  [[nodiscard]] bool hands_on(const ActionRef& at) const;
  /// Whether the run waits for this; else it has come too late, and a host need not record it.
  [[nodiscard]] bool awaits(const TimerFired& event) const;
  /// Whether there is more to come of what the step's actions do (`at.kind` forward or check), or of its undo.
  [[nodiscard]] bool is_under_way(const ActionRef& at) const noexcept;
  /// How the attempt ended that is under way, with the action's `until` taken into account: what a host records is what
  /// this returns.
  [[nodiscard]] StepOutcome judged(StepOutcome event) const;

private:
  friend class Decider;
  friend Result<Plan> continue_from(const Plan& plan, std::span<const Event> journal);

  enum class Phase : std::uint8_t { fresh, forward, rollback, ended };
  enum class Progress : std::uint8_t {
    idle,
    running,
    retrying,
    pausing,
    adrift, // a former owner has started it
    doubtful
  }; // of the action at a strand's cursor
  enum class Deadline : std::uint8_t { none, set, passed };
  enum class Verdict : std::uint8_t { none, done, not_done, unclear }; // of a probe, about an action in doubt
  enum class Mark : std::uint8_t { untouched, started, undone, undo_failed };
  struct AskedQuestion {
    QuestionKind kind = QuestionKind::step;
    std::string token;
    bool open = false;
    bool unreachable = false;
    std::optional<bool> answer;
    std::string who;
    std::string note;
    ActionRef at{}; // meaningful for one about a step
    AnswerForm wants{};
    Value value{}; // what was answered beside yes
  };
  /// A step, or the first of a general rollback.
  struct Armed {
    std::uint32_t step = 0;
    std::uint32_t iteration = 0;
    Terminal terminal; // what its undo finds
  };
  /// A runbook of the plan while it is run.
  struct ScopeRun {
    bool open = false;                                           // its steps may begin
    bool changed = false;                                        // an action that is not pure was started
    bool rollback_failed = false;                                // a part of its general rollback
    bool rolled_back = false;                                    // by its general rollback as a whole
    std::shared_ptr<Values> values = std::make_shared<Values>(); // never changed while somebody else keeps it
    Values inputs;
    Values results; // how the steps went that conditions ask about, by their ids in it
    Terminal terminal;
  };
  /// Which strand: of a unit, and in a loop of one of its elements.
  struct Place {
    std::uint32_t unit = 0;
    std::uint32_t iteration = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };
  /// Actions that come one after the other: those of a unit, of one element of a loop, or of the rollback.
  struct Strand {
    ActionRef cursor;      // the action that runs or comes next
    std::uint32_t end = 0; // behind its last step
    Progress progress = Progress::idle;
    Deadline deadline = Deadline::none; // of the action that is repeated until something is true
    std::uint32_t attempt = 0;
    bool opens_loop = false; // the loop has not begun
    AskedQuestion question;
    Verdict verdict = Verdict::none;
    std::optional<ActionRef> doubted; // the action in doubt, while the cursor is at a probe
    Boxed<DoubtResolved> resolved;    // what is made of the action in doubt
    std::optional<std::size_t> armed; // the present step's entry on the stack
    std::optional<Terminal> terminal; // its own; none: the scope's
    std::shared_ptr<Values> values;   // of a loop's element; null: it is none
    Values results;                   // of the steps of a loop's element, for conditions
  };
  /// The strands by their place. A strand stays where it is in memory until it is removed; the room of one that has
  /// ended serves the next.
  class StrandTable {
  public:
    struct Entry {
      Place place;
      std::uint32_t slot = 0;
    };
    [[nodiscard]] Strand& add(Place place);
    void remove(Place place);
    void clear();
    [[nodiscard]] const Strand* find(Place place) const noexcept;
    template <class Visit>
    void for_each(const Visit& visit) {
      for (const Entry& entry : entries_) visit(slots_[entry.slot]);
    }
    template <class Visit>
    void for_each(const Visit& visit) const {
      for (const Entry& entry : entries_) visit(slots_[entry.slot]);
    }

  private:
    std::vector<Entry> entries_; // in the order of their places
    std::deque<Strand> slots_;
    std::vector<std::uint32_t> free_;
  };
  /// A loop that has begun.
  struct LoopRun {
    boost::json::array items;
    std::uint32_t begun = 0; // how many elements
    std::uint32_t ended = 0;
    std::map<std::string, boost::json::array> captured; // by name, a value for each element
  };
  /// Which units may begin: those whose predecessors are done.
  class UnitQueue {
  public:
    explicit UnitQueue(const std::vector<PlannedUnit>& units);
    /// The first unit in the plan's order that may begin.
    std::optional<std::uint32_t> take();
    void done(std::uint32_t unit);
    [[nodiscard]] bool all_done() const noexcept { return left_ == 0; }
    [[nodiscard]] bool is_done(std::uint32_t unit) const noexcept { return below_[unit + 1] != unit + 1; }

  private:
    using Lowest = std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>>;

    void place(std::uint32_t unit);
    [[nodiscard]] std::uint32_t undone_below(std::uint32_t end);

    const std::vector<PlannedUnit>* units_;   // the plan's, which is shared
    std::vector<std::uint32_t> below_;        // a union-find: at u + 1 where to look for a unit that is not done
    std::vector<std::uint32_t> first_waiter_; // for each unit one of those that wait for it, by number from 1
    std::vector<std::uint32_t> next_waiter_;
    std::vector<std::uint32_t> next_range_; // for each unit the first of its ranges that may not be done
    Lowest ready_;
    std::size_t left_;
  };

  void on(const RunCreated& event);
  void on(const Claimed& event);
  void on(const StepIntent& event);
  void on(const StepTakenUp& event);
  void on(const StepDoubt& event);
  void on(const DoubtResolved& event);
  void on(const StepOutput& event);
  void on(const StepOutcome& event);
  void on(const StepSettled& event);
  void on(const LoopBegun& event);
  void on(const WaitOpened& event);
  void on(const WaitAnswered& event);
  void on(const WaitUnreachable& event);
  void on(const TimerSet& event);
  void on(const TimerFired& event);
  void on(const CancelRequested& event);
  void on(const RollbackBegun& event);
  void on(const RunParked& event);
  void on(const RunClosed& event);

  // Strands (strands.cpp).
  [[nodiscard]] Place place_of(const ActionRef& at) const noexcept;
  [[nodiscard]] const Strand* find_strand(std::uint32_t step, std::uint32_t iteration) const noexcept;
  [[nodiscard]] Strand* find_strand(std::uint32_t step, std::uint32_t iteration) noexcept;
  [[nodiscard]] const Strand* strand_at(const ActionRef& at) const noexcept;
  [[nodiscard]] Strand* strand_at(const ActionRef& at) noexcept;
  void begin_units();
  void begin_unit(std::uint32_t unit);
  void begin_elements(std::uint32_t unit);
  void strand_ended(Place place);
  void loop_ended(std::uint32_t unit);
  void unit_ended(std::uint32_t unit);
  void attend_to(const Strand& strand);
  void is_attended_to(Place place);
  void go_on(Strand& strand);
  void next_step(Strand& strand);
  void skip_missing_actions(Strand& strand);
  [[nodiscard]] bool at_action(const Strand& strand) const noexcept;
  [[nodiscard]] std::shared_ptr<Values> values_of_element(std::uint32_t unit, std::uint32_t iteration) const;
  /// The values, to be changed.
  [[nodiscard]] static Values& own(std::shared_ptr<Values>& values);

  // Scopes (scopes.cpp).
  [[nodiscard]] bool in_scope_of_element(const ActionRef& at) const noexcept;
  [[nodiscard]] const ScopeRun& scope_of(const ActionRef& at) const noexcept;
  [[nodiscard]] ScopeRun& scope_of(const ActionRef& at);
  [[nodiscard]] ScopeRun& scope_run(std::uint32_t scope, std::uint32_t iteration);
  void open_scope(std::uint32_t scope, std::uint32_t iteration, Values inputs);
  void has_changed(const ActionRef& at);
  [[nodiscard]] bool rolled_back_as_a_whole(std::uint32_t step, std::uint32_t iteration) const noexcept;

  // Doubt (doubt.cpp).
  void begin_times_anew(Strand& strand);
  void begin_probe(const StepIntent& event);
  void probe_ended(Strand& strand, const StepOutcome& event);
  void probe_is_unclear(Strand& strand);

  void action_succeeded(Strand& strand);
  void action_failed(Strand& strand, const StepOutcome& event);
  [[nodiscard]] bool is_tried_again(const Strand& strand, const StepOutcome& event) const;
  void capture(Strand& strand, const StepOutcome& event);
  void take_over(Strand& strand, const StepOutcome& event);
  void undo_finds(const Strand& strand, const Terminal& terminal);
  void step_failed(Strand& strand, const ActionRef& at, const Outcome& outcome);
  void undo_failed(Strand& strand);
  void undo_ended(bool undone);
  void general_rollback_ended();
  void next_undo();
  [[nodiscard]] bool in_general_rollback(const Strand& strand) const noexcept;
  [[nodiscard]] bool is_ending() const noexcept { return cancelled_ || failed_; }
  [[nodiscard]] Mark& mark(std::uint32_t step, std::uint32_t iteration);
  [[nodiscard]] std::string describe_failure(const ActionRef& at, const Outcome& outcome) const;
  [[nodiscard]] AskedQuestion& question(QuestionKind kind) { return questions_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const AskedQuestion& question(QuestionKind kind) const {
    return questions_[static_cast<std::size_t>(kind)];
  }
  template <class Visit>
  void for_each_question(const Visit& visit);
  template <class Visit>
  void for_each_question(const Visit& visit) const;

  // Conditions (conditions.cpp).
  void note_result(Strand& strand, const StepOutcome& event);
  [[nodiscard]] Values variables(const Expression& condition, const Strand& strand) const;

  Plan plan_;
  std::shared_ptr<const RunHeader> header_;
  RunStatus status_ = RunStatus::running;
  Phase phase_ = Phase::fresh;
  UnitQueue queue_;
  std::uint32_t running_units_ = 0;
  StrandTable strands_;                    // up to the rollback
  std::vector<Place> due_;                 // of strands that the decider has something to say about, in order
  Strand undoing_;                         // the rollback's
  std::map<std::uint32_t, LoopRun> loops_; // by unit
  bool failed_ = false;
  bool cancelled_ = false;
  bool timer_set_ = false;             // the run's own
  bool stop_at_failure_ = false;       // the failed step says on_failure=stop
  bool undo_failed_unseen_ = false;    // an undo failed and what that means is not settled yet
  std::uint32_t rollback_cancels_ = 0; // beyond the one that ended the run
  std::vector<Mark> marks_;            // for each step that is in no loop
  std::map<std::pair<std::uint32_t, std::uint32_t>, Mark> marks_of_elements_; // by step and element
  BasicRollbackStack<Armed> stack_;
  std::array<AskedQuestion, 4> questions_; // by kind; those about steps are the strands'
  std::string reason_;
  std::vector<Residue> residue_;
  std::vector<ScopeRun> scopes_;                                                   // as the plan has them
  std::map<std::pair<std::uint32_t, std::uint32_t>, ScopeRun> scopes_of_elements_; // by scope and element
  Terminal first_terminal_;                                                        // with which the run began
  std::uint64_t last_message_ = 0;
  bool told_a_secret_ = false;
};

/// The plan of what an earlier run of the same plan has left to do: the steps that are done are left out, what they
/// captured and handed on is there. Prerequisites and verification are done again, and so is what failed or was cut
/// off. Undos of what the earlier run did are not armed. Fails with `errc::invalid_argument` if the journal is of
/// another plan, if the run has not ended, has succeeded or was rolled back, and if a loop was done for some of its
/// elements.
[[nodiscard]] RUNBOOK_EXPORT Result<Plan> continue_from(const Plan& plan, std::span<const Event> journal);

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
