// What reports say in words, the same in Markdown and in plain text.
#pragma once

#include <runbook/report.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook {

/// Finds the steps of a report, to which it refers, by their place in the plan.
class StepIndex {
public:
  explicit StepIndex(const Report& report);
  /// Null if there is none.
  [[nodiscard]] const StepReport* find(std::uint32_t index, std::uint32_t iteration) const;

private:
  std::map<std::pair<std::uint32_t, std::uint32_t>, const StepReport*> steps_;
};

/// "Failed, and everything that was started is undone".
[[nodiscard]] std::string_view status_words(RunStatus status) noexcept;
[[nodiscard]] std::string_view section_words(Section section) noexcept;
/// "it has no undo".
[[nodiscard]] std::string_view residue_words(ResidueCause cause) noexcept;
/// "failed, undone".
[[nodiscard]] std::string result_words(const StepReport& step);
/// "yes, by alice".
[[nodiscard]] std::string answer_words(const QuestionReport& question);
/// "attempt 2 of the undo, part 3".
[[nodiscard]] std::string attempt_words(const AttemptReport& attempt);
/// "standard output: 1,234 bytes, of which the first 1,000 were kept".
[[nodiscard]] std::string output_words(const AttemptReport::Output& output);

/// "2024-05-01 12:00:00 UTC".
[[nodiscard]] std::string clock_words(std::chrono::system_clock::time_point time);
/// "350 ms", "3.2 s", "2 m 05 s", "1 h 02 m".
[[nodiscard]] std::string duration_words(std::chrono::system_clock::duration duration);
/// From the first start to the last end of the step's own attempts, without its undo; empty if it is not known.
[[nodiscard]] std::string step_duration_words(const StepReport& step);

/// How many attempts the step's own actions took.
[[nodiscard]] std::size_t count_attempts(const StepReport& step) noexcept;
/// An attempt that did not end well and was the last at its action.
[[nodiscard]] std::vector<const AttemptReport*> failures(const StepReport& step);

/// "attempt 1: nobody knew how it went (why); it counts as done, says ann (why)".
[[nodiscard]] std::string doubt_words(const AttemptReport& attempt);

/// The attempts of a step that were in doubt.
[[nodiscard]] std::vector<const AttemptReport*> doubts(const StepReport& step);

/// One thing that the rollback did.
struct UndoneAction {
  const StepReport* step = nullptr;
  const AttemptReport* last = nullptr; ///< its last attempt
  std::size_t attempts = 0;
};
/// In the order in which they were begun.
[[nodiscard]] std::vector<UndoneAction> undone(const Report& report);
/// "ok, 2 attempts, 1.5 s".
[[nodiscard]] std::string undone_words(const UndoneAction& action);

/// The end of an output: at most so many lines and characters. `cut` tells that something before it is left out.
struct Tail {
  std::string_view text;
  bool cut = false;
};
[[nodiscard]] Tail tail_of(std::string_view text);

/// `host:pid`, without what tells a process from a later one of that number.
[[nodiscard]] std::string owner_in_words(std::string_view owner);

} // namespace runbook
