// Reports as plain text, for a terminal. Nothing in it can move the cursor or colour anything.
#include "names.hpp"
#include "printable.hpp"
#include "report/words.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace runbook {

namespace {

std::string step_name(const StepOutline& step) {
  if (step.title.empty() || step.title == step.id) return printable(step.id);
  return fmt::format("{} ({})", printable(step.title), printable(step.id));
}

class TextWriter {
public:
  explicit TextWriter(const Report& report) : report_(report), steps_(report) {}

  std::string write() {
    head();
    inputs();
    for (const Section section : {Section::prerequisites, Section::steps, Section::verification, Section::rollback}) {
      steps(section);
    }
    all_failures();
    all_doubts();
    undone_actions();
    residue();
    questions();
    return std::move(out_);
  }

private:
  template <class... Parts>
  void line(fmt::format_string<Parts...> text, Parts&&... parts) {
    fmt::format_to(std::back_inserter(out_), text, std::forward<Parts>(parts)...);
    out_ += '\n';
  }

  void row(std::string_view name, std::string_view value) {
    if (!value.empty()) line("  {:<16} {}", name, printable(value));
  }

  void head() {
    const RunHeader& header = report_.header;
    line("{}", header.title.empty() ? printable(header.run) : printable(header.title));
    line("{}.", status_words(report_.status));
    if (!report_.reason.empty()) line("Reason: {}", printable(report_.reason));
    line("");
    row("Run", header.run);
    row("Started by", header.actor);
    if (!header.continues.empty()) row("Goes on from", header.continues);
    for (const std::string& who : report_.owners) row("Carried out by", owner_in_words(who));
    row("Started", clock_words(report_.started));
    const auto end = report_.ended.value_or(report_.updated);
    row(report_.ended ? "Ended" : "Last recorded",
        fmt::format("{}, after {}", clock_words(end), duration_words(end - report_.started)));
    for (const std::string& who : report_.cancelled_by) row("Cancelled by", who.empty() ? "unknown" : who);
    row("Document", header.path);
    if (header.risk_level != RiskLevel::unspecified) row("Risk level", name_of(header.risk_level));
    row("Rollback", name_of(header.rollback));
    row("Document digest", header.document_digest);
    row("Plan digest", header.plan_digest);
  }

  void inputs() {
    if (report_.header.inputs.empty()) return;
    line("\nInputs");
    for (const auto& input : report_.header.inputs) {
      line("  {} = {}", printable(input.key()), printable(to_text(input.value())));
    }
  }

  void steps(Section section) {
    const auto in_section = [section](const StepReport& step) { return step.outline.section == section; };
    if (std::ranges::none_of(report_.steps, in_section)) return;
    line("\n{}", section_words(section));
    for (const StepReport& step : report_.steps) {
      if (!in_section(step)) continue;
      std::string words = result_words(step);
      if (const auto attempts = count_attempts(step); attempts > 1) words += fmt::format(", {} attempts", attempts);
      if (const auto duration = step_duration_words(step); !duration.empty()) words += fmt::format(", {}", duration);
      line("  {}: {}", step_name(step.outline), words);
    }
  }

  void all_failures() {
    bool first = true;
    for (const StepReport& step : report_.steps) {
      if (step.settled && step.settled->status == OutcomeStatus::failed) {
        if (first) line("\nWhat went wrong");
        first = false;
        line("  {}, not started: {}", step_name(step.outline), printable(step.settled->message));
      }
      for (const AttemptReport* attempt : failures(step)) {
        if (first) line("\nWhat went wrong");
        first = false;
        const std::string message = attempt->outcome ? attempt->outcome->message : "no outcome was recorded";
        line("  {}, {}: {}", step_name(step.outline), attempt_words(*attempt),
             message.empty() ? "failed" : printable(message));
        for (const AttemptReport::Output& output : attempt->outputs) write_output(output);
      }
    }
  }

  void all_doubts() {
    bool first = true;
    for (const StepReport& step : report_.steps) {
      for (const AttemptReport* attempt : doubts(step)) {
        if (first) line("\nWhat was in doubt");
        first = false;
        line("  {}, {}", step_name(step.outline), printable(doubt_words(*attempt)));
      }
    }
  }

  void write_output(const AttemptReport::Output& output) {
    const Tail tail = tail_of(output.text);
    line("    {}{}", output_words(output), tail.cut ? ". Its end:" : tail.text.empty() ? "." : ":");
    if (tail.text.empty()) return;
    const std::string shown = printable(tail.text, "\n\t");
    for (std::size_t at = 0; at <= shown.size();) {
      const std::size_t end = std::min(shown.find('\n', at), shown.size());
      line("    | {}", std::string_view(shown).substr(at, end - at));
      at = end + 1;
    }
  }

  void undone_actions() {
    const auto actions = undone(report_);
    if (actions.empty() && !report_.rollback_begun) return;
    line("\nWhat was undone, in this order");
    if (actions.empty()) line("  nothing");
    std::size_t number = 0;
    for (const UndoneAction& action : actions) {
      line("  {}. {}: {}", ++number, step_name(action.step->outline), undone_words(action));
    }
  }

  void residue() {
    if (report_.residue.empty()) return;
    line("\nStill in place");
    for (const Residue& left : report_.residue) {
      const StepReport* step = steps_.find(left.step, left.iteration);
      line("  {}: {}", step != nullptr ? step_name(step->outline) : fmt::format("step {}", left.step + 1),
           residue_words(left.cause));
    }
  }

  void questions() {
    if (report_.questions.empty()) return;
    line("\nWho answered what");
    for (const QuestionReport& question : report_.questions) {
      const bool is_about_step = is_about_action(question.kind);
      const StepReport* step = is_about_step ? steps_.find(question.step, question.iteration) : nullptr;
      const std::string about = step != nullptr ? step_name(step->outline) : std::string("the run");
      line("  {}: \"{}\": {}", about, printable(question.text), printable(answer_words(question)));
    }
  }

  const Report& report_;
  StepIndex steps_;
  std::string out_;
};

} // namespace

std::string to_text(const Report& report) {
  return TextWriter(report).write();
}

} // namespace runbook
