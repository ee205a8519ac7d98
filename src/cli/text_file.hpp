// Whole files of text: read at once, replaced at once.
#pragma once

#include <runbook/error.hpp>

#include <string>
#include <string_view>

namespace runbook::cli {

/// Up to `limit` bytes of the file, or of standard input if the path is `-`.
[[nodiscard]] Result<std::string> read_text(const std::string& path, std::size_t limit);

/// Replaces what is in the file by another in the same folder that takes its name when it is complete: whoever reads
/// the file finds the old text or the new one, and what fails leaves the old one. The mode is kept, a symbolic link
/// stays one.
[[nodiscard]] Result<void> replace_text(const std::string& path, std::string_view text);

} // namespace runbook::cli
