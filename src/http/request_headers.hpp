// The headers of a request in the form that libcurl takes them.
#pragma once

#include "http/curl_library.hpp"

#include <runbook/system.hpp>

#include <memory>
#include <string>

namespace runbook::http {

/// libcurl's list of header lines.
using HeaderList = std::unique_ptr<curl_slist, decltype(CurlLibrary::slist_free_all)>;

/// Fails with `errc::invalid_argument` if method or headers could not be sent as they are meant: a method or name that
/// is no token, a value with a control character, a header that would contradict how the body is sent.
[[nodiscard]] Result<void> check_head(const HttpRequest& request);

/// The header lines of a request that passed `check_head`. `foreign`: a redirect led to another scheme, host or port.
/// Then only headers go along that are known to hold no credentials, for any name may: X-Api-Key, Private-Token.
[[nodiscard]] HeaderList header_list(const CurlLibrary& curl, const HttpRequest& request, bool foreign);

} // namespace runbook::http
