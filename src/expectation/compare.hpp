// The two ways in which output is compared.
#pragma once

#include <runbook/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace runbook {

/// Line by line. In the expected text a line `...` is any number of lines, `...` inside a line any text within it.
/// Blanks at the ends of lines, blank lines at the end and CR before LF do not count. Time grows at most with the
/// product of the two texts' lines.
[[nodiscard]] std::optional<std::string> text_mismatch(std::string_view expected, std::string_view output,
                                                       const Values& values);

/// The output is JSON that has at least what is expected: every member of an object, arrays element by element,
/// numbers by their value.
[[nodiscard]] std::optional<std::string> json_mismatch(std::string_view expected, std::string_view output,
                                                       const Values& values);

/// The expected text stands somewhere in the output. Blanks at the ends of lines, and blank lines around the expected
/// text, do not count.
[[nodiscard]] std::optional<std::string> contains_mismatch(std::string_view expected, std::string_view output,
                                                           const Values& values);

/// The expected text is a pattern that matches somewhere in the output, `^` and `$` at lines. A value that is filled in
/// stands for itself.
[[nodiscard]] std::optional<std::string> regex_mismatch(std::string_view expected, std::string_view output,
                                                        const Values& values);

/// What keeps the expected text from being a pattern.
[[nodiscard]] std::optional<std::string> regex_flaw(std::string_view expected);

/// What keeps the expected text from being JSON, whatever its `{{ name }}` stand for.
[[nodiscard]] std::optional<std::string> json_flaw(std::string_view expected);

} // namespace runbook
