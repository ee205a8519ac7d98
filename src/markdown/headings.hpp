// What headings say: which section starts here, which number a step has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runbook::markdown {

enum class SectionKind : std::uint8_t {
  prose,
  inputs,
  prerequisites,
  steps,
  rollback,
  verification,
  related,
  access,
  state,
};

/// The section that a heading of this text opens, if it opens one. Case, a number in front and a colon at the end do
/// not count.
[[nodiscard]] std::optional<SectionKind> section_named(std::string_view heading);

/// As they are shown to a person: "Steps", "Rollback" …
[[nodiscard]] std::string_view section_title(SectionKind kind) noexcept;

/// Whether the items of the section are things to do.
[[nodiscard]] constexpr bool has_items(SectionKind kind) noexcept {
  return kind == SectionKind::prerequisites || kind == SectionKind::steps || kind == SectionKind::rollback ||
         kind == SectionKind::verification;
}

/// "2. Drain the node", "Step 3: Drain the node", "2.1 Drain the node".
struct NumberedTitle {
  bool numbered = false;
  std::optional<unsigned long> number; ///< none for "2.1"
  std::string_view title;              ///< without the number
};

[[nodiscard]] NumberedTitle numbered_title(std::string_view heading);

} // namespace runbook::markdown
