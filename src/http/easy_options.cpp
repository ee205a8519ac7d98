#include "http/easy_options.hpp"

#include "http/methods.hpp"
#include "http/syntax.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace runbook::http {

namespace {

constexpr std::chrono::milliseconds connect_limit{10000};

curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// Whether the server may get the request twice.
bool is_repeatable(const HttpRequest& request) {
  return is_idempotent(request.method) || std::ranges::any_of(request.headers, [](const auto& header) {
           return equal_names(header.first, idempotency_header);
         });
}

bool announces_length(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

} // namespace

Result<void> EasyOptions::result() const {
  if (code_ == CURLE_OK) return {};
  return Error{errc::http_error,
               fmt::format("libcurl refused its option {}: {}", static_cast<int>(refused_), curl_.easy_strerror(code_)),
               {}};
}

void set_safe_defaults(EasyOptions& options) {
  options.set(CURLOPT_NOSIGNAL, 1L);
  // A transfer that is stopped while a name is looked up does not wait for the name service.
  options.set(CURLOPT_QUICK_EXIT, 1L);
  options.set(CURLOPT_PROXY, "");
  options.set(CURLOPT_NOPROXY, "*");
  options.set(CURLOPT_PROTOCOLS_STR, "http,https");
  options.set(CURLOPT_FOLLOWLOCATION, 0L); // `Exchange` does it
  options.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  options.set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  options.set(CURLOPT_USERAGENT, "runbook/" RUNBOOK_VERSION);
  // A TLS session that is taken up again would not have its certificate looked at.
  options.set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  options.set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
}

void set_target(EasyOptions& options, const Url& url) {
  options.set(CURLOPT_URL, url.text.c_str());
  options.set(CURLOPT_PATH_AS_IS, 1L);
  const bool credentials = !url.user.empty() || !url.password.empty();
  const char* const none = nullptr;
  options.set(CURLOPT_USERNAME, credentials ? url.user.c_str() : none);
  options.set(CURLOPT_PASSWORD, credentials ? url.password.c_str() : none);
  options.set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
}

void set_trust(EasyOptions& options, const std::string& ca_file) {
  options.set(CURLOPT_SSL_VERIFYPEER, 1L);
  options.set(CURLOPT_SSL_VERIFYHOST, 2L);
  options.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (ca_file.empty()) return;
  options.set(CURLOPT_CAINFO, ca_file.c_str());
  options.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr)); // else the system's directory counts as well
  options.set(CURLOPT_CA_CACHE_TIMEOUT, 0L);                      // the file may change between two requests
}

void set_client_certificate(EasyOptions& options, const HttpRequest& request) {
  if (request.client_cert.empty()) return;
  const std::string& key = request.client_key.empty() ? request.client_cert : request.client_key;
  options.set(CURLOPT_SSLCERT, request.client_cert.c_str());
  options.set(CURLOPT_SSLKEY, key.c_str());
  // Else OpenSSL would ask the terminal for the passphrase of an encrypted key, and the engine would stand still.
  options.set(CURLOPT_KEYPASSWD, "");
}

void set_proxy(EasyOptions& options, const std::string& proxy) {
  if (proxy.empty()) return;
  options.set(CURLOPT_PROXY, proxy.c_str());
  options.set(CURLOPT_NOPROXY, "");
  options.set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE)); // the server's headers are not the proxy's
  options.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void set_times(EasyOptions& options, std::chrono::milliseconds left) {
  options.set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  options.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(left, connect_limit).count()));
}

void set_request(EasyOptions& options, const HttpRequest& request) {
  // On a kept connection that breaks, libcurl sends the request once more by itself, although the server may have
  // acted on the first: never with a method for which that would matter.
  options.set(CURLOPT_FRESH_CONNECT, is_repeatable(request) ? 0L : 1L);
  if (request.method == "HEAD") {
    options.set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.body.empty() && !announces_length(request.method)) {
    options.set(CURLOPT_HTTPGET, 1L);
  } else {
    options.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    options.set(CURLOPT_POSTFIELDS, static_cast<const void*>(request.body.data()));
  }
  options.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

} // namespace runbook::http
