// Text from outside, made fit to be shown: in a terminal, a message or a report line.
//
// A document, an input or a program's output may hold control characters that move the cursor, recolour or reorder what
// a person reads. What is shown goes through here, so that it can only ever look like the text that it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace runbook {

/// The text with control characters (C0, DEL, C1), line separators, bidirectional controls and bytes that are no UTF-8
/// written as escapes (`\n`, `\x1b`, `\u{202e}`). Characters in `keep` stay as they are.
[[nodiscard]] std::string printable(std::string_view text, std::string_view keep = {});

/// At most `limit` code points of the text's beginning, made printable; `…` at the end says that some are missing.
[[nodiscard]] std::string printable_excerpt(std::string_view text, std::size_t limit);

} // namespace runbook
