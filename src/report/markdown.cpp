// Reports as Markdown. Whatever stands in a title or in an output stays in its place: inline text is escaped, output
// stands in fences longer than any in it, and characters that nobody sees are written out.
#include "names.hpp"
#include "printable.hpp"
#include "report/words.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace runbook {

namespace {

/// Text that Markdown takes for nothing but text, on one line.
std::string escaped(std::string_view text) {
  constexpr std::string_view special = "\\`*_[]<>&|~#$";
  std::string out;
  for (const char c : printable(text)) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// Bold also keeps a title such as "- x" at the start of a line from becoming a list.
std::string bold(std::string_view text) {
  return fmt::format("**{}**", escaped(text));
}

std::string step_name(const StepOutline& step) {
  const std::string_view title = trimmed(step.title);
  if (title.empty() || title == step.id) return bold(step.id.empty() ? "unnamed step" : step.id);
  return fmt::format("{} ({})", bold(title), escaped(step.id));
}

class MarkdownWriter {
public:
  explicit MarkdownWriter(const Report& report) : report_(report), steps_(report) {}

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

  void heading(std::string_view text) { line("\n## {}\n", text); }

  void row(std::string_view name, const std::string& value) {
    if (!value.empty()) line("| {} | {} |", name, value);
  }

  void head() {
    const RunHeader& header = report_.header;
    const std::string_view title = trimmed(header.title);
    line("# {}\n", title.empty() ? "Run " + escaped(header.run) : escaped(title));
    line("**{}.**\n", status_words(report_.status));
    if (!report_.reason.empty()) line("Reason: {}\n", escaped(report_.reason));
    line("| | |\n|---|---|");
    row("Run", escaped(header.run));
    row("Started by", escaped(header.actor));
    row("Goes on from run", escaped(header.continues));
    for (const std::string& who : report_.owners) row("Carried out by", escaped(owner_in_words(who)));
    row("Started", clock_words(report_.started));
    if (report_.ended) {
      row("Ended",
          fmt::format("{}, after {}", clock_words(*report_.ended), duration_words(*report_.ended - report_.started)));
    } else {
      row("Last recorded",
          fmt::format("{}, after {}", clock_words(report_.updated), duration_words(report_.updated - report_.started)));
    }
    for (const std::string& who : report_.cancelled_by) row("Cancelled by", who.empty() ? "unknown" : escaped(who));
    row("Document", escaped(header.path));
    if (header.risk_level != RiskLevel::unspecified) row("Risk level", std::string(name_of(header.risk_level)));
    row("Rollback", std::string(name_of(header.rollback)));
    row("Document digest", escaped(header.document_digest));
    row("Plan digest", escaped(header.plan_digest));
  }

  void inputs() {
    if (report_.header.inputs.empty()) return;
    heading("Inputs");
    line("| Input | Value |\n|---|---|");
    for (const auto& input : report_.header.inputs) {
      line("| {} | {} |", escaped(input.key()), escaped(to_text(input.value())));
    }
  }

  void steps(Section section) {
    const auto in_section = [section](const StepReport& step) { return step.outline.section == section; };
    if (std::ranges::none_of(report_.steps, in_section)) return;
    heading(section_words(section));
    line("| Step | Result | Attempts | Duration |\n|---|---|--:|--:|");
    for (const StepReport& step : report_.steps) {
      if (!in_section(step)) continue;
      const std::size_t attempts = count_attempts(step);
      line("| {} | {} | {} | {} |", step_name(step.outline), result_words(step),
           attempts == 0 ? std::string() : std::to_string(attempts), step_duration_words(step));
    }
  }

  void all_failures() {
    bool first = true;
    for (const StepReport& step : report_.steps) {
      const auto attempts = failures(step);
      const bool never_started = step.settled && step.settled->status == OutcomeStatus::failed;
      if (attempts.empty() && !never_started) continue;
      if (first) heading("What went wrong");
      first = false;
      line("### {}\n", step_name(step.outline));
      if (never_started) line("- not started: {}\n", escaped(step.settled->message));
      for (const AttemptReport* attempt : attempts) failure(*attempt);
    }
  }

  void all_doubts() {
    bool first = true;
    for (const StepReport& step : report_.steps) {
      for (const AttemptReport* attempt : doubts(step)) {
        if (first) heading("What was in doubt");
        first = false;
        line("- {}, {}", step_name(step.outline), escaped(doubt_words(*attempt)));
      }
    }
  }

  void failure(const AttemptReport& attempt) {
    const std::string message = attempt.outcome ? attempt.outcome->message : "no outcome was recorded";
    line("- {}: {}\n", attempt_words(attempt), message.empty() ? "failed" : escaped(message));
    for (const AttemptReport::Output& output : attempt.outputs) {
      const Tail tail = tail_of(output.text);
      line("  {}{}\n", output_words(output), tail.cut ? ". Its end:" : tail.text.empty() ? "." : ":");
      if (!tail.text.empty()) fenced(tail.text);
    }
  }

  /// Inside a list item. The fence is longer than any run of backticks in the text.
  void fenced(std::string_view text) {
    const std::string shown = printable(text, "\n\t");
    std::size_t run = 0;
    std::size_t longest = 2;
    for (const char c : shown) {
      run = c == '`' ? run + 1 : 0;
      longest = std::max(longest, run);
    }
    const std::string fence(longest + 1, '`');
    line("  {}text", fence);
    for (std::size_t at = 0; at <= shown.size();) {
      const std::size_t end = std::min(shown.find('\n', at), shown.size());
      line("  {}", std::string_view(shown).substr(at, end - at));
      at = end + 1;
    }
    line("  {}\n", fence);
  }

  void undone_actions() {
    const auto actions = undone(report_);
    if (actions.empty() && !report_.rollback_begun) return;
    heading("What was undone, in this order");
    if (actions.empty()) line("Nothing.");
    std::size_t number = 0;
    for (const UndoneAction& action : actions) {
      line("{}. {}: {}", ++number, step_name(action.step->outline), undone_words(action));
    }
  }

  void residue() {
    if (report_.residue.empty()) return;
    heading("Still in place");
    for (const Residue& left : report_.residue) {
      const StepReport* step = steps_.find(left.step, left.iteration);
      line("- {}: {}", step != nullptr ? step_name(step->outline) : fmt::format("**step {}**", left.step + 1),
           residue_words(left.cause));
    }
  }

  void questions() {
    if (report_.questions.empty()) return;
    heading("Who answered what");
    for (const QuestionReport& question : report_.questions) {
      const bool is_about_step = is_about_action(question.kind);
      const StepReport* step = is_about_step ? steps_.find(question.step, question.iteration) : nullptr;
      const std::string text(trimmed(question.text));
      line("- {} {}: {}", step != nullptr ? step_name(step->outline) : std::string("**The run**"),
           text.empty() ? std::string() : fmt::format("“{}”", escaped(text)), escaped(answer_words(question)));
    }
  }

  const Report& report_;
  StepIndex steps_;
  std::string out_;
};

} // namespace

std::string to_markdown(const Report& report) {
  return MarkdownWriter(report).write();
}

} // namespace runbook
