#include <runbook/answer.hpp>

#include "pattern.hpp"
#include "plan/captures.hpp"
#include "utf8.hpp"

#include <runbook/secret.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace runbook {

namespace {

/// What a variable of a program cannot hold.
std::optional<std::string> flaw_of_variable(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return "must be without NUL";
  if (find_invalid_utf8(text) != std::string_view::npos) return "must be UTF-8";
  if (text.size() > max_captured_bytes) return fmt::format("must have at most {} bytes", max_captured_bytes);
  return std::nullopt;
}

std::optional<std::string> flaw_of_text(std::string_view pattern, std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (auto flaw = flaw_of_variable(text)) return flaw;
  if (pattern.empty()) return std::nullopt;
  std::string why;
  const auto compiled = Pattern::compile(pattern, why);
  if (compiled && compiled->matches(text)) return std::nullopt;
  return fmt::format("must match the pattern {}", pattern);
}

} // namespace

std::optional<std::string> answer_flaw(const AnswerForm& form, std::string_view text) {
  switch (form.kind) {
  case AnswerKind::yes_no: break;
  case AnswerKind::text: return flaw_of_text(form.pattern, text);
  case AnswerKind::choice:
    if (std::ranges::find(form.choices, text) != form.choices.end()) return std::nullopt;
    return fmt::format("must be one of: {}", fmt::join(form.choices, ", "));
  case AnswerKind::secret:
    if (text.empty()) return "must not be empty";
    if (find_invalid_utf8(text) != std::string_view::npos) return "must be UTF-8";
    return flaw(Secret(text));
  }
  return text.empty() ? std::nullopt : std::optional<std::string>("can only be yes or no");
}

} // namespace runbook
