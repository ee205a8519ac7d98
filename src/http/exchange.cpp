#include "http/exchange.hpp"

#include "http/easy_options.hpp"
#include "http/methods.hpp"
#include "http/transfer_error.hpp"
#include "secret/wiping.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include <fmt/format.h>

namespace runbook::http {

namespace asio = boost::asio;

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr int redirect_limit = 10;

} // namespace

Exchange::Exchange(const CurlLibrary& curl, asio::io_context& io, EasyPool::Handle easy, HttpRequest request, Url url,
                   Done done)
    : curl_(curl), io_(io), request_(std::move(request)), url_(std::move(url)), done_(std::move(done)),
      headers_(nullptr, curl.slist_free_all), easy_(std::move(easy)),
      deadline_(steady_clock::now() + request_.timeout) {}

Exchange::~Exchange() {
  for (curl_slist* line = headers_.get(); line != nullptr; line = line->next) {
    ::explicit_bzero(line->data, std::strlen(line->data));
  }
  for (auto& [name, value] : request_.headers) wipe(value);
  for (std::string* text : {&request_.url, &request_.body, &url_.text, &url_.user, &url_.password}) wipe(*text);
}

Result<void> Exchange::start(const std::shared_ptr<Multi>& multi) {
  multi_ = multi;
  if (easy_ == nullptr) return about({errc::http_error, "libcurl cannot start: out of memory", {}});
  return send();
}

Result<void> Exchange::send() {
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - steady_clock::now());
  if (left <= milliseconds{0}) return failure(CURLE_OPERATION_TIMEDOUT);
  head_ = {};
  body_.clear();
  if (Result<void> configured = configure(left); !configured) return configured;
  const std::shared_ptr<Multi> multi = multi_.lock();
  if (multi == nullptr) return about({errc::cancelled, "the HTTP client is gone", {}});
  if (Result<void> added = multi->add(shared_from_this()); !added) return about(added.error());
  return {};
}

Result<void> Exchange::configure(milliseconds left) {
  headers_ = header_list(curl_, request_, foreign_);
  if (redirects_ > 0) curl_.easy_reset(easy_.get()); // nothing of the request before is left
  EasyOptions options{curl_, easy_.get()};
  set_safe_defaults(options);
  set_target(options, url_);
  set_trust(options, request_.ca_file);
  if (!foreign_) set_client_certificate(options, request_);
  set_proxy(options, request_.proxy);
  set_times(options, left);
  set_request(options, request_);
  options.set(CURLOPT_HTTPHEADER, headers_.get());
  options.set(CURLOPT_ERRORBUFFER, error_text_.data());
  options.set(CURLOPT_HEADERFUNCTION, &Exchange::on_header);
  options.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  options.set(CURLOPT_WRITEFUNCTION, &Exchange::on_body);
  options.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  if (Result<void> set = options.result(); !set) return about(set.error());
  return {};
}

void Exchange::stop() {
  asio::post(io_, [self = shared_from_this()] {
    if (self->finished_) return;
    self->finish(self->about(self->lost({errc::cancelled, "stopped on request", {}})));
  });
}

void Exchange::drop() noexcept {
  finished_ = true;
  if (const std::shared_ptr<Multi> multi = multi_.lock()) multi->remove(easy_.get());
  const Done dropped = std::exchange(done_, nullptr); // may own whoever calls this
}

void Exchange::finish(Result<HttpResponse> result) {
  finished_ = true;
  if (const std::shared_ptr<Multi> multi = multi_.lock()) multi->remove(easy_.get());
  asio::post(io_, [self = shared_from_this(), result = std::move(result)]() mutable {
    if (const Done done = std::exchange(self->done_, nullptr)) done(std::move(result));
  });
}

std::size_t Exchange::on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept try {
  Exchange& exchange = *static_cast<Exchange*>(self);
  const bool wants_body = exchange.request_.method != "HEAD";
  exchange.broken_ = exchange.head_.take({data, size * count}, wants_body);
  if (exchange.head_.announces_needless_body()) {
    EasyOptions options{exchange.curl_, exchange.easy_.get()};
    options.set(CURLOPT_FORBID_REUSE, 1L); // libcurl asks for it when the transfer is over
    if (!options.result()) return 0;
  }
  return exchange.broken_ ? 0 : size * count;
} catch (const std::bad_alloc&) {
  return 0;
}

// libcurl hands over what it has decoded, so a small compressed body cannot become a large one unnoticed.
std::size_t Exchange::on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept try {
  Exchange& exchange = *static_cast<Exchange*>(self);
  const std::size_t bytes = size * count;
  if (bytes > exchange.request_.max_body - exchange.body_.size()) {
    exchange.broken_ = Error{
        errc::limit_exceeded,
        fmt::format("the response's body is longer than the {} bytes that are allowed", exchange.request_.max_body),
        {}};
    return 0;
  }
  exchange.body_.append(data, bytes);
  return bytes;
} catch (const std::bad_alloc&) {
  return 0;
}

void Exchange::on_end(CURLcode code) {
  if (finished_) return;
  if (broken_) return finish(about(*broken_));
  if (code != CURLE_OK) return finish(failure(code));
  if (!head_.complete()) return finish(failure(CURLE_PARTIAL_FILE));
  if (!is_redirect()) return finish(HttpResponse{head_.status(), head_.take_headers(), std::move(body_)});
  if (Result<void> redirected = redirect(); !redirected) finish(redirected.error());
}

void Exchange::on_lost(boost::system::error_code why) {
  if (finished_) return;
  finish(about(lost({errc::http_error, fmt::format("cannot wait for the connection: {}", why.message()), {}})));
}

bool Exchange::is_redirect() const noexcept {
  const bool repeatable = (request_.method == "GET" && request_.body.empty()) || request_.method == "HEAD";
  if (!request_.follow_redirects || !repeatable || head_.find("location") == nullptr) return false;
  const int status = head_.status();
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Result<void> Exchange::redirect() {
  if (++redirects_ > redirect_limit) {
    return about(
        {errc::http_error, fmt::format("more than {} redirects; ask for the final address", redirect_limit), {}});
  }
  Result<Url> target = redirect_target(curl_, url_, *head_.find("location"));
  if (!target) return Error{target.error().code, fmt::format("{} {}", request_.method, target.error().message), {}};
  foreign_ = foreign_ || !target->same_origin(url_);
  url_ = std::move(*target);
  return send();
}

/// Whether anything of the request has left, so the connection with all its handshakes stood.
bool Exchange::was_sent() const noexcept {
  long bytes = 0;
  curl_.easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes);
  if (bytes == 0 || request_.proxy.empty() || !url_.is_https()) return bytes > 0;
  long answer = 0; // the proxy's, without which it got no more than the wish for a tunnel
  curl_.easy_getinfo(easy_.get(), CURLINFO_HTTP_CONNECTCODE, &answer);
  return answer >= 200 && answer < 300;
}

/// The error of an exchange that ended without an answer.
Error Exchange::lost(Error error) const {
  if (!was_sent() || reads_only(request_.method)) return error;
  error.code = errc::in_doubt;
  error.message += "; the answer is lost, so it is not known whether the server acted on the request";
  return error;
}

Error Exchange::failure(CURLcode code) const {
  FailedTransfer failed;
  curl_.easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &failed.system_error);
  failed.code = code;
  failed.detail = error_text_.data();
  failed.host = url_.host;
  failed.port = url_.port;
  failed.ca_file = request_.ca_file;
  failed.timeout = request_.timeout;
  failed.client_cert = request_.client_cert;
  failed.proxy = request_.proxy;
  failed.connected = was_sent();
  return about(lost(transfer_error(curl_, failed)));
}

Error Exchange::about(Error error) const {
  error.message = fmt::format("{} {}: {}", request_.method, url_.shown(), error.message);
  return error;
}

} // namespace runbook::http
