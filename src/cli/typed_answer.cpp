#include "typed_answer.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace runbook::cli {

namespace {

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = line.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

// `yes` or `no` and nothing else; a single letter is typed too easily.
std::optional<bool> as_yes_or_no(std::string_view line) {
  line = trimmed(line);
  std::string word(line.substr(0, 4));
  std::ranges::transform(word, word.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  if (word == "yes") return true;
  if (word == "no") return false;
  return std::nullopt;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// An arrow key sends some: they cannot be seen in what was typed.
bool has_controls(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == '\x7f'; });
}

std::string_view prompt_about(QuestionKind kind) {
  switch (kind) {
  case QuestionKind::step: return "Done? Type yes or no: ";
  case QuestionKind::rollback: return "Roll back? Type yes or no: ";
  case QuestionKind::stop_rollback: return "Give the rollback up? Type yes or no: ";
  case QuestionKind::continue_rollback: return "Go on? Type yes or no: ";
  case QuestionKind::doubt: break; // a choice
  }
  return "Type yes or no: ";
}

} // namespace

TypedAnswer::TypedAnswer(const Question& question)
    : kind_(question.kind), wants_(question.wants),
      numbered_(!wants_.choices.empty() && std::ranges::none_of(wants_.choices, is_number)) {}

std::vector<std::string> TypedAnswer::choices() const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < wants_.choices.size(); ++i) {
    lines.push_back((numbered_ ? fmt::format("{}. ", i + 1) : "- ") + wants_.choices[i]);
  }
  return lines;
}

std::string_view TypedAnswer::prompt() const noexcept {
  if (again_) return "Please type yes or no: ";
  if (declining_) return "Nothing was typed. Decline to answer? Type yes or no: ";
  switch (wants_.kind) {
  case AnswerKind::yes_no: break;
  case AnswerKind::text: return "Type the answer: ";
  case AnswerKind::choice: return numbered_ ? "Type a number or a name: " : "Type a name: ";
  case AnswerKind::secret: return "Type the secret, which is not shown: ";
  }
  return prompt_about(kind_);
}

bool TypedAnswer::is_silent() const noexcept {
  return wants_.kind == AnswerKind::secret && !declining_;
}

std::optional<Answer> TypedAnswer::take(std::string& line) {
  complaint_.clear();
  if (wants_.kind == AnswerKind::yes_no || declining_) return take_yes_or_no(line);
  Answer answer;
  answer.yes = true;
  if (wants_.kind == AnswerKind::secret) {
    if (line.ends_with('\r')) line.pop_back();
    answer.secret = Secret::take(std::move(line));
  } else {
    answer.text = wants_.kind == AnswerKind::choice ? chosen(trimmed(line)) : std::string(trimmed(line));
  }
  const std::string_view given = answer.secret.empty() ? std::string_view(answer.text) : answer.secret.reveal();
  declining_ = given.empty();
  if (declining_) return std::nullopt;
  if (has_controls(given)) {
    complaint_ = "That is no answer: it holds characters that cannot be seen.";
  } else if (const auto flaw = answer_flaw(wants_, given)) {
    complaint_ = fmt::format("That is no answer: it {}.", *flaw);
  }
  return complaint_.empty() ? std::optional(std::move(answer)) : std::nullopt;
}

std::optional<Answer> TypedAnswer::take_yes_or_no(std::string_view line) {
  const auto yes = as_yes_or_no(line);
  again_ = !yes;
  if (!yes) return std::nullopt;
  const bool was_declining = std::exchange(declining_, false);
  if (was_declining && !*yes) return std::nullopt; // asked again
  Answer answer;
  answer.yes = *yes && !was_declining;
  return answer;
}

// No name is a number where choices have numbers.
std::string TypedAnswer::chosen(std::string_view line) const {
  std::size_t number = 0;
  if (!numbered_ || !is_number(line)) return std::string(line);
  const auto read = std::from_chars(line.data(), line.data() + line.size(), number);
  const bool is_there = read.ec == std::errc() && number > 0 && number <= wants_.choices.size();
  return is_there ? wants_.choices[number - 1] : std::string(line);
}

} // namespace runbook::cli
