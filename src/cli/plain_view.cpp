// Lines for logs: a word for what it is about, the step's id, what happened to it, and details, two blanks apart.
#include "output.hpp"
#include "shown_text.hpp"
#include "step_view.hpp"
#include "views.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

namespace runbook::cli {

namespace {

constexpr std::size_t columns = 1000;
constexpr std::size_t lines_of_output = 20;

std::string_view word_for(Section section) {
  switch (section) {
  case Section::prerequisites: return "prerequisite";
  case Section::steps: return "step";
  case Section::verification: return "verification";
  case Section::rollback: return "rollback";
  }
  return "step";
}

class PlainView final : public StepView {
public:
  using StepView::StepView;

  bool refresh(Moment) override {
    if (!lines_.empty() && !lost_) lost_ = !write_all(STDOUT_FILENO, lines_);
    lines_.clear();
    return false;
  }
  [[nodiscard]] bool lost() const override { return lost_; }

protected:
  void run_began(const RunHeader& run) override {
    line("run  {}  {}  risk {}  by {}", run.run, shown_line(run.title, columns), to_string(run.risk_level),
         shown_line(run.actor, columns));
  }
  void step_began(const StepProgress& step) override { line("{}  started", name(step)); }
  void step_retries(const StepProgress& step, std::chrono::milliseconds delay) override {
    line("{}  attempt {} failed, next in {}{}", name(step), step.attempt, to_words(delay), message(step));
    print_output(step);
  }
  void step_ended(const StepProgress& step) override {
    if (!step.outcome) return; // it waits for a person: said when the question was opened
    const std::string by = step.answered_by.empty() ? "" : "  answered by " + shown_line(step.answered_by, columns);
    line("{}  {}  {}{}{}", name(step), to_string(step.outcome->status), to_words(step.ended - step.began), by,
         message(step));
    if (!step.ok()) print_output(step);
  }
  void step_settled(const StepProgress& step) override {
    line("{}  {}{}", name(step), to_string(step.outcome->status), message(step));
  }
  void question_opened(const WaitOpened& question) override {
    line("question  {}  {}", shown_line(question.token, columns), shown_line(question.text, columns));
  }
  void question_answered(const WaitAnswered& answer) override {
    line("question  {}  answered {} by {}", shown_line(answer.token, columns), shown_line(to_words(answer), columns),
         shown_line(answer.who, columns));
  }
  void question_unreachable(const WaitUnreachable& question) override {
    line("question  {}  nobody can be asked: {}", shown_line(question.token, columns),
         shown_line(question.reason, columns));
  }
  void cancel_requested(const std::string& who) override { line("cancel  requested by {}", shown_line(who, columns)); }
  void rollback_began(const std::string& reason) override { line("rollback  begins  {}", shown_line(reason, columns)); }

private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(lines_), format, std::forward<Args>(args)...);
    lines_ += '\n';
  }

  [[nodiscard]] std::string name(const StepProgress& step) const {
    const StepOutline& of = outline(step);
    const std::string number = step.iteration == 0 ? "" : fmt::format("[{}]", step.iteration);
    return fmt::format("{}  {}{}", step.undo ? "undo" : word_for(of.section), shown_line(of.id, columns), number);
  }

  [[nodiscard]] static std::string message(const StepProgress& step) {
    if (!step.outcome || step.outcome->message.empty()) return {};
    return "  " + shown_line(step.outcome->message, columns);
  }

  void print_output(const StepProgress& step) {
    const std::vector<std::string> shown = shown_lines(step.output, columns);
    for (std::size_t i = shown.size() - std::min(shown.size(), lines_of_output); i < shown.size(); ++i) {
      line("    | {}", shown[i]);
    }
  }

  std::string lines_;
  bool lost_ = false;
};

} // namespace

std::unique_ptr<View> make_plain_view(Plan plan) {
  return std::make_unique<PlainView>(std::move(plan));
}

} // namespace runbook::cli
