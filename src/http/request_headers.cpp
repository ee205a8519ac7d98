#include "http/request_headers.hpp"

#include "http/syntax.hpp"
#include "printable.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace runbook::http {

namespace {

constexpr std::array<std::string_view, 8> harmless{"Accept",        "Accept-Encoding", "Accept-Language",
                                                   "Cache-Control", "If-None-Match",   "If-Modified-Since",
                                                   "Range",         "User-Agent"};

bool is_harmless(std::string_view name) {
  return std::ranges::any_of(harmless, [&](std::string_view known) { return equal_names(known, name); });
}

Error unusable(std::string why) {
  return {errc::invalid_argument, std::move(why), {}};
}

Result<void> check_header(std::string_view name, std::string_view value, std::size_t body_size) {
  if (!is_token(name)) {
    return unusable(fmt::format("'{}' is no header name; use letters, digits and '-'", printable_excerpt(name, 80)));
  }
  if (!is_field_value(value)) {
    return unusable(fmt::format("the value of header '{}' holds a control character; a header is one line", name));
  }
  if (equal_names(name, "Transfer-Encoding") || equal_names(name, "Expect")) {
    return unusable(fmt::format("header '{}' cannot be set: the body is sent at once, with its length", name));
  }
  if (equal_names(name, "Content-Length") && trimmed(value) != std::to_string(body_size)) {
    return unusable(fmt::format("header '{}' says '{}', but the body has {} bytes; leave the header out", name,
                                printable_excerpt(value, 40), body_size));
  }
  return {};
}

} // namespace

Result<void> check_head(const HttpRequest& request) {
  if (!is_token(request.method)) {
    return unusable(
        fmt::format("'{}' is no HTTP method; write GET, POST, PUT …", printable_excerpt(request.method, 40)));
  }
  if (request.method == "HEAD" && !request.body.empty()) {
    return unusable("a HEAD request has no body; leave the body out or use another method");
  }
  for (const auto& [name, value] : request.headers) {
    if (Result<void> checked = check_header(name, value, request.body.size()); !checked) return checked;
  }
  return {};
}

HeaderList header_list(const CurlLibrary& curl, const HttpRequest& request, bool foreign) {
  HeaderList list{nullptr, curl.slist_free_all};
  const auto append = [&](const std::string& line) {
    curl_slist* const head = curl.slist_append(list.get(), line.c_str());
    if (head == nullptr) throw std::bad_alloc{};
    static_cast<void>(list.release());
    list.reset(head);
  };
  bool has_type = false;
  for (const auto& [name, raw] : request.headers) {
    if (equal_names(name, "Content-Length") || (foreign && !is_harmless(name))) continue;
    has_type = has_type || equal_names(name, "Content-Type");
    const std::string_view value = trimmed(raw);
    append(value.empty() ? name + ";" : fmt::format("{}: {}", name, value)); // "name:" would mean: do not send it
  }
  append("Expect:");                      // no waiting for a "100 Continue" before the body
  if (!has_type) append("Content-Type:"); // else libcurl would call every body a form
  return list;
}

} // namespace runbook::http
