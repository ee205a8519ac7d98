// One HTTP exchange: a request, the redirects that it may lead to, and the response or the error in the end.
//
// Ownership: shared between whoever may stop it, the multi handle and the event loop's queue.
// Thread-safety: `stop` may be called from any thread, the rest from the loop's.
#pragma once

#include "http/easy_pool.hpp"
#include "http/multi.hpp"
#include "http/request_headers.hpp"
#include "http/response_head.hpp"
#include "http/url.hpp"

#include <runbook/system.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace runbook::http {

class Exchange final : public Transfer, public std::enable_shared_from_this<Exchange> {
public:
  using Done = std::function<void(Result<HttpResponse>)>;

  Exchange(const CurlLibrary& curl, boost::asio::io_context& io, EasyPool::Handle easy, HttpRequest request, Url url,
           Done done);
  /// Overwrites what was sent.
  ~Exchange() override;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Starts the transfer. `done` is called later, from the loop, unless this fails.
  [[nodiscard]] Result<void> start(const std::shared_ptr<Multi>& multi);
  /// Ends it early with `errc::cancelled` or `errc::in_doubt`, later, from the loop.
  void stop();
  /// Ends it without calling `done`.
  void drop() noexcept;

  [[nodiscard]] CURL* handle() const noexcept override { return easy_.get(); }
  void on_end(CURLcode code) override;
  void on_lost(boost::system::error_code why) override;
  void on_abandoned() noexcept override { drop(); }

private:
  using ErrorText = std::array<char, CURL_ERROR_SIZE>;

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  [[nodiscard]] Result<void> send();
  [[nodiscard]] Result<void> configure(std::chrono::milliseconds left);
  [[nodiscard]] bool is_redirect() const noexcept;
  [[nodiscard]] Result<void> redirect();
  [[nodiscard]] bool was_sent() const noexcept;
  [[nodiscard]] Error lost(Error error) const;
  [[nodiscard]] Error failure(CURLcode code) const;
  [[nodiscard]] Error about(Error error) const;
  void finish(Result<HttpResponse> result);

  const CurlLibrary& curl_;
  boost::asio::io_context& io_;
  HttpRequest request_;
  Url url_;
  Done done_;
  std::weak_ptr<Multi> multi_;
  HeaderList headers_;
  EasyPool::Handle easy_;
  ErrorText error_text_{};
  std::chrono::steady_clock::time_point deadline_;
  ResponseHead head_;
  std::string body_;
  std::optional<Error> broken_; ///< why a callback ended the transfer
  int redirects_ = 0;
  bool finished_ = false; ///< the result is known, or nobody wants it
  bool foreign_ = false;  ///< a redirect has left the first URL's origin
};

} // namespace runbook::http
