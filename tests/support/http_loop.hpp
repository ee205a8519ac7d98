// A real HTTP client on an event loop of its own.
#pragma once

#include "http/client.hpp"
#include "support/http_servers.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace http_test {

using runbook::Activity;
using runbook::errc;
using runbook::HttpRequest;
using runbook::HttpResponse;
using runbook::Result;
using runbook::Value;
using namespace std::chrono_literals;

/// One for the whole test program.
inline MisbehavingServer& server() {
  static MisbehavingServer instance;
  return instance;
}

inline HttpRequest request(std::string method, std::string url, std::string body = {}) {
  HttpRequest result;
  result.method = std::move(method);
  result.url = std::move(url);
  result.body = std::move(body);
  return result;
}

inline HttpRequest get(std::string url) {
  return request("GET", std::move(url));
}

struct Loop {
  boost::asio::io_context io{1};
  std::unique_ptr<runbook::HttpClient> client = runbook::make_http_client(io);

  /// Runs the loop until it has nothing left to wait for: a wait that stays behind would hang the test.
  void run() {
    io.restart();
    io.run();
  }

  Result<HttpResponse> fetch(HttpRequest request) {
    std::optional<Result<HttpResponse>> result;
    auto activity =
        client->start(std::move(request), [&](Result<HttpResponse> response) { result = std::move(response); });
    if (!activity) return activity.error();
    CHECK(!result); // never before start has returned
    run();
    REQUIRE(result.has_value());
    return std::move(*result);
  }

  /// The response of an exchange that must succeed.
  HttpResponse response(HttpRequest request) {
    Result<HttpResponse> result = fetch(std::move(request));
    REQUIRE_MESSAGE(result.has_value(), to_string(result.error()));
    return std::move(*result);
  }
  /// The error of an exchange that must fail.
  runbook::Error error(HttpRequest request) {
    const Result<HttpResponse> result = fetch(std::move(request));
    REQUIRE(result.has_error());
    INFO(result.error().message);
    return result.error();
  }
};

inline Value json(const HttpResponse& response) {
  return runbook::parse_json(response.body).value();
}

/// What the server at `base` has received so far, in the order of arrival.
inline boost::json::array requests_at(const std::string& base) {
  Loop loop;
  return json(loop.response(get(base + "/requests"))).as_array();
}

/// The requests whose first line holds `text`.
inline boost::json::array requests_with(const std::string& base, const std::string& text) {
  boost::json::array found;
  for (const Value& entry : requests_at(base)) {
    const std::string_view head = entry.at("head").as_string();
    if (head.substr(0, head.find("\r\n")).find(text) != std::string_view::npos) found.push_back(entry);
  }
  return found;
}

inline std::string head_of(const Value& request) {
  return std::string{request.at("head").as_string()} + "\r\n";
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace http_test
