// Events: the closed set of things that can have happened in a run. The journal of a run is its events in order and
// nothing else; the state of a run, its report and its resumption are functions of them.
//
// Ownership: plain values. Thread-safety: as with any value type.
#pragma once

#include <runbook/answer.hpp>
#include <runbook/boxed.hpp>
#include <runbook/model.hpp>
#include <runbook/outcome.hpp>
#include <runbook/terminal.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace runbook {

/// What an action is for.
enum class ActionKind : std::uint8_t {
  forward,
  check,
  undo,
  probe, ///< looks whether an action was done that was under way when the run's owner ended
};

/// Whether a failed run is rolled back.
enum class RollbackMode : std::uint8_t { automatic, ask, never };

/// What a failed undo means for the rest of the rollback.
enum class OnRollbackFailure : std::uint8_t {
  proceed, ///< written `continue`: go on with the others (the default)
  stop,
  ask, ///< a person decides whether the others are still undone
};

enum class RunStatus : std::uint8_t {
  running,
  succeeded,
  rolled_back,           ///< failed or cancelled; everything that was started is undone
  partially_rolled_back, ///< failed or cancelled; the residue names what is not undone
  failed,                ///< nothing to undo, or the rollback was declined
  cancelled,             ///< as `failed`, because of a cancel
  parked,                ///< waits for a person, or for a store that can be written again
};

/// Why a step's effect may still be there at the end of a run that did not succeed.
enum class ResidueCause : std::uint8_t { no_undo, irreversible, undo_failed, undo_declined, undo_abandoned };

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(ActionKind kind) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(RollbackMode mode) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(OnRollbackFailure mode) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(RunStatus status) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(ResidueCause cause) noexcept;

/// Names one action of one step of a plan.
struct ActionRef {
  std::uint32_t step = 0;      ///< index into the plan's steps
  std::uint32_t iteration = 0; ///< for a step of a loop the number of the element, from 1; else 0
  std::uint16_t part = 0;      ///< index among the step's actions of the same kind
  ActionKind kind = ActionKind::forward;

  friend bool operator==(const ActionRef&, const ActionRef&) = default;
};

/// What a report needs to know of a step without having the plan.
struct StepOutline {
  std::string id{};
  std::string title{};
  Section section = Section::steps;
  Effect effect = Effect::mutating;
  bool irreversible = false;
  bool has_undo = false;
  std::uint32_t line = 0; ///< in the document; 0 if unknown
  bool in_loop = false;   ///< done once for each element of a list

  friend bool operator==(const StepOutline&, const StepOutline&) = default;
};

/// The steps of a plan in the order in which a run goes through them.
using Outline = std::vector<StepOutline>;

/// What of a plan is to be done. Steps and groups of steps are named by their ids.
struct Selection {
  std::string from{};              ///< nothing of the steps in front of this one; empty: from the beginning
  std::vector<std::string> only{}; ///< of the steps and the verification nothing but these; empty: everything
  std::vector<std::string> skip{}; ///< not these

  [[nodiscard]] bool empty() const noexcept { return from.empty() && only.empty() && skip.empty(); }
  friend bool operator==(const Selection&, const Selection&) = default;
};

/// What is known of a run at its start, and what is needed to make its plan again. Secrets are withheld.
struct RunHeader {
  std::string run{}; ///< the run's id
  std::string title{};
  std::string path{};            ///< the document's
  std::string document_digest{}; ///< SHA-256 of the document's bytes, in hex
  std::string plan_digest{};     ///< SHA-256 of the bound plan, in hex
  Values inputs{};
  std::string actor{};                 ///< who started it
  std::string continues{};             ///< the earlier run that it goes on from; empty: none
  SecretOrigins secrets{};             ///< where its secrets come from
  std::vector<Selection> selections{}; ///< what of the plan is done, one chosen after the other
  std::vector<std::string> runbooks{}; ///< the documents that its steps run; the store keeps them with the run's own
  bool built_in_code = false;          ///< the store keeps the JSON form of a runbook that has no document
  std::string directory{};             ///< where its programs start; an absolute path
  RiskLevel risk_level = RiskLevel::unspecified;
  std::uint32_t parallel = 1;           ///< how many steps may run at once that do not need each other
  std::chrono::milliseconds timeout{0}; ///< after which the run is stopped; 0: none
  RollbackMode rollback = RollbackMode::automatic;
  OnRollbackFailure on_rollback_failure = OnRollbackFailure::proceed;
  std::uint32_t rules = 1; ///< version of the decider's rules that the run follows
  std::shared_ptr<const Outline> outline{};
};

struct RunCreated {
  std::shared_ptr<const RunHeader> header{}; ///< never null
};

/// An owner took the run; the event's fence is the owner's.
struct Claimed {
  std::string owner{};
  bool supervised = false; ///< programs that it starts are looked after by a supervisor, which outlives it
};

/// An action is about to be started. Durable before the action starts.
struct StepIntent {
  ActionRef at{};
  std::uint32_t attempt = 1;
  std::chrono::milliseconds timeout{0}; ///< 0: none
};

/// A new owner has found what the former one had started, and waits for its end.
struct StepTakenUp {
  ActionRef at{};
  std::uint32_t attempt = 1;
};

/// What a new owner knows of an attempt whose end is not in the journal.
enum class DoubtKind : std::uint8_t {
  unknown,     ///< it may have been started, and nobody can tell how it went
  not_started, ///< it never was, and will not be: no doubt is left
};

/// How an attempt has ended is not known: a new owner could not take it up, or who looked after it is gone.
struct StepDoubt {
  ActionRef at{};
  std::uint32_t attempt = 1;
  DoubtKind kind = DoubtKind::unknown;
  std::string evidence{}; ///< how that is known, or why nothing is
};

/// What is made of an attempt in doubt.
enum class DoubtDecision : std::uint8_t {
  done,   ///< it counts as done
  repeat, ///< it is done again
  failed, ///< it counts as failed
};

/// A doubt is settled.
struct DoubtResolved {
  ActionRef at{};
  std::uint32_t attempt = 1;
  DoubtDecision decision = DoubtDecision::failed;
  std::string who{};      ///< the person who said so; empty: nobody was asked
  std::string evidence{}; ///< why
};

/// What an attempt printed on one stream. The bytes, as many as were kept, are a blob of the store.
struct StepOutput {
  ActionRef at{};
  std::uint32_t attempt = 1;
  Stream stream = Stream::out;
  std::uint64_t size = 0; ///< bytes that were printed
  std::uint64_t kept = 0; ///< bytes that were kept: the first ones
  /// SHA-256 of all `size` bytes, in hex; empty if a part went by while the run had no owner, and is not known.
  std::string digest{};
};

struct StepOutcome {
  ActionRef at{};
  std::uint32_t attempt = 1;
  Outcome outcome{};
  Value captured{};                 ///< for an action with `capture`; null otherwise
  Boxed<TerminalChange> terminal{}; ///< compared with what the attempt began with
  Value printed{};                  ///< on standard output, for a step that a condition asks about; null otherwise
};

/// A step that ends without any of its actions being started: what it depends on says no, or cannot be told.
struct StepSettled {
  std::uint32_t step = 0;
  std::uint32_t iteration = 0;
  Outcome outcome{}; ///< skipped or failed
};

/// Steps are done once for each of these elements.
struct LoopBegun {
  std::uint32_t step = 0; ///< the first of the loop
  std::uint32_t end = 0;  ///< behind the last of the loop
  std::string as{};       ///< the name of the value that holds the element
  boost::json::array items{};
};

struct WaitOpened {
  std::string token{};
  QuestionKind kind = QuestionKind::step;
  ActionRef at{}; ///< meaningful for `QuestionKind::step`
  std::string text{};
  AnswerForm wants{};
};

struct WaitAnswered {
  std::string token{};
  bool yes = false;
  std::string who{};
  std::string note{};
  Value value{};             ///< the text, for a question that wants text or a choice; else null: no event has a secret
  std::uint64_t message = 0; ///< as that of `CancelRequested`
};

/// Nobody could be asked.
struct WaitUnreachable {
  std::string token{};
  std::string reason{};
};

/// What a timer is for.
enum class TimerKind : std::uint8_t {
  retry,    ///< a pause before the attempt with this number
  deadline, ///< the action is repeated no longer than until then
  run,      ///< the run is stopped then; `at` has no meaning
};

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(TimerKind kind) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(DoubtKind kind) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(DoubtDecision decision) noexcept;

struct TimerSet {
  ActionRef at{};
  std::uint32_t attempt = 1;
  std::chrono::milliseconds delay{0};
  TimerKind kind = TimerKind::retry;
};

struct TimerFired {
  ActionRef at{};
  std::uint32_t attempt = 1;
  TimerKind kind = TimerKind::retry;
};

struct CancelRequested {
  std::string who{};
  std::uint64_t message = 0; ///< the store's number of what somebody else has said (store.hpp); 0: it was said here
};

struct RollbackBegun {
  std::string reason{};
};

struct RunParked {
  std::string reason{};
};

/// A step whose effect may still be there.
struct Residue {
  std::uint32_t step = 0;
  ResidueCause cause = ResidueCause::no_undo;
  std::uint32_t iteration = 0;

  friend bool operator==(const Residue&, const Residue&) = default;
};

struct RunClosed {
  RunStatus status = RunStatus::failed;
  std::string reason{}; ///< why it did not succeed
  std::vector<Residue> residue{};
};

using EventData = std::variant<RunCreated, Claimed, StepIntent, StepTakenUp, StepDoubt, DoubtResolved, StepOutput,
                               StepOutcome, StepSettled, LoopBegun, WaitOpened, WaitAnswered, WaitUnreachable, TimerSet,
                               TimerFired, CancelRequested, RollbackBegun, RunParked, RunClosed>;

/// One entry of a run's journal.
struct Event {
  std::uint64_t seq = 0;                        ///< 1, 2, 3 … without gaps
  std::uint64_t fence = 0;                      ///< of the owner that wrote it
  std::chrono::system_clock::time_point time{}; ///< a label; order is given by `seq` alone
  EventData data{};
};

/// The event's stable name: "step_intent".
[[nodiscard]] RUNBOOK_EXPORT std::string_view type_name(const Event& event) noexcept;

/// `unpack`, `unpack/2` for the second action, `unpack:check`, `unpack:undo/2`, `unpack[3]` in a loop.
[[nodiscard]] RUNBOOK_EXPORT std::string action_path(const Outline& outline, const ActionRef& at);

/// The event as JSON: `seq`, `fence`, `time` (ISO 8601, UTC, milliseconds), `type` and the members of its data. With an
/// outline, events about steps carry the step's id as `step` besides its `index`.
[[nodiscard]] RUNBOOK_EXPORT Value to_json(const Event& event, const Outline* outline = nullptr);

/// Reads what `to_json` wrote.
[[nodiscard]] RUNBOOK_EXPORT Result<Event> event_from_json(const Value& value);

} // namespace runbook
