// Answers: what kind of answer a question wants, and whether a text is one.
//
// Ownership: plain values. Thread-safety: as with any value type.
#pragma once

#include <runbook/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

enum class AnswerKind : std::uint8_t {
  yes_no, ///< written `yes-no`: nothing but yes or no
  text,   ///< some text
  choice, ///< one of several texts
  secret, ///< text that nothing shows and nothing keeps
};

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(AnswerKind kind) noexcept;

/// What a question wants to know. A no is an answer to every question.
struct AnswerForm {
  AnswerKind kind = AnswerKind::yes_no;
  std::vector<std::string> choices{}; ///< for `AnswerKind::choice`, in the order in which they are shown
  std::string pattern{};              ///< for `AnswerKind::text`: RE2, matches the whole text; empty: any text

  friend bool operator==(const AnswerForm&, const AnswerForm&) = default;
};

/// Why the text is no answer to such a question, in words that go on from "it" and say what would be one; nothing if it
/// is one. Where nothing but yes or no is wanted the text is empty.
[[nodiscard]] RUNBOOK_EXPORT std::optional<std::string> answer_flaw(const AnswerForm& form, std::string_view text);

} // namespace runbook
