// Outcomes: how one attempt at one action ended.
//
// Ownership: plain values. Thread-safety: as with any value type.
#pragma once

#include <runbook/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace runbook {

enum class OutcomeStatus : std::uint8_t {
  ok,
  failed,
  timed_out, ///< stopped because its time was over
  cancelled, ///< stopped on request
  skipped,   ///< never started, and not a failure: of a step, not of an attempt
};

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(OutcomeStatus status) noexcept;

/// How an attempt ended. `value` is what the handler reports (for a shell step `{"exit_code": 1}`), `message` the words
/// for a person when it did not end well.
struct Outcome {
  OutcomeStatus status = OutcomeStatus::ok;
  Value value{};
  std::string message{};

  [[nodiscard]] bool ok() const noexcept { return status == OutcomeStatus::ok; }
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Where a piece of output came from.
enum class Stream : std::uint8_t { out, err };

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(Stream stream) noexcept;

/// What a question is about.
enum class QuestionKind : std::uint8_t {
  step,              ///< a manual step: has it been done?
  rollback,          ///< the run failed: shall it be rolled back?
  stop_rollback,     ///< a cancel came during the rollback: shall the rollback be given up?
  continue_rollback, ///< an undo failed: shall the others still be undone?
  doubt,             ///< the run's owner ended while an action was under way: was it done?
};

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(QuestionKind kind) noexcept;

/// Whether the question is about an action; else it is about the run.
[[nodiscard]] constexpr bool is_about_action(QuestionKind kind) noexcept {
  return kind == QuestionKind::step || kind == QuestionKind::doubt;
}

} // namespace runbook
