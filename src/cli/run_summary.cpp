#include "run_summary.hpp"

#include "output.hpp"
#include "shown_text.hpp"
#include "step_view.hpp"

#include <fmt/format.h>

namespace runbook::cli {

namespace {

Tone tone_of(RunStatus status) {
  switch (status) {
  case RunStatus::succeeded: return Tone::good;
  case RunStatus::rolled_back:
  case RunStatus::cancelled:
  case RunStatus::parked: return Tone::warning;
  default: return Tone::bad;
  }
}

std::string elapsed(const RunResult& result) {
  if (result.events.empty()) return {};
  return " in " + to_words(result.events.back().time - result.events.front().time);
}

// What a parked run waits for: the newest question that nobody could be asked. Null if there is none.
const WaitOpened* open_question(const std::vector<Event>& events) {
  std::string token;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (const auto* unreachable = std::get_if<WaitUnreachable>(&event->data); unreachable && token.empty()) {
      token = unreachable->token;
    }
    const auto* opened = std::get_if<WaitOpened>(&event->data);
    if (opened && opened->token == token) return opened;
  }
  return nullptr;
}

// How the question of a parked run is answered. A run that was kept in memory is gone.
std::string ways_on(const RunResult& result, const std::string& store) {
  const WaitOpened* question = open_question(result.events);
  if (question == nullptr) return {};
  std::string text = fmt::format("  Waits for a person: {}\n", shown_line(question->text));
  if (store.empty()) return text + "  Questions are asked on a terminal, or answered by --yes.\n";
  const std::string_view answer = question->wants.kind == AnswerKind::yes_no ? "yes" : "ANSWER";
  if (question->wants.kind != AnswerKind::secret) {
    text += fmt::format("  Answer: runbook answer {} {} {} --store {}\n", result.run, shell_word(question->token),
                        answer, shell_word(store));
  }
  return text + fmt::format("  Go on:  runbook resume {} --store {}\n", result.run, shell_word(store));
}

} // namespace

std::string run_summary(const RunResult& result, const Outline& outline, const Palette& palette,
                        const std::string& store) {
  std::string text =
      fmt::format("\n{}{}\n", palette.paint(tone_of(result.status), to_string(result.status)), elapsed(result));
  for (const std::string& row : shown_lines(result.reason)) text += fmt::format("  {}\n", row);
  if (!result.residue.empty()) text += fmt::format("  {}\n", palette.paint(Tone::bad, "Not undone:"));
  for (const Residue& left : result.residue) {
    const StepOutline& step = outline[left.step];
    const std::string number = left.iteration == 0 ? "" : fmt::format("[{}]", left.iteration);
    text +=
        fmt::format("    - {} ({}{}): {}\n", shown_line(step.title), shown_line(step.id), number, to_words(left.cause));
  }
  if (result.status == RunStatus::parked && !result.error) text += ways_on(result, store);
  if (!store.empty()) text += fmt::format("  Report: runbook report {} --store {}\n", result.run, shell_word(store));
  return text;
}

} // namespace runbook::cli
