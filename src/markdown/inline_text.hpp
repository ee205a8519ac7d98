// The text of a paragraph or a heading as a person reads it: without the marks that Markdown needs.
#pragma once

#include "markdown/node.hpp"

#include <string>
#include <vector>

namespace runbook::markdown {

enum class Links { text_only, with_address };

/// Line breaks stay line breaks. With addresses, a link reads `its text (https://…)`.
[[nodiscard]] std::string plain_text(Node block, Links links = Links::text_only);

[[nodiscard]] bool holds_link(Node block) noexcept;

/// The text with each code span in it replaced by one NUL, which no document holds, and the spans' texts in order.
struct SpannedText {
  std::string text;
  std::vector<std::string> codes;
};

[[nodiscard]] SpannedText spanned_text(Node block);

/// The text with the code spans back in their places, in backticks. `first_code` is the index of the first one's.
[[nodiscard]] std::string with_codes(std::string_view text, const std::vector<std::string>& codes,
                                     std::size_t first_code);

} // namespace runbook::markdown
