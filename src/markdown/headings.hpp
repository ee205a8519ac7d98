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

/// The section that a heading of this text opens, if it opens one. Case, a number in front, emoji, HTML tags, a remark
/// in parentheses and a colon at the end do not count. "Mitigation and Resolution" is what both are.
[[nodiscard]] std::optional<SectionKind> section_named(std::string_view heading);

/// Words that often stand above steps, but as often above something else ("Solution", "Actions"): the heading opens the
/// steps only in a document where no other heading does.
[[nodiscard]] bool may_name_steps(std::string_view heading);

/// As they are shown to a person: "Steps", "Rollback" …
[[nodiscard]] std::string_view section_title(SectionKind kind) noexcept;

/// Whether the section has items: things to do, to ask or to print.
[[nodiscard]] constexpr bool has_items(SectionKind kind) noexcept {
  return kind == SectionKind::prerequisites || kind == SectionKind::steps || kind == SectionKind::rollback ||
         kind == SectionKind::verification || kind == SectionKind::state;
}

/// Whether what stands in the section only looks, unless it says otherwise.
[[nodiscard]] constexpr bool only_looks(SectionKind kind) noexcept {
  return kind == SectionKind::prerequisites || kind == SectionKind::verification || kind == SectionKind::state;
}

/// "2. Drain the node", "Step 3: Drain the node", "Phase 2 - Drain", "2.1 Drain the node".
struct NumberedTitle {
  bool numbered = false;
  bool named = false;     ///< "Step 3", "Phase 2": it says itself that it is one
  std::string number;     ///< "3" or "2.1"; empty: none
  std::string_view title; ///< without the number; refers to the heading
};

[[nodiscard]] NumberedTitle numbered_title(std::string_view heading);

/// The text without tags of HTML that only lay it out, such as `<a name="x"></a>`, and without comments. A placeholder
/// such as `<pod-name>` stays.
[[nodiscard]] std::string without_layout_tags(std::string_view text);

} // namespace runbook::markdown
