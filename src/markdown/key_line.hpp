// A line of metadata.
#pragma once

#include <optional>
#include <string_view>

namespace runbook::markdown {

/// `**Key**: value` or `**Key:** value`.
struct KeyLine {
  std::string_view key;
  std::string_view value;
};

[[nodiscard]] std::optional<KeyLine> key_line(std::string_view line);

} // namespace runbook::markdown
