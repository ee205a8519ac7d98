#include "http/url.hpp"

#include "http/syntax.hpp"
#include "printable.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

namespace runbook::http {

namespace {

constexpr std::size_t shown_limit = 300;

/// A text that could not be taken apart, without anything that may have been meant as a password.
std::string shown_broken_url(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  const std::size_t start = scheme_end == std::string_view::npos ? 0 : scheme_end + 3;
  const std::size_t at = text.rfind('@');
  std::string shown{text.substr(0, start)};
  shown += at == std::string_view::npos || at < start ? text.substr(start) : text.substr(at + 1);
  return printable_excerpt(shown, shown_limit);
}

/// libcurl's parsed URL. Thread-safety: none.
class UrlParts {
public:
  explicit UrlParts(const CurlLibrary& curl) : curl_(curl), handle_(curl.url(), curl.url_cleanup) {}

  [[nodiscard]] CURLUcode set(CURLUPart part, const char* value, unsigned flags) {
    return curl_.url_set(handle_.get(), part, value, flags);
  }
  /// Empty if the URL has no such part.
  [[nodiscard]] std::string get(CURLUPart part, unsigned flags = 0) const {
    char* value = nullptr;
    if (curl_.url_get(handle_.get(), part, &value, flags) != CURLUE_OK) return {};
    const std::unique_ptr<char, decltype(curl_.free)> owner{value, curl_.free};
    return value;
  }

private:
  const CurlLibrary& curl_;
  std::unique_ptr<CURLU, decltype(CurlLibrary::url_cleanup)> handle_;
};

/// Whether libcurl would write the text as it is: nothing is to be encoded or left out.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F' && c != '@' && c != '#'; });
}

/// `text`: what the parts were read from, if it was absolute.
Url url_from(UrlParts& parts, const std::string& text = {}) {
  Url url;
  url.scheme = parts.get(CURLUPART_SCHEME);
  url.host = parts.get(CURLUPART_HOST);
  url.port = parts.get(CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (!text.empty() && is_plain(text)) {
    url.text = text; // putting it together again would cost as much as all else here
    return url;
  }
  url.user = parts.get(CURLUPART_USER, CURLU_URLDECODE);
  url.password = parts.get(CURLUPART_PASSWORD, CURLU_URLDECODE);
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) {
    static_cast<void>(parts.set(part, nullptr, 0));
  }
  url.text = parts.get(CURLUPART_URL);
  return url;
}

Error no_url(std::string_view text, std::string_view why) {
  return {errc::invalid_argument,
          fmt::format("'{}' is no usable URL: {}; write http://HOST/PATH or https://HOST/PATH", shown_broken_url(text),
                      why),
          {}};
}

} // namespace

std::string Url::shown() const {
  return printable_excerpt(text, shown_limit);
}

bool Url::same_origin(const Url& other) const noexcept {
  return scheme == other.scheme && equal_names(host, other.host) && port == other.port;
}

Result<Url> parse_url(const CurlLibrary& curl, const std::string& text) {
  if (!is_field_value(text)) return no_url(text, "it holds a control character");
  if (!has_http_scheme(text)) return no_url(text, "it does not start with http:// or https://");
  // libcurl forgives surplus slashes and takes the path's first part for the host.
  const std::string_view behind_scheme = std::string_view{text}.substr(text.find("://") + 3);
  if (behind_scheme.empty() || behind_scheme.find_first_of("/\\?#") == 0) return no_url(text, "it names no host");
  UrlParts parts{curl};
  const CURLUcode code = parts.set(CURLUPART_URL, text.c_str(), CURLU_URLENCODE | CURLU_PATH_AS_IS);
  if (code != CURLUE_OK) return no_url(text, curl.url_strerror(code));
  return url_from(parts, text);
}

Result<Url> redirect_target(const CurlLibrary& curl, const Url& base, const std::string& location) {
  const auto refused = [&](const std::string& target, std::string_view why) {
    return Error{
        errc::http_error, fmt::format("{}: the redirect to '{}' is not followed: {}", base.shown(), target, why), {}};
  };
  UrlParts parts{curl};
  CURLUcode code = parts.set(CURLUPART_URL, base.text.c_str(), CURLU_PATH_AS_IS);
  if (code == CURLUE_OK) code = parts.set(CURLUPART_URL, location.c_str(), CURLU_URLENCODE);
  if (code != CURLUE_OK) return refused(shown_broken_url(location), curl.url_strerror(code));
  Url target = url_from(parts);
  if (!has_http_scheme(target.text)) return refused(target.shown(), "only http and https are spoken");
  if (base.is_https() && !target.is_https()) return refused(target.shown(), "it leads from https to http");
  const bool same = target.same_origin(base);
  target.user = same ? base.user : std::string{};
  target.password = same ? base.password : std::string{};
  return target;
}

} // namespace runbook::http
