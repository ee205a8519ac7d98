#include "http/response_head.hpp"

#include "http/syntax.hpp"
#include "printable.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::http {

namespace {

constexpr std::size_t head_limit = std::size_t{256} * 1024;

/// The three digits behind the version, or 0. libcurl has looked at the line before.
int status_of(std::string_view line) noexcept {
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return 0;
  int status = 0;
  for (const char c : line.substr(blank + 1, 3)) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status;
}

/// Whether the codings that libcurl would undo for this header are ones whose output can be capped as it comes.
bool is_single_coding(std::string_view name, std::string_view value) {
  if (value.empty() || equal_names(value, "identity")) return true;
  if (name == "transfer-encoding") return equal_names(value, "chunked");
  return equal_names(value, "gzip") || equal_names(value, "x-gzip") || equal_names(value, "deflate");
}

} // namespace

std::optional<Error> ResponseHead::take(std::string_view line, bool wants_body) {
  size_ += line.size();
  if (size_ > head_limit) {
    return Error{errc::limit_exceeded, fmt::format("the response's headers are longer than {} bytes", head_limit), {}};
  }
  if (state_ == State::after) return std::nullopt; // a trailer
  if (state_ == State::before) {
    status_ = status_of(line);
    headers_.clear();
    state_ = State::inside;
    return std::nullopt;
  }
  const std::string_view text = trimmed(line);
  if (text.empty()) return end_of_head(wants_body);
  if (line.front() == ' ' || line.front() == '\t') { // the header before, continued
    if (!headers_.empty()) headers_.back().second.append(" ").append(text);
    return std::nullopt;
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  headers_.emplace_back(lower_case(trimmed(text.substr(0, colon))), trimmed(text.substr(colon + 1)));
  return std::nullopt;
}

std::optional<Error> ResponseHead::end_of_head(bool wants_body) {
  const bool interim = status_ >= 100 && status_ < 200 && status_ != 101;
  state_ = interim ? State::before : State::after;
  if (interim) return std::nullopt;
  has_body_ = wants_body && status_ != 204 && status_ != 304;
  return has_body_ ? check_codings() : std::nullopt;
}

std::optional<Error> ResponseHead::check_codings() const {
  for (const std::string_view name : {"content-encoding", "transfer-encoding"}) {
    bool seen = false;
    for (const auto& [header, value] : headers_) {
      if (header != name) continue;
      if (std::exchange(seen, true) || !is_single_coding(name, value)) {
        return Error{errc::http_error,
                     fmt::format("the response is encoded as '{}: {}', which is not read; ask for gzip, deflate or "
                                 "identity in Accept-Encoding",
                                 name, printable_excerpt(value, 60)),
                     {}};
      }
    }
  }
  return std::nullopt;
}

bool ResponseHead::announces_needless_body() const noexcept {
  if (!complete() || has_body_) return false;
  return std::ranges::any_of(headers_, [](const auto& header) {
    return header.first == "transfer-encoding" || (header.first == "content-length" && header.second != "0");
  });
}

const std::string* ResponseHead::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(headers_, name, &Headers::value_type::first);
  return found == headers_.end() ? nullptr : &found->second;
}

} // namespace runbook::http
