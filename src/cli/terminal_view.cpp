#include "shown_text.hpp"
#include "step_view.hpp"
#include "views.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::cli {

namespace {

constexpr std::size_t widest_title = 44;
constexpr std::size_t columns_of_risk = 16; // "  risk: critical"
constexpr std::size_t lines_of_output = 12;
constexpr std::size_t rows_of_line = 4;

std::string_view heading(Section section) {
  switch (section) {
  case Section::prerequisites: return "Prerequisites";
  case Section::steps: return "Steps";
  case Section::verification: return "Verification";
  case Section::rollback: return "Rollback";
  }
  return "Steps";
}

std::string last_line(std::string_view output, std::size_t columns) {
  constexpr std::size_t enough = 4096;
  if (output.size() > enough) output.remove_prefix(output.size() - enough);
  std::vector<std::string> lines = shown_lines(output, columns);
  return lines.empty() ? std::string() : std::move(lines.back());
}

class TerminalView final : public StepView {
public:
  TerminalView(Plan plan, std::shared_ptr<Terminal> terminal, Palette palette)
      : StepView(std::move(plan)), terminal_(std::move(terminal)), palette_(palette) {}

  bool refresh(Moment now) override {
    terminal_->update(lines_, current().empty() ? std::string() : live_line(now));
    lines_.clear();
    ++turns_;
    return std::ranges::any_of(current(), [](const StepProgress& step) { return step.asked.empty(); });
  }
  [[nodiscard]] bool lost() const override { return false; } // a terminal that has gone away has nobody to be told

protected:
  void run_began(const RunHeader& run) override {
    for (const StepOutline& step : *run.outline) {
      title_width_ = std::max(title_width_, std::min(columns_of(step.title), widest_title));
    }
    line("{}{}", palette_.paint(Tone::strong, shown_line(run.title, room(columns_of_risk))), risk(run.risk_level));
    const std::string who = fmt::format("run {} by {}", run.run, run.actor);
    line("{}", palette_.paint(Tone::dim, shown_line(who, room(0))));
  }

  void step_began(const StepProgress& step) override {
    const Section section = outline(step).section;
    if (step.undo || (shown_section_ == section && any_section_)) return;
    any_section_ = true;
    shown_section_ = section;
    if (section != Section::rollback) line("\n{}", palette_.paint(Tone::strong, heading(section)));
  }

  void step_retries(const StepProgress& step, std::chrono::milliseconds delay) override {
    add_ended(palette_.paint(Tone::warning, palette_.failed()), step,
              fmt::format("attempt {} failed, next in {}", step.attempt, to_words(delay)));
    add_failure(step);
  }

  void step_ended(const StepProgress& step) override {
    if (!step.outcome) {
      return add_ended(palette_.paint(Tone::warning, palette_.waiting()), step, "waits for a person");
    }
    if (step.ok()) {
      const std::string note = step.answered_by.empty() ? "" : shown_line(step.answer + ", " + step.answered_by);
      return add_ended(palette_.paint(Tone::good, palette_.done()), step, note);
    }
    add_ended(palette_.paint(Tone::bad, palette_.failed()), step, std::string(to_string(step.outcome->status)));
    add_failure(step);
  }

  void step_settled(const StepProgress& step) override {
    step_began(step);
    if (step.outcome->status == OutcomeStatus::skipped) {
      return add_ended(palette_.paint(Tone::dim, palette_.waiting()), step, "skipped, " + step.outcome->message);
    }
    step_ended(step);
  }

  void question_opened(const WaitOpened& question) override { question_ = question.text; } // the approver puts it
  void question_answered(const WaitAnswered& answer) override {
    if (is_asked_by_step(answer.token)) return; // told with the step
    const std::string said = shown_line(fmt::format("{}, {}", to_words(answer), answer.who));
    const std::string shown = shown_line(question_, std::max<std::size_t>(room(6 + columns_of(said)), 12));
    line("  {} {}  {}", palette_.paint(Tone::warning, palette_.waiting()), shown, said);
  }
  void question_unreachable(const WaitUnreachable& question) override {
    line("  {} {}", palette_.paint(Tone::warning, palette_.waiting()),
         shown_line("nobody can be asked: " + question.reason, room(4)));
  }
  void cancel_requested(const std::string& who) override {
    line("  {}", palette_.paint(Tone::warning, shown_line("Cancel requested by " + who, room(2))));
  }
  void rollback_began(const std::string& reason) override {
    line("\n{} {}", palette_.paint(Tone::strong, "Rolling back:"), shown_line(reason, room(14)));
  }

private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(lines_), format, std::forward<Args>(args)...);
    lines_ += '\n';
  }

  // Columns that are left behind so many.
  [[nodiscard]] std::size_t room(std::size_t used) const {
    const std::size_t columns = terminal_->columns();
    return columns > used ? columns - used : 0;
  }

  [[nodiscard]] std::string risk(RiskLevel level) const {
    if (level == RiskLevel::unspecified) return {};
    const bool high = level == RiskLevel::high || level == RiskLevel::critical;
    return "  " + palette_.paint(high ? Tone::warning : Tone::dim, fmt::format("risk: {}", to_string(level)));
  }

  // The title, filled up so that what follows stands below each other; what does not fit is cut.
  [[nodiscard]] std::string title(const StepProgress& step, std::size_t columns) const {
    const std::string text = (step.undo ? "Undo: " : "") + title_of(step);
    std::string shown = shown_line(text, columns);
    const std::size_t used = columns_of(shown);
    const std::size_t wanted = std::min(columns, title_width_ + 6); // "Undo: "
    if (used < wanted) shown.append(wanted - used, ' ');
    return shown;
  }

  void add_ended(const std::string& symbol, const StepProgress& step, const std::string& note) {
    const std::string time = to_words(step.ended - step.began);
    const std::string name = title(step, room(4 + 2 + 7));
    line("  {} {}  {}{}", symbol, name, palette_.paint(Tone::dim, fmt::format("{:>6}", time)),
         note.empty() ? "" : "  " + shown_line(note, std::max<std::size_t>(room(columns_of(name) + 15), 12)));
  }

  void add_failure(const StepProgress& step) {
    for (const std::string& text : folded_lines(step.outcome->message, room(6), rows_of_line)) {
      line("      {}", palette_.paint(Tone::bad, text));
    }
    const std::vector<std::string> rows = folded_lines(step.output, room(8), rows_of_line);
    for (std::size_t i = rows.size() - std::min(rows.size(), lines_of_output); i < rows.size(); ++i) {
      line("      {} {}", palette_.paint(Tone::dim, palette_.bar()), rows[i]);
    }
  }

  // Some room is left at its end: the terminal writes `^C` there.
  [[nodiscard]] std::string live_line(Moment now) const {
    const StepProgress& step = current().back();
    const std::string time = to_words(now - step.began);
    const std::string name = title(step, std::min(room(4 + 2 + 7 + 3), title_width_ + 6));
    const std::size_t used = 4 + columns_of(name) + 2 + std::max<std::size_t>(time.size(), 6) + 2 + 3;
    std::string text = fmt::format("  {} {}  {:>6}", palette_.paint(Tone::busy, palette_.busy(turns_)), name, time);
    std::string newest = step.asked.empty() ? last_line(step.output, room(used)) : "waits for an answer";
    if (current().size() > 1) newest = fmt::format("and {} more", current().size() - 1);
    if (!newest.empty() && room(used) >= 8) text += "  " + palette_.paint(Tone::dim, newest);
    return text;
  }

  std::shared_ptr<Terminal> terminal_;
  Palette palette_;
  std::string lines_;
  std::string question_; ///< the newest
  std::size_t title_width_ = 0;
  unsigned turns_ = 0;
  Section shown_section_ = Section::prerequisites;
  bool any_section_ = false;
};

} // namespace

std::unique_ptr<View> make_terminal_view(Plan plan, std::shared_ptr<Terminal> terminal, Palette palette) {
  return std::make_unique<TerminalView>(std::move(plan), std::move(terminal), palette);
}

} // namespace runbook::cli
