// The built-in handlers that take a block's text as it stands: their name is the language of the block.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace runbook {

struct BlockLanguage {
  std::string_view name;  ///< of the handler too
  std::string_view param; ///< what the text is to the handler
  bool lines = false;     ///< the end of the last line belongs to the text; else blanks around it do not count
};

inline constexpr std::array<BlockLanguage, 4> block_languages{
    {{"assert", "conditions"}, {"file", "text", true}, {"set", "value"}, {"wait", "duration"}}};

/// Parameters of theirs that are attributes of the block.
inline constexpr std::array<std::string_view, 4> block_attributes{"path", "mode", "backup", "message"};

/// Parameters of a question that are attributes of its block.
inline constexpr std::array<std::string_view, 3> question_attributes{"answer", "choices", "pattern"};

/// The language of this handler, or null.
[[nodiscard]] constexpr const BlockLanguage* find_block_language(std::string_view name) noexcept {
  const auto* found = std::ranges::find(block_languages, name, &BlockLanguage::name);
  return found == block_languages.end() ? nullptr : found;
}

[[nodiscard]] constexpr bool is_block_attribute(std::string_view name) noexcept {
  return std::ranges::find(block_attributes, name) != block_attributes.end();
}

[[nodiscard]] constexpr bool is_question_attribute(std::string_view name) noexcept {
  return std::ranges::find(question_attributes, name) != question_attributes.end();
}

} // namespace runbook
