// Reports: what a run did, for people and for programs. A report is made from the journal and nothing else.
//
// Ownership: plain values. Thread-safety: as with any value type.
#pragma once

#include <runbook/event.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace runbook {

/// Nobody could tell how an attempt went.
struct DoubtReport {
  DoubtKind kind = DoubtKind::unknown;
  std::string evidence{};                  ///< why, or how it is known that it was never started
  std::optional<DoubtDecision> decision{}; ///< what was made of it; none: nothing yet, or the run ended without
  std::string who{};                       ///< the person who said so; empty: nobody was asked
  std::string reason{};
};

/// One attempt at one action.
struct AttemptReport {
  std::uint64_t seq = 0; ///< of its intent: tells what came first, over all steps
  ActionKind kind = ActionKind::forward;
  std::uint16_t part = 0;
  std::uint32_t attempt = 1;
  std::optional<Outcome> outcome{}; ///< none: the journal ends before it was known
  std::chrono::system_clock::time_point started{};
  std::optional<std::chrono::system_clock::time_point> ended{};
  std::string answered_by{}; ///< for a question to a person: who answered
  std::string note{};
  std::optional<DoubtReport> doubt{};
  struct Output {
    Stream stream = Stream::out;
    std::uint64_t seq = 0; ///< of its event: names the kept bytes in the store
    std::uint64_t size = 0;
    std::uint64_t kept = 0;
    std::string digest;
    std::string text; ///< what `OutputReader` gave
  };
  std::vector<Output> outputs{};
};

/// A step, or a step of a loop for one element.
struct StepReport {
  StepOutline outline{};       ///< for an element the id ends with its number, "drain[2]"
  std::uint32_t index = 0;     ///< in the plan
  std::uint32_t iteration = 0; ///< the number of the element, from 1; 0: in no loop, or in one that has not begun
  Value element{};
  std::optional<Outcome> settled{};      ///< it was skipped, or failed, without being started
  std::vector<AttemptReport> attempts{}; ///< in order of start; empty: the run did not come to it
};

/// A question to a person, about a step or about the run.
struct QuestionReport {
  QuestionKind kind = QuestionKind::step;
  std::uint32_t step = 0;      ///< index in the plan; meaningful for `QuestionKind::step`
  std::uint32_t iteration = 0; ///< of that step
  std::string text{};
  std::chrono::system_clock::time_point asked{};
  AnswerForm wants{};
  std::optional<bool> answer{}; ///< none: not answered
  Value value{};                ///< what was answered beside yes; null for a secret
  std::string who{};
  std::string note{};
  std::string unreachable{}; ///< why nobody could be asked; empty: somebody could
};

struct Report {
  RunHeader header{};
  RunStatus status = RunStatus::running;
  std::string reason{}; ///< why it did not succeed
  std::chrono::system_clock::time_point started{};
  std::optional<std::chrono::system_clock::time_point> ended{};
  std::chrono::system_clock::time_point updated{}; ///< when its last event was recorded
  std::vector<StepReport> steps{};                 ///< in the plan's order; a loop's steps element by element
  std::vector<Residue> residue{};
  std::vector<QuestionReport> questions{}; ///< in the order in which they were asked
  bool rollback_begun = false;
  std::vector<std::string> cancelled_by{}; ///< one entry for each request
  std::vector<std::string> owners{};       ///< the processes that carried it out, in order
};

/// Reads the kept bytes of the output event with this number; see `RunStore::output`.
using OutputReader = std::function<std::string(std::uint64_t seq)>;

/// The report of a journal that starts with its `RunCreated`. Without a reader the outputs' texts stay empty.
[[nodiscard]] RUNBOOK_EXPORT Report make_report(std::span<const Event> events, const OutputReader& outputs = {});

/// A Markdown document: what ran, how it ended, what was undone and what was not. Output and titles cannot break out
/// of their place in it.
[[nodiscard]] RUNBOOK_EXPORT std::string to_markdown(const Report& report);
[[nodiscard]] RUNBOOK_EXPORT std::string to_text(const Report& report);
[[nodiscard]] RUNBOOK_EXPORT Value to_json(const Report& report);

} // namespace runbook
