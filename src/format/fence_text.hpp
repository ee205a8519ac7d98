// A fenced block of code and its attributes as they are written in canonical layout.
#pragma once

#include "markdown/info_string.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::format {

/// `name=value`, with quotes where they are needed; the name alone if the attribute has no value. An effect is a word:
/// `pure`. The value holds no line break.
[[nodiscard]] std::string attribute_text(std::string_view name, std::string_view value, bool has_value = true);

/// Whether the attribute takes no value: `pure`, `isolated`.
[[nodiscard]] bool is_word(std::string_view name) noexcept;

/// Where an attribute stands among others: a smaller number is further in front.
[[nodiscard]] std::size_t attribute_rank(std::string_view name) noexcept;

/// The lines of a block: a mark that no line of the text can be taken for, the info string, the text, the mark.
/// `text` has no line end at its end; there is no line in an empty block.
[[nodiscard]] std::vector<std::string> fence_lines(std::string_view info, std::string_view text, bool empty);

/// What is to stand behind the mark of a fence that is in a document. `raw` is what stands there now.
[[nodiscard]] std::string canonical_info(std::string_view raw, const markdown::InfoString& info, bool runnable);

} // namespace runbook::format
