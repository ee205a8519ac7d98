#include "report/words.hpp"

#include "names.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

bool is_undo(const StepReport& step, const AttemptReport& attempt) {
  return attempt.kind == ActionKind::undo || step.outline.section == Section::rollback;
}

using ActionKey = std::pair<ActionKind, std::uint16_t>;

/// The last attempt at each action, in the order in which the actions were first started.
std::vector<const AttemptReport*> last_attempts(const StepReport& step) {
  std::vector<ActionKey> order;
  std::map<ActionKey, const AttemptReport*> last;
  for (const AttemptReport& attempt : step.attempts) {
    const ActionKey key{attempt.kind, attempt.part};
    if (last.insert_or_assign(key, &attempt).second) order.push_back(key);
  }
  std::vector<const AttemptReport*> attempts;
  attempts.reserve(order.size());
  for (const ActionKey& key : order) attempts.push_back(last[key]);
  return attempts;
}

std::string_view outcome_words(const std::optional<Outcome>& outcome) noexcept {
  if (!outcome) return "no outcome recorded";
  switch (outcome->status) {
  case OutcomeStatus::ok: return "ok";
  case OutcomeStatus::failed: return "failed";
  case OutcomeStatus::timed_out: return "timed out";
  case OutcomeStatus::cancelled: return "cancelled";
  case OutcomeStatus::skipped: return "skipped";
  }
  return "unknown";
}

bool ended_well(const AttemptReport& attempt) {
  return attempt.outcome && attempt.outcome->ok();
}

/// What the first attempt that did not end well came to; "ok" if there is none, empty if there were no attempts.
std::string_view worst(const std::vector<const AttemptReport*>& attempts, ActionKind kind) {
  std::string_view words;
  for (const AttemptReport* attempt : attempts) {
    if ((attempt->kind == ActionKind::undo) != (kind == ActionKind::undo)) continue;
    words = outcome_words(attempt->outcome);
    if (!ended_well(*attempt)) break;
  }
  return words;
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

} // namespace

StepIndex::StepIndex(const Report& report) {
  for (const StepReport& step : report.steps) steps_.emplace(std::pair{step.index, step.iteration}, &step);
}

const StepReport* StepIndex::find(std::uint32_t index, std::uint32_t iteration) const {
  const auto found = steps_.find({index, iteration});
  return found == steps_.end() ? nullptr : found->second;
}

std::string_view status_words(RunStatus status) noexcept {
  switch (status) {
  case RunStatus::running: return "Not ended: it is still running, or what ran it was stopped";
  case RunStatus::succeeded: return "Succeeded";
  case RunStatus::rolled_back: return "Did not succeed, and everything that was started is undone";
  case RunStatus::partially_rolled_back: return "Did not succeed, and not everything that was started is undone";
  case RunStatus::failed: return "Failed, and was not rolled back";
  case RunStatus::cancelled: return "Cancelled, and was not rolled back";
  case RunStatus::parked: return "Parked: it waits and can be taken up again";
  }
  return "Unknown";
}

std::string_view section_words(Section section) noexcept {
  switch (section) {
  case Section::prerequisites: return "Prerequisites";
  case Section::steps: return "Steps";
  case Section::verification: return "Verification";
  case Section::rollback: return "Rollback procedure";
  }
  return "Unknown";
}

std::string_view residue_words(ResidueCause cause) noexcept {
  switch (cause) {
  case ResidueCause::no_undo: return "it has no undo";
  case ResidueCause::irreversible: return "it cannot be undone";
  case ResidueCause::undo_failed: return "its undo failed";
  case ResidueCause::undo_declined: return "it was decided not to undo it";
  case ResidueCause::undo_abandoned: return "the rollback was given up before its undo";
  }
  return "unknown";
}

std::string result_words(const StepReport& step) {
  if (step.settled) return fmt::format("{}: {}", name_of(step.settled->status), step.settled->message);
  if (step.attempts.empty()) return "not reached";
  const auto attempts = last_attempts(step);
  std::string words(worst(attempts, ActionKind::forward));
  const std::string_view undo = worst(attempts, ActionKind::undo);
  if (undo.empty()) return words;
  if (!words.empty()) words += ", ";
  return words + (undo == "ok" ? "undone" : fmt::format("undo: {}", undo));
}

std::string answer_words(const QuestionReport& question) {
  if (question.answer) {
    const std::string by = question.who.empty() ? std::string() : fmt::format(", by {}", question.who);
    const std::string note = question.note.empty() ? std::string() : fmt::format(" ({})", question.note);
    std::string said = *question.answer ? "yes" : "no";
    if (*question.answer && question.wants.kind == AnswerKind::secret) said = "a secret";
    if (!question.value.is_null()) said = to_text(question.value);
    return said + by + note;
  }
  if (!question.unreachable.empty()) return fmt::format("nobody could be asked ({})", question.unreachable);
  return "not answered";
}

std::string attempt_words(const AttemptReport& attempt) {
  std::string words = fmt::format("attempt {}", attempt.attempt);
  if (attempt.kind != ActionKind::forward) words += fmt::format(" at the {}", name_of(attempt.kind));
  if (attempt.part > 0) words += fmt::format(", part {}", attempt.part + 1);
  return words;
}

namespace {

std::string decision_words(const DoubtReport& doubt) {
  if (doubt.kind == DoubtKind::not_started) return "it was started again";
  if (!doubt.decision) return "nothing was made of it";
  const std::string by = doubt.who.empty() ? std::string() : fmt::format(", says {}", doubt.who);
  const std::string why = doubt.reason.empty() ? std::string() : fmt::format(" ({})", doubt.reason);
  switch (*doubt.decision) {
  case DoubtDecision::done: return "it counts as done" + by + why;
  case DoubtDecision::failed: return "it counts as failed" + by + why;
  case DoubtDecision::repeat: break;
  }
  return "it was done again" + by + why;
}

} // namespace

std::string doubt_words(const AttemptReport& attempt) {
  const DoubtReport& doubt = *attempt.doubt;
  const bool never = doubt.kind == DoubtKind::not_started;
  return fmt::format("{}: {} ({}); {}", attempt_words(attempt),
                     never ? "it was never started" : "nobody knew how it went", doubt.evidence, decision_words(doubt));
}

std::vector<const AttemptReport*> doubts(const StepReport& step) {
  std::vector<const AttemptReport*> found;
  for (const AttemptReport& attempt : step.attempts) {
    if (attempt.doubt) found.push_back(&attempt);
  }
  return found;
}

std::string output_words(const AttemptReport::Output& output) {
  const std::string_view stream = output.stream == Stream::out ? "Standard output" : "Standard error";
  std::string words = fmt::format("{}: {} bytes", stream, grouped(output.size));
  if (output.kept < output.size) words += fmt::format(", of which the first {} were kept", grouped(output.kept));
  return words;
}

std::string clock_words(std::chrono::system_clock::time_point time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(second - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::string duration_words(std::chrono::system_clock::duration duration) {
  using std::chrono::milliseconds;
  const auto ms = std::max(std::chrono::duration_cast<milliseconds>(duration), milliseconds{0}).count();
  const auto seconds = ms / 1000;
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (seconds < 60) return fmt::format("{}.{} s", seconds, ms % 1000 / 100);
  if (seconds < 3600) return fmt::format("{} m {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} m", seconds / 3600, seconds % 3600 / 60);
}

std::string step_duration_words(const StepReport& step) {
  std::optional<std::chrono::system_clock::time_point> first;
  std::optional<std::chrono::system_clock::time_point> last;
  for (const AttemptReport& attempt : step.attempts) {
    if (attempt.kind == ActionKind::undo) continue;
    if (!first) first = attempt.started;
    last = attempt.ended;
  }
  return first && last ? duration_words(*last - *first) : std::string();
}

std::size_t count_attempts(const StepReport& step) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      step.attempts, [](const AttemptReport& attempt) { return attempt.kind != ActionKind::undo; }));
}

std::vector<const AttemptReport*> failures(const StepReport& step) {
  auto attempts = last_attempts(step);
  std::erase_if(attempts, [](const AttemptReport* attempt) { return ended_well(*attempt); });
  return attempts;
}

std::vector<UndoneAction> undone(const Report& report) {
  std::map<std::uint64_t, UndoneAction> by_start;
  for (const StepReport& step : report.steps) {
    std::map<ActionKey, UndoneAction*> actions;
    for (const AttemptReport& attempt : step.attempts) {
      if (!is_undo(step, attempt)) continue;
      UndoneAction*& action = actions[{attempt.kind, attempt.part}];
      if (action == nullptr) action = &by_start[attempt.seq];
      action->step = &step;
      action->last = &attempt;
      ++action->attempts;
    }
  }
  std::vector<UndoneAction> list;
  list.reserve(by_start.size());
  for (const auto& [seq, action] : by_start) list.push_back(action);
  return list;
}

std::string undone_words(const UndoneAction& action) {
  const AttemptReport& last = *action.last;
  std::string words(outcome_words(last.outcome));
  if (last.part > 0) words += fmt::format(", part {}", last.part + 1);
  if (action.attempts > 1) words += fmt::format(", {} attempts", action.attempts);
  if (last.ended) words += fmt::format(", {}", duration_words(*last.ended - last.started));
  return words;
}

Tail tail_of(std::string_view text) {
  constexpr std::size_t most_lines = 20;
  constexpr std::size_t most_bytes = 16'384;
  if (text.ends_with('\n')) text.remove_suffix(1);
  const std::size_t floor = text.size() - std::min(text.size(), most_bytes);
  std::size_t start = text.size();
  for (std::size_t lines = 0; start > floor; --start) {
    if (text[start - 1] == '\n' && ++lines == most_lines) break;
  }
  return {text.substr(start), start > 0};
}

std::string owner_in_words(std::string_view owner) {
  if (owner.empty()) return "unknown";
  const std::size_t host_end = owner.find(':');
  return std::string(owner.substr(0, host_end == std::string_view::npos ? host_end : owner.find(':', host_end + 1)));
}

} // namespace runbook
