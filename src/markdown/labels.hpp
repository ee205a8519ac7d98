// Labels: a line that ends in a colon says what the next fence or list is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runbook::markdown {

enum class Label : std::uint8_t {
  expected,
  check,
  rollback,
  probe,
  note,
  sample, ///< what follows looks like the output, but is not it: shown, and neither run nor compared
};

/// "Rollback:", "Rollback (if needed):", whatever its case. The text is plain: bold and the like is gone. "Expected
/// output (shortened):" is only a sample.
[[nodiscard]] std::optional<Label> label_of(std::string_view line);

/// The same without the colon: "Rollback". Only a word that stands alone above a block is one.
[[nodiscard]] std::optional<Label> label_word(std::string_view line);

/// The label that a heading inside of a step stands for: "#### Rollback", "#### Verification".
[[nodiscard]] std::optional<Label> heading_label(std::string_view heading);

/// "Rollback: run the block below": a label that goes on on its line. Not for notes, which may.
[[nodiscard]] std::optional<Label> label_with_text(std::string_view line);

/// For one or two words with a colon at the end that are nearly a label: "did you mean 'rollback'?". Empty otherwise.
[[nodiscard]] std::string nearly_label(std::string_view line);

/// Whether a line that introduces a block speaks of undoing something: "To roll back, run:".
[[nodiscard]] bool speaks_of_rollback(std::string_view line);

/// Whether text in front of a block announces output: "You should see a message like this:".
[[nodiscard]] bool speaks_of_output(std::string_view text);

/// As a person writes it: "Rollback:".
[[nodiscard]] std::string_view label_text(Label label) noexcept;

} // namespace runbook::markdown
