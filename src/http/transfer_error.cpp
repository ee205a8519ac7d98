#include "http/transfer_error.hpp"

#include "http/syntax.hpp"
#include "printable.hpp"

#include <system_error>

#include <fmt/format.h>

namespace runbook::http {

namespace {

std::string timeout_text(const FailedTransfer& failed) {
  if (failed.connected) {
    return fmt::format("no complete response within {} ms; raise the timeout, or see why the server is slow",
                       failed.timeout.count());
  }
  return fmt::format("no connection to {} port {} in time; see whether the host is up and a firewall drops packets",
                     failed.host, failed.port);
}

std::string connect_text(const FailedTransfer& failed) {
  const std::string why = failed.system_error != 0
                              ? std::generic_category().message(static_cast<int>(failed.system_error))
                              : printable(failed.detail);
  if (!failed.proxy.empty()) {
    return fmt::format("cannot connect to the proxy {}: {}; see whether it runs and listens there",
                       shown_url(failed.proxy), why);
  }
  return fmt::format("cannot connect to {} port {}: {}; see whether the server runs and listens there", failed.host,
                     failed.port, why);
}

std::string certificate_text(const FailedTransfer& failed, std::string_view detail) {
  if (failed.ca_file.empty()) {
    return fmt::format("the server's certificate is not trusted: {}; name the authority's file as ca_file", detail);
  }
  return fmt::format("the server's certificate is not trusted by '{}': {}", printable(failed.ca_file), detail);
}

std::string text_of(const FailedTransfer& failed, std::string_view detail) {
  switch (failed.code) {
  case CURLE_OPERATION_TIMEDOUT: return timeout_text(failed);
  case CURLE_COULDNT_CONNECT: return connect_text(failed);
  case CURLE_COULDNT_RESOLVE_HOST:
    return fmt::format("host '{}' is not known: {}; check the name and the name service", failed.host, detail);
  case CURLE_PEER_FAILED_VERIFICATION: return certificate_text(failed, detail);
  case CURLE_SSL_CACERT_BADFILE:
    return fmt::format("cannot use '{}' as certificate authorities: {}; it must be a readable PEM file",
                       printable(failed.ca_file), detail);
  case CURLE_SSL_CERTPROBLEM:
    return fmt::format(
        "cannot use '{}' as the client's certificate: {}; it and its key must be readable PEM files, the "
        "key not encrypted and of this certificate",
        printable(failed.client_cert), detail);
  case CURLE_COULDNT_RESOLVE_PROXY:
    return fmt::format("the proxy's host is not known: {}; check the address that is given as proxy", detail);
  case CURLE_SSL_CONNECT_ERROR:
    return fmt::format("no TLS connection: {}; the server must speak TLS 1.2 or newer on this port", detail);
  case CURLE_GOT_NOTHING: return "the server closed the connection without a response; see the server's log";
  case CURLE_PARTIAL_FILE:
  case CURLE_RECV_ERROR:
  case CURLE_SEND_ERROR: return fmt::format("the connection broke: {}; see the server's log", detail);
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_UNSUPPORTED_PROTOCOL:
    return fmt::format("this is no HTTP response: {}; check the port and whether it wants https", detail);
  case CURLE_BAD_CONTENT_ENCODING:
    return fmt::format("the compressed body is broken: {}; try the header Accept-Encoding: identity", detail);
  default: return std::string{detail};
  }
}

} // namespace

Error transfer_error(const CurlLibrary& curl, const FailedTransfer& failed) {
  // libcurl's words may quote what the server sent.
  const std::string detail =
      printable(failed.detail.empty() ? std::string_view{curl.easy_strerror(failed.code)} : failed.detail);
  return {failed.code == CURLE_OPERATION_TIMEDOUT ? errc::timed_out : errc::http_error, text_of(failed, detail), {}};
}

} // namespace runbook::http
