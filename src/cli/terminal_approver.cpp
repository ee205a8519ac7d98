#include "approvers.hpp"
#include "line_reader.hpp"
#include "shown_text.hpp"
#include "typed_answer.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace runbook::cli {

namespace {

constexpr std::size_t rows_of_line = 20;

// What the text says beyond the title, with which that of a manual step begins.
std::string_view details(const Question& question) {
  if (question.title.empty()) return {};
  std::string_view text = question.text;
  if (text.starts_with(question.title)) text.remove_prefix(question.title.size());
  return text.empty() || text.front() == '\n' ? text : std::string_view(question.text);
}

// Questions are put by a thread of its own: neither the engine nor whoever withdraws a question ever waits for a person
// or for the terminal.
class TerminalApprover final : public Approver {
public:
  TerminalApprover(std::shared_ptr<Terminal> terminal, Palette palette, std::shared_ptr<Display> display,
                   std::string who)
      : terminal_(std::move(terminal)), palette_(palette), display_(std::move(display)), who_(std::move(who)),
        thread_([this] { serve(); }) {}

  ~TerminalApprover() override {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
      open_.clear();
    }
    changed_.notify_one();
    input_.wake();
    thread_.join();
  }

  Result<void> ask(const Question& question, std::function<void(Answer)> reply) override {
    {
      const std::scoped_lock lock(mutex_);
      open_.push_back(Asked{question, std::move(reply)});
    }
    changed_.notify_one();
    input_.wake();
    return {};
  }

  void withdraw(const std::string& run, const std::string& token) override {
    const std::scoped_lock lock(mutex_);
    std::erase_if(open_, [&](const Asked& a) { return a.question.run == run && a.question.token == token; });
    input_.wake();
  }

private:
  struct Asked {
    Question question;
    std::function<void(Answer)> reply;
  };

  void serve() {
    while (const std::optional<Question> question = newest()) {
      TypedAnswer typed(*question);
      put(*question, typed);
      const std::optional<Answer> answer = read_answer(*question, typed);
      terminal_->close_prompt(answer.has_value() && !answer->unreachable && !typed.is_silent());
      input_.show_typed(true);
      if (answer) reply(*question, *answer);
    }
  }

  // Waits for a question; none when the approver is stopped.
  std::optional<Question> newest() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !open_.empty(); });
    if (stopping_) return std::nullopt;
    return open_.back().question;
  }

  bool is_newest(const Question& question) {
    const std::scoped_lock lock(mutex_);
    return !open_.empty() && open_.back().question.token == question.token && open_.back().question.run == question.run;
  }

  void put(const Question& question, const TypedAnswer& typed) {
    display_->catch_up();
    const std::size_t columns = terminal_->columns() - 4;
    const std::string& head = question.title.empty() ? question.text : question.title;
    std::string lines;
    std::string_view mark = palette_.waiting();
    for (const std::string& row : folded_lines(head, columns, rows_of_line)) {
      lines += fmt::format("  {} {}\n", palette_.paint(Tone::warning, mark), palette_.paint(Tone::strong, row));
      mark = " ";
    }
    for (const std::string& row : folded_lines(details(question), columns, rows_of_line)) lines += "    " + row + "\n";
    for (const std::string& choice : typed.choices()) {
      for (const std::string& row : folded_lines(choice, columns, rows_of_line)) lines += "      " + row + "\n";
    }
    input_.discard_typed();
    open_prompt(lines, typed);
  }

  // What is typed must not be seen from the moment on that the prompt can be.
  void open_prompt(const std::string& lines, const TypedAnswer& typed) {
    input_.show_typed(!typed.is_silent());
    terminal_->open_prompt(lines, "    " + palette_.paint(Tone::warning, typed.prompt()));
  }

  void open_prompt_again(bool was_silent, const TypedAnswer& typed) {
    terminal_->close_prompt(!was_silent); // the end of the line was not shown either
    std::string lines;
    for (const std::string& row : folded_lines(typed.complaint(), terminal_->columns() - 4, rows_of_line)) {
      lines += "    " + row + "\n";
    }
    open_prompt(lines, typed);
  }

  // None when the question is not the newest any more.
  std::optional<Answer> read_answer(const Question& question, TypedAnswer& typed) {
    while (true) {
      LineReader::Read read = input_.read();
      if (!is_newest(question)) return std::nullopt;
      if (std::holds_alternative<LineReader::EndOfInput>(read)) {
        Answer nobody;
        nobody.unreachable = true;
        nobody.note = "end of input on the terminal";
        return nobody;
      }
      auto* line = std::get_if<std::string>(&read);
      if (line == nullptr) continue;
      const bool was_silent = typed.is_silent();
      if (was_silent) input_.forget_typed();
      if (auto answer = typed.take(*line)) {
        answer->who = who_;
        return answer;
      }
      open_prompt_again(was_silent, typed);
    }
  }

  void reply(const Question& question, const Answer& answer) {
    std::function<void(Answer)> deliver;
    {
      const std::scoped_lock lock(mutex_);
      const auto found = std::ranges::find_if(
          open_, [&](const Asked& a) { return a.question.token == question.token && a.question.run == question.run; });
      if (found == open_.end()) return; // withdrawn meanwhile
      deliver = std::move(found->reply);
      open_.erase(found);
    }
    deliver(answer);
  }

  std::shared_ptr<Terminal> terminal_;
  Palette palette_;
  std::shared_ptr<Display> display_;
  std::string who_;
  LineReader input_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Asked> open_; ///< the newest last
  bool stopping_ = false;
  std::thread thread_; // last: it uses the others
};

} // namespace

std::shared_ptr<Approver> make_terminal_approver(std::shared_ptr<Terminal> terminal, Palette palette,
                                                 std::shared_ptr<Display> display, std::string who) {
  return std::make_shared<TerminalApprover>(std::move(terminal), palette, std::move(display), std::move(who));
}

} // namespace runbook::cli
