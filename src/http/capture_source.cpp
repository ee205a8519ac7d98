#include "http/capture_source.hpp"

#include "http/syntax.hpp"
#include "plan/captures.hpp"
#include "printable.hpp"

#include <algorithm>

#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace runbook::http {

namespace {

constexpr std::size_t excerpt = 80;
constexpr std::string_view header_prefix = "header:";

std::string shown(std::string_view text) {
  return printable_excerpt(text, excerpt);
}

Error missing(std::string message) {
  return {errc::http_error, std::move(message), {}};
}

/// Scheme, host and port of a URL.
std::string origin_of(std::string_view url) {
  const std::size_t host = url.find("://") + 3;
  const std::string_view authority = url.substr(host, url.find_first_of("/?#", host) - host);
  return fmt::format("{}{}", url.substr(0, host), authority.substr(authority.rfind('@') + 1));
}

std::string absolute(std::string_view location, std::string_view url) {
  if (location.starts_with("//")) return fmt::format("{}{}", url.substr(0, url.find(':') + 1), location);
  if (location.starts_with('/')) return origin_of(url).append(location);
  return std::string{location};
}

Result<Value> from_header(std::string_view name, const HttpResponse& response, std::string_view url) {
  const auto found =
      std::ranges::find_if(response.headers, [&](const auto& header) { return equal_names(header.first, name); });
  if (found == response.headers.end()) return missing(fmt::format("the response has no header '{}'", shown(name)));
  const std::string text = as_utf8(found->second);
  return Value(equal_names(name, "Location") ? absolute(text, url) : text);
}

Result<Value> from_json(std::string_view pointer, const HttpResponse& response) {
  const Result<Value> document = parse_json(response.body);
  if (!document) return missing(fmt::format("the body is no JSON: {}", to_string(document.error())));
  boost::system::error_code ec;
  const Value* const found = document->find_pointer(pointer, ec);
  if (found == nullptr) return missing(fmt::format("the body has nothing at '{}'", shown(pointer)));
  return *found;
}

Result<Value> from_body(std::string_view body) {
  while (body.ends_with('\n') || body.ends_with('\r')) body.remove_suffix(1);
  return Value(as_utf8(body));
}

/// Whether every `~` of a JSON pointer is written as one.
bool is_pointer(std::string_view text) {
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return text.starts_with('/');
}

} // namespace

std::optional<std::string> capture_flaw(std::string_view source) {
  if (source == "body" || is_pointer(source)) return std::nullopt;
  if (source.starts_with(header_prefix) && is_token(source.substr(header_prefix.size()))) return std::nullopt;
  return fmt::format(
      "'{}' is nothing that a response has; write /member/0 for a place in its JSON, header:NAME, or body",
      shown(source));
}

Result<Value> captured_value(std::string_view source, const HttpResponse& response, std::string_view url) {
  Result<Value> value = source.starts_with(header_prefix)
                            ? from_header(source.substr(header_prefix.size()), response, url)
                        : source == "body" ? from_body(response.body)
                                           : from_json(source, response);
  if (!value) return value;
  const std::string text = to_text(*value);
  if (text.size() > max_captured_bytes) {
    return missing(fmt::format("it has {} bytes; at most {} can be captured", text.size(), max_captured_bytes));
  }
  if (text.find('\0') != std::string::npos) return missing("it holds a NUL byte, which no variable can hold");
  return value;
}

} // namespace runbook::http
