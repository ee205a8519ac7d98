// The head of a response as libcurl hands it over, line by line, held to limits.
#pragma once

#include <runbook/error.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook::http {

class ResponseHead {
public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  /// Takes in one line with its line end: interim responses (1xx), the response's own head, trailers. Returns what
  /// is wrong, in words, when the exchange must not go on:
  /// - more than 256 KiB of head lines in all;
  /// - content encoded with anything but one of gzip and deflate: libcurl would decode it before anybody can count,
  ///   and a chain of encodings can keep it busy for hours with a few kilobytes. Not checked where there is no body.
  /// `wants_body`: false for HEAD.
  [[nodiscard]] std::optional<Error> take(std::string_view line, bool wants_body);

  /// Whether the response's own head has ended. libcurl calls a response complete that ends within it.
  [[nodiscard]] bool complete() const noexcept { return state_ == State::after; }
  [[nodiscard]] int status() const noexcept { return status_; }
  /// Whether the response announces a body that it must not have (HEAD, 204, 304). From HEAD that is right, but a
  /// server that sends it as well would have it taken for the answer to the next request on the connection.
  [[nodiscard]] bool announces_needless_body() const noexcept;
  /// Names in lower case, in the order received; interim responses and trailers left out.
  [[nodiscard]] const Headers& headers() const noexcept { return headers_; }
  [[nodiscard]] Headers take_headers() noexcept { return std::move(headers_); }
  /// The first header of this (lower-case) name.
  [[nodiscard]] const std::string* find(std::string_view name) const noexcept;

private:
  enum class State { before, inside, after };

  [[nodiscard]] std::optional<Error> end_of_head(bool wants_body);
  [[nodiscard]] std::optional<Error> check_codings() const;

  State state_ = State::before;
  int status_ = 0;
  std::size_t size_ = 0;
  bool has_body_ = true; ///< known when the head has ended
  Headers headers_;
};

} // namespace runbook::http
