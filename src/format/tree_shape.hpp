// What a text is as Markdown, in a form that can be compared when its tree is gone: a thread has one tree at a time.
#pragma once

#include "markdown/node.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runbook::format {

/// Equal for texts that have the same blocks in the same order, with the same code and the same text. The marks that
/// Markdown is written with, and which words are bold, do not count.
[[nodiscard]] std::string shape_of(markdown::Node root);

/// Nothing if the text is over a limit. No other tree of this thread may be looked at meanwhile.
[[nodiscard]] std::optional<std::string> shape_of(std::string_view text);

} // namespace runbook::format
