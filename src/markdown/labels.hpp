// Labels: a line that ends in a colon says what the next fence or list is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runbook::markdown {

enum class Label : std::uint8_t { expected, check, rollback, probe, note };

/// "Rollback:", whatever its case. The text is plain: bold and the like is gone.
[[nodiscard]] std::optional<Label> label_of(std::string_view line);

/// The label that a heading inside of a step stands for: "#### Rollback", "#### Verification".
[[nodiscard]] std::optional<Label> heading_label(std::string_view heading);

/// "Rollback: run the block below": a label that goes on on its line. Not for notes, which may.
[[nodiscard]] std::optional<Label> label_with_text(std::string_view line);

/// For one or two words with a colon at the end that are nearly a label: "did you mean 'rollback'?". Empty otherwise.
[[nodiscard]] std::string nearly_label(std::string_view line);

/// Whether a line that introduces a block speaks of undoing something: "To roll back, run:".
[[nodiscard]] bool speaks_of_rollback(std::string_view line);

/// As a person writes it: "Rollback:".
[[nodiscard]] std::string_view label_text(Label label) noexcept;

} // namespace runbook::markdown
