// The rate of requests through the engine's HTTP client beside bare curl_multi, on one nginx, in one run.
//
//   http_bench REQUESTS ROUNDS    medians of interleaved rounds, as JSON: requests a second with 100 and 1,000 in
//   flight,
//                                 and the ratios of what was measured one after the other
#include "bench/bare_curl.hpp"
#include "http/client.hpp"
#include "support/http_servers.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace {

using runbook::HttpClient;
using runbook::HttpRequest;
using runbook::HttpResponse;
using runbook::Result;

/// Keeps so many requests of one client in flight.
class Flight {
public:
  Flight(const std::string& url, std::size_t in_flight) : activities_(in_flight) { request_.url = url; }

  void run(std::size_t requests) {
    left_ = requests;
    io_.restart();
    for (std::size_t slot = 0; slot < activities_.size(); ++slot) start(slot);
    io_.run();
  }

private:
  void start(std::size_t slot) {
    if (left_ == 0) return;
    --left_;
    auto activity = client_->start(request_, [this, slot](const Result<HttpResponse>& response) {
      if (!response || response->status != 200) throw std::runtime_error("a request failed");
      start(slot);
    });
    activities_[slot] = std::move(activity.value());
  }

  boost::asio::io_context io_{1};
  std::unique_ptr<HttpClient> client_ = runbook::make_http_client(io_);
  HttpRequest request_;
  std::size_t left_ = 0;
  std::vector<std::unique_ptr<runbook::Activity>> activities_;
};

double rate(std::size_t requests, const std::function<void(std::size_t)>& run) {
  const auto begin = std::chrono::steady_clock::now();
  run(requests);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(requests) / taken.count();
}

} // namespace

int main(int argc, char** argv) try {
  const std::size_t requests = argc > 1 ? std::stoul(argv[1]) : 20000;
  const std::size_t rounds = argc > 2 ? std::stoul(argv[2]) : 7;
  const http_test::TempFolder folder;
  const http_test::Nginx nginx{folder, "keepalive_requests 100000000; location / { return 200 ok; }"};
  const std::string url = nginx.base + "/";
  const auto& curl = *runbook::http::curl_library().value();
  bench::BareCurl curl_100{curl, url, 100};
  bench::BareCurl curl_1000{curl, url, 1000};
  Flight client_100{url, 100};
  Flight client_1000{url, 1000};
  const std::vector<std::pair<std::string, std::function<void(std::size_t)>>> runs{
      {"curl_100", [&](std::size_t n) { curl_100.run(n); }},
      {"client_100", [&](std::size_t n) { client_100.run(n); }},
      {"client_1000", [&](std::size_t n) { client_1000.run(n); }},
      {"curl_1000", [&](std::size_t n) { curl_1000.run(n); }}};
  std::map<std::string, std::vector<double>> measured;
  for (const auto& [name, run] : runs) run(requests / 10); // the connections
  for (std::size_t round = 0; round < rounds; ++round) {
    for (const auto& [name, run] : runs) measured[name].push_back(rate(requests, run));
    measured["of_curl"].push_back(measured["client_100"].back() / measured["curl_100"].back());
    measured["of_100"].push_back(measured["client_1000"].back() / measured["client_100"].back());
  }
  std::string out;
  for (auto& [name, all] : measured) {
    std::ranges::sort(all);
    out += fmt::format("{}\"{}\": {:.2f}", out.empty() ? "" : ", ", name, all[all.size() / 2]);
  }
  std::printf("{%s}\n", out.c_str());
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
