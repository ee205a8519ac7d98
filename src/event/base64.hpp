// Base64 (RFC 4648, with padding).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runbook {

[[nodiscard]] std::string to_base64(std::string_view bytes);
/// Nothing if the text is not base64.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

} // namespace runbook
