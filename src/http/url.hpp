// An http or https URL, taken apart by libcurl's own parser, so that what is checked is what is used.
//
// Ownership: a plain value. Thread-safety: as with any value type.
#pragma once

#include "http/curl_library.hpp"

#include <string>
#include <string_view>

namespace runbook::http {

struct Url {
  std::string text; ///< the whole of it, encoded, without user, password and fragment
  std::string scheme;
  std::string host;
  std::string port;     ///< the scheme's own if the text names none
  std::string user;     ///< decoded
  std::string password; ///< decoded

  /// The text as it may be shown: not endless, no control characters.
  [[nodiscard]] std::string shown() const;
  [[nodiscard]] bool is_https() const noexcept { return scheme == "https"; }
  /// Whether credentials for the one may be sent to the other: scheme, host and port are the same.
  [[nodiscard]] bool same_origin(const Url& other) const noexcept;
};

/// Fails with `errc::invalid_argument` if this is no absolute http or https URL. Blanks and bytes beyond ASCII in path
/// and query are percent-encoded; dot segments stay as they were written.
[[nodiscard]] Result<Url> parse_url(const CurlLibrary& curl, const std::string& text);

/// Where a `Location` header leads from here. User and password come from `base`, and only within the same origin: the
/// server that redirects does not choose them. Fails with `errc::http_error`, also if it leads to another protocol
/// than http and https, or from https to http.
[[nodiscard]] Result<Url> redirect_target(const CurlLibrary& curl, const Url& base, const std::string& location);

} // namespace runbook::http
