// The patterns of inputs: ECMAScript regular expressions that cannot run away.
//
// The pattern comes from a document and the text from whoever starts the run, so neither may cost unbounded time or
// stack: matching is polynomial (no back-references), and both have a limit.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace runbook {

/// Longest text, in bytes, that is compared with a pattern.
inline constexpr std::size_t max_pattern_text = 4096;

/// What is wrong with the pattern; nothing if it can be used.
[[nodiscard]] std::optional<std::string> pattern_flaw(std::string_view pattern);

/// Whether the text as a whole matches. The pattern must have no flaw and the text keep the limit.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view text);

} // namespace runbook
