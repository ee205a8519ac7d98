// The attributes that the format has: their names, whether they take a value, and where they have a meaning.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::markdown {

/// Where attributes stand.
enum class Bearer : std::uint8_t { action, check, undo, expectation, title };

struct AttributeRule {
  std::string_view name;
  bool takes_value = true; ///< else it is a word
  std::vector<Bearer> bearers{};
  bool may_repeat = false;

  [[nodiscard]] bool belongs_to(Bearer bearer) const noexcept;
};

/// The rule of this name, or null.
[[nodiscard]] const AttributeRule* find_rule(std::string_view name);

/// Whether the format gives this name a meaning.
[[nodiscard]] bool is_format_attribute(std::string_view name);

/// Every name, to suggest one.
[[nodiscard]] const std::vector<std::string>& attribute_names();
/// The names of those that are a word without a value.
[[nodiscard]] const std::vector<std::string>& attribute_words();

/// Whether other tools have the attribute for how a block looks: `title`, `linenums`, `hl_lines`, `.numberLines`,
/// `{1,3-5}`.
[[nodiscard]] bool is_presentation(std::string_view name);

} // namespace runbook::markdown
