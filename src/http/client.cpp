#include "http/client.hpp"

#include "http/exchange.hpp"
#include "http/multi.hpp"
#include "http/syntax.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

// libcurl's work per transfer grows with the transfers of a handle: 1,000 in one run at half the rate of 100.
constexpr std::size_t multi_limit = 128;

/// Longer than any timeout that anybody means, short enough for every clock.
constexpr std::chrono::milliseconds timeout_limit = std::chrono::hours{24 * 24};

/// The caller's hold on an exchange.
class ExchangeActivity final : public Activity {
public:
  explicit ExchangeActivity(std::shared_ptr<http::Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~ExchangeActivity() override { exchange_->drop(); }
  void stop() override { exchange_->stop(); }

private:
  std::shared_ptr<http::Exchange> exchange_;
};

class CurlClient final : public HttpClient {
public:
  explicit CurlClient(boost::asio::io_context& io) : io_(io) {}

  Result<std::unique_ptr<Activity>> start(HttpRequest request, std::function<void(Result<HttpResponse>)> done) override;

private:
  [[nodiscard]] Result<std::shared_ptr<http::Multi>> multi_with_room(const http::CurlLibrary& curl);

  boost::asio::io_context& io_;
  std::shared_ptr<http::EasyPool> easies_;
  std::vector<std::shared_ptr<http::Multi>> multis_;
};

Error about(const HttpRequest& request, Error error) {
  error.message = fmt::format("{} {}: {}", request.method, http::shown_url(request.url), error.message);
  return error;
}

Result<std::shared_ptr<http::Multi>> CurlClient::multi_with_room(const http::CurlLibrary& curl) {
  const auto has_room = [](const auto& multi) { return multi->in_flight() < multi_limit; };
  if (const auto found = std::ranges::find_if(multis_, has_room); found != multis_.end()) return *found;
  Result<std::shared_ptr<http::Multi>> multi = http::Multi::make(curl, io_);
  if (multi) multis_.push_back(*multi);
  return multi;
}

Result<std::unique_ptr<Activity>> CurlClient::start(HttpRequest request,
                                                    std::function<void(Result<HttpResponse>)> done) {
  const Result<const http::CurlLibrary*> curl = http::curl_library();
  if (!curl) return curl.error();
  Result<http::Url> url = http::parse_url(**curl, request.url);
  if (!url) return url.error();
  if (Result<void> checked = http::check_head(request); !checked) return about(request, checked.error());
  if (request.timeout <= std::chrono::milliseconds{0}) {
    return about(request, {errc::invalid_argument, "the timeout must be longer than 0", {}});
  }
  if (!request.proxy.empty()) {
    const Result<http::Url> proxy = http::parse_url(**curl, request.proxy);
    if (!proxy) return about(request, {proxy.error().code, "the proxy: " + proxy.error().message, {}});
    if (proxy->scheme != "http") {
      return about(request, {errc::invalid_argument, "a proxy is given as http://HOST:PORT", {}});
    }
  }
  request.timeout = std::min(request.timeout, timeout_limit);
  const Result<std::shared_ptr<http::Multi>> multi = multi_with_room(**curl);
  if (!multi) return about(request, multi.error());
  if (easies_ == nullptr) easies_ = std::make_shared<http::EasyPool>(**curl);
  auto exchange = std::make_shared<http::Exchange>(**curl, io_, easies_->take(), std::move(request), std::move(*url),
                                                   std::move(done));
  if (Result<void> started = exchange->start(*multi); !started) return started.error();
  return std::make_unique<ExchangeActivity>(std::move(exchange));
}

} // namespace

std::unique_ptr<HttpClient> make_http_client(boost::asio::io_context& io) {
  return std::make_unique<CurlClient>(io);
}

} // namespace runbook
