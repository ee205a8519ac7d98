// What RFC 9110 says of a request's method: whether it only reads, and whether it may be sent twice.
#pragma once

#include <string_view>

namespace runbook::http {

/// GET, HEAD, OPTIONS and TRACE. Case counts, as it does in HTTP.
[[nodiscard]] bool reads_only(std::string_view method) noexcept;

/// Those, PUT and DELETE: sent twice is the same as sent once.
[[nodiscard]] bool is_idempotent(std::string_view method) noexcept;

/// The header by which a server recognises a request that it has had before.
inline constexpr std::string_view idempotency_header = "Idempotency-Key";

} // namespace runbook::http
