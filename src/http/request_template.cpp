#include "http/request_template.hpp"

#include "http/expected_head.hpp"
#include "http/syntax.hpp"
#include "http/url_template.hpp"
#include "printable.hpp"
#include "template.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace runbook::http {

namespace {

constexpr std::size_t excerpt = 80;

/// Collects what is wrong with an action.
class Flaws {
public:
  explicit Flaws(const Action& action) : action_(action) {}

  void add(std::string message, std::string hint, std::string code = "invalid-parameter") {
    found_.push_back({Severity::error, std::move(code), std::move(message), std::move(hint), {}, {}, action_.span});
  }
  /// The parameter's text; null if it is not there, or wrongly something else.
  const boost::json::string* text(std::string_view name) {
    const Value* const value = action_.params.if_contains(name);
    if (value == nullptr) return nullptr;
    if (!value->is_string()) add(fmt::format("the parameter '{}' of 'http' must be text", name), {});
    return value->if_string();
  }
  [[nodiscard]] std::vector<Diagnostic> take() { return std::move(found_); }

private:
  const Action& action_;
  std::vector<Diagnostic> found_;
};

void check_headers(Flaws& flaws, const Value& headers) {
  if (!headers.is_object()) {
    flaws.add("the parameter 'headers' of 'http' must be an object", R"(write {"Name": "value"})");
    return;
  }
  for (const auto& [key, value] : headers.get_object()) {
    const std::string name = printable_excerpt(key, excerpt);
    if (!is_token(key)) {
      flaws.add(fmt::format("'{}' is no header name", name), "use letters, digits and '-'");
    } else if (!value.is_string()) {
      flaws.add(fmt::format("the value of header '{}' must be text", name), "put it into quotes");
    } else if (!is_field_value(value.get_string())) {
      flaws.add(fmt::format("the value of header '{}' holds a control character", name), "a header is one line");
    }
  }
}

/// `type` in lower case.
Place body_place(std::string_view type, std::string_view body) {
  if (type.find("json") != std::string_view::npos) return Place::json;
  if (type.starts_with("application/x-www-form-urlencoded")) return Place::url_query;
  const std::string_view text = trimmed(body);
  const bool looks_like_json = text.starts_with('[') || (text.starts_with('{') && !text.starts_with("{{"));
  return looks_like_json ? Place::json : Place::text;
}

Result<void> add_headers(HttpRequest& request, const Values& headers, const Values& values) {
  for (const auto& [name, value] : headers) {
    Result<std::string> expanded = expand(value.as_string(), values, Place::header);
    if (!expanded) return expanded.error();
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
  if (!expanded) return expanded.error();
  request.body = std::move(*expanded);
  return {};
}

Result<void> set_ca_file(HttpRequest& request, std::string_view file, const Values& values,
                         const std::string& directory) {
  const Result<std::string> expanded = expand(file, values, Place::text);
  if (!expanded) return expanded.error();
  request.ca_file = (std::filesystem::path{directory} / *expanded).string();
  return {};
}

} // namespace

std::vector<Diagnostic> request_flaws(const Action& action) {
  Flaws flaws{action};
  const auto* const method = flaws.text("method");
  if (method != nullptr && !is_token(*method)) {
    flaws.add(fmt::format("'{}' is no HTTP method", printable_excerpt(*method, excerpt)), "write GET, POST, PUT …");
  }
  if (const auto* const url = flaws.text("url")) {
    if (const auto flaw = url_flaw(*url)) flaws.add(*flaw, {});
  }
  if (const Value* headers = action.params.if_contains("headers")) check_headers(flaws, *headers);
  const auto* const body = flaws.text("body");
  if (method != nullptr && *method == "HEAD" && body != nullptr && !body->empty()) {
    flaws.add("a HEAD request has no body", "leave the body out or use another method");
  }
  flaws.text("ca_file");
  if (const Value* follow = action.params.if_contains("follow_redirects"); follow != nullptr && !follow->is_bool()) {
    flaws.add("the parameter 'follow_redirects' of 'http' must be true or false", {});
  }
  if (action.expect && action.expect->kind == Expectation::Kind::http) {
    if (const auto flaw = expected_head_flaw(action.expect->text)) flaws.add(*flaw, {}, "invalid-expectation");
  }
  return flaws.take();
}

std::string request_method(const Values& params) {
  const Value* const method = params.if_contains("method");
  return method != nullptr && method->is_string() ? std::string{method->get_string()} : "GET";
}

Result<HttpRequest> make_request(const Values& params, const Values& values, const std::string& directory) {
  HttpRequest request;
  request.method = request_method(params);
  Result<std::string> url = expand_url(params.at("url").as_string(), values);
  if (!url) return url.error();
  request.url = std::move(*url);
  if (const Value* headers = params.if_contains("headers")) {
    if (Result<void> added = add_headers(request, headers->as_object(), values); !added) return added.error();
  }
  if (const Value* body = params.if_contains("body")) {
    if (Result<void> set = set_body(request, body->as_string(), values); !set) return set.error();
  }
  if (const Value* file = params.if_contains("ca_file")) {
    if (Result<void> set = set_ca_file(request, file->as_string(), values, directory); !set) return set.error();
  }
  if (const Value* follow = params.if_contains("follow_redirects")) request.follow_redirects = follow->as_bool();
  return request;
}

} // namespace runbook::http
