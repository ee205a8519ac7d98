#include "run_summary.hpp"

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

// What a parked run waits for: the newest question that nobody could be asked.
std::string open_question(const std::vector<Event>& events) {
  std::string token;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (const auto* unreachable = std::get_if<WaitUnreachable>(&event->data); unreachable && token.empty()) {
      token = unreachable->token;
    }
    const auto* opened = std::get_if<WaitOpened>(&event->data);
    if (opened && opened->token == token) return opened->text;
  }
  return {};
}

} // namespace

std::string run_summary(const RunResult& result, const Outline& outline, const Palette& palette,
                        const std::string& report_command) {
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
  if (result.status == RunStatus::parked && !result.error) {
    text += fmt::format("  Waits for a person: {}\n", shown_line(open_question(result.events)));
    text += "  Questions are asked on a terminal, or answered by --yes.\n";
  }
  if (!report_command.empty()) text += fmt::format("  Report: {}\n", report_command);
  return text;
}

} // namespace runbook::cli
