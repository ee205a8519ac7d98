// What libcurl says when a transfer fails, in words that say what to do.
#pragma once

#include "http/curl_library.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace runbook::http {

/// What is known of a transfer that failed.
struct FailedTransfer {
  CURLcode code = CURLE_OK;
  std::string_view detail; ///< libcurl's own words; may be empty
  long system_error = 0;   ///< errno of the connect that failed, or 0
  std::string_view host;
  std::string_view port;
  std::string_view ca_file;
  std::string_view client_cert;
  std::string_view proxy;
  std::chrono::milliseconds timeout{0}; ///< for the whole exchange
  bool connected = false;               ///< TLS included
};

/// `errc::timed_out` if the time was over, else `errc::http_error`.
[[nodiscard]] Error transfer_error(const CurlLibrary& curl, const FailedTransfer& failed);

} // namespace runbook::http
