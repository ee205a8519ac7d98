// Changing a file so that it is never seen half written.
#pragma once

#include <string>
#include <string_view>

namespace runbook::cli {

/// Puts the text in the place of the file's: into a new file beside it, which then takes its name and mode. Where the
/// path is a symbolic link, the file that it leads to is replaced. Returns what went wrong, or nothing.
[[nodiscard]] std::string replace_file(const std::string& path, std::string_view text);

} // namespace runbook::cli
