// Whole files of text.
#pragma once

#include <runbook/error.hpp>

#include <string>

namespace runbook::cli {

/// Up to `limit` bytes of the file, or of standard input if the path is `-`.
[[nodiscard]] Result<std::string> read_text(const std::string& path, std::size_t limit);

} // namespace runbook::cli
