// What is typed on the terminal, taken for an answer to a question. Nothing is taken for an answer that a slip of the
// hand could have made: an empty line asks whether whoever is asked declines.
//
// Ownership: keeps what the question wants. Thread-safety: belongs to one thread.
#pragma once

#include <runbook/system.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::cli {

class TypedAnswer {
public:
  explicit TypedAnswer(const Question& question);

  /// What is shown below the question: the choices, with numbers unless one of them is a number itself.
  [[nodiscard]] std::vector<std::string> choices() const;
  /// What is wrong with the line before; empty: nothing.
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }
  /// What the next line is to be.
  [[nodiscard]] std::string_view prompt() const noexcept;
  /// Whether what is typed next must not be seen.
  [[nodiscard]] bool is_silent() const noexcept;
  /// The answer; nothing if the line is none. A line that is a secret is overwritten.
  [[nodiscard]] std::optional<Answer> take(std::string& line);

private:
  [[nodiscard]] std::optional<Answer> take_yes_or_no(std::string_view line);
  [[nodiscard]] std::string chosen(std::string_view line) const;

  QuestionKind kind_;
  AnswerForm wants_;
  bool numbered_ = false;
  bool declining_ = false; ///< an empty line was typed: does that mean no?
  bool again_ = false;     ///< something that is neither yes nor no was typed
  std::string complaint_;
};

} // namespace runbook::cli
