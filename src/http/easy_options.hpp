// The options of one transfer, in groups. Every one of them matters to safety, so none may fail unnoticed.
#pragma once

#include "http/curl_library.hpp"
#include "http/url.hpp"

#include <runbook/system.hpp>

#include <chrono>
#include <concepts>
#include <type_traits>

namespace runbook::http {

/// Sets options of a handle that was just made or reset, and remembers the first that libcurl refused.
class EasyOptions {
public:
  EasyOptions(const CurlLibrary& curl, CURL* handle) : curl_(curl), handle_(handle) {}

  /// libcurl takes a `long`, a `curl_off_t` or a pointer; anything else would be read as one of them.
  template <class T>
    requires std::same_as<T, long> || std::same_as<T, curl_off_t> || std::is_pointer_v<T>
  void set(CURLoption option, T value) {
    if (code_ != CURLE_OK) return;
    code_ = curl_.easy_setopt(handle_, option, value);
    if (code_ != CURLE_OK) refused_ = option;
  }
  [[nodiscard]] Result<void> result() const;

private:
  const CurlLibrary& curl_;
  CURL* handle_;
  CURLcode code_ = CURLE_OK;
  CURLoption refused_{};
};

/// What is the same for every request: no signals, no proxies, no other protocols, sockets that children do not
/// inherit.
void set_safe_defaults(EasyOptions& options);
void set_target(EasyOptions& options, const Url& url);
/// Certificates are always verified: by `ca_file` alone if there is one, else by the system's authorities.
void set_trust(EasyOptions& options, const std::string& ca_file);
/// What the client shows to a server that asks who it is. The request must outlive the transfer.
void set_client_certificate(EasyOptions& options, const HttpRequest& request);
/// The one that was asked for; else none at all.
void set_proxy(EasyOptions& options, const std::string& proxy);
/// `left`: for all that remains of the exchange.
void set_times(EasyOptions& options, std::chrono::milliseconds left);
/// Method and body. The request must outlive the transfer.
void set_request(EasyOptions& options, const HttpRequest& request);

} // namespace runbook::http
