// A document's bytes as the text that the reader works with.
#pragma once

#include "markdown/context.hpp"

#include <string>
#include <string_view>

namespace runbook::markdown {

/// The text with '\n' at the end of each line and no byte order mark: lines and columns stay what they are. `changed`
/// holds the text if it is not a part of the original, and must outlive it.
[[nodiscard]] std::string_view normalised(std::string_view text, std::string& changed);

/// False if something keeps the text from being read at all; that is a finding. `source` is `original`, normalised.
[[nodiscard]] bool is_readable(std::string_view original, const SourceText& source, Findings& findings);

} // namespace runbook::markdown
