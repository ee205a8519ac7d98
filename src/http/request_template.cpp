#include "http/request_template.hpp"

#include "http/request_list.hpp"
#include "http/syntax.hpp"
#include "http/url_template.hpp"
#include "template.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace runbook::http {

namespace {

/// `type` in lower case.
Place body_place(std::string_view type, std::string_view body) {
  if (type.find("json") != std::string_view::npos) return Place::json;
  if (type.starts_with("application/x-www-form-urlencoded")) return Place::url_query;
  const std::string_view text = trimmed(body);
  const bool looks_like_json = text.starts_with('[') || (text.starts_with('{') && !text.starts_with("{{"));
  return looks_like_json ? Place::json : Place::text;
}

Error in(std::string_view place, const Error& error) {
  return {error.code, fmt::format("{}: {}", place, error.message), error.diagnostics};
}

Result<void> add_headers(HttpRequest& request, const Values& headers, const Values& values) {
  for (const auto& [name, value] : headers) {
    Result<std::string> expanded = expand(value.as_string(), values, Place::header);
    if (!expanded) return in(fmt::format("header '{}'", std::string_view(name)), expanded.error());
    request.headers.emplace_back(name, std::move(*expanded));
  }
  return {};
}

Result<void> set_body(HttpRequest& request, std::string_view body, const Values& values) {
  std::string type;
  for (const auto& [name, value] : request.headers) {
    if (equal_names(name, "Content-Type")) type = lower_case(value);
  }
  Result<std::string> expanded = expand(body, values, body_place(type, body));
  if (!expanded) return in("body", expanded.error());
  request.body = std::move(*expanded);
  return {};
}

/// The path of a file; empty if none is named.
Result<std::string> shared_file(const Values& shared, std::string_view name, const Values& values,
                                const std::string& directory) {
  Result<std::string> file = expand(text_of(shared, name), values, Place::text);
  if (!file || !shared.contains(name)) return file;
  return (std::filesystem::path{directory} / *file).string();
}

Result<void> set_connection(HttpRequest& request, const Values& shared, const Values& values,
                            const std::string& directory) {
  for (const auto& [name, member] :
       {std::pair{"ca_file", &HttpRequest::ca_file}, std::pair{"client_cert", &HttpRequest::client_cert},
        std::pair{"client_key", &HttpRequest::client_key}}) {
    Result<std::string> file = shared_file(shared, name, values, directory);
    if (!file) return in(fmt::format("'{}'", name), file.error());
    request.*member = std::move(*file);
  }
  if (shared.contains("proxy")) {
    Result<std::string> proxy = expand_url(text_of(shared, "proxy"), values);
    if (!proxy) return in("'proxy'", proxy.error());
    request.proxy = std::move(*proxy);
  }
  if (const Value* follow = shared.if_contains("follow_redirects")) request.follow_redirects = follow->as_bool();
  return {};
}

} // namespace

Result<HttpRequest> make_request(const Values& params, const Values& shared, const Values& values,
                                 const std::string& directory) {
  HttpRequest request;
  request.method = method_of(params);
  Result<std::string> url = expand_url(params.at("url").as_string(), values);
  if (!url) return url.error();
  request.url = std::move(*url);
  if (const Value* headers = params.if_contains("headers")) {
    if (Result<void> added = add_headers(request, headers->as_object(), values); !added) return added.error();
  }
  if (params.contains("body")) {
    if (Result<void> set = set_body(request, text_of(params, "body"), values); !set) return set.error();
  }
  if (Result<void> set = set_connection(request, shared, values, directory); !set) return set.error();
  return request;
}

} // namespace runbook::http
