#include "http/request_flaws.hpp"

#include "http/capture_source.hpp"
#include "http/expected_head.hpp"
#include "http/methods.hpp"
#include "http/request_list.hpp"
#include "http/syntax.hpp"
#include "http/url_template.hpp"
#include "plan/strings.hpp"
#include "printable.hpp"
#include "suggest.hpp"
#include "template.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace runbook::http {

namespace {

constexpr std::size_t excerpt = 80;
constexpr std::array<std::string_view, 6> of_a_request{"method", "url", "headers", "body", "expect", "captures"};

class Flaws {
public:
  explicit Flaws(const Action& action) : action_(action) {}

  std::vector<Diagnostic> take() {
    if (const Value* list = action_.params.if_contains("requests")) {
      check_list(*list);
    } else {
      check_request(action_.params);
    }
    for (const std::string_view name : {"ca_file", "client_cert", "client_key", "proxy"}) text(action_.params, name);
    if (action_.params.contains("client_key") && !action_.params.contains("client_cert")) {
      add("the parameter 'client_key' of 'http' has no meaning without 'client_cert'", "name the certificate as well");
    }
    if (const Value* follow = action_.params.if_contains("follow_redirects"); follow != nullptr && !follow->is_bool()) {
      add("the parameter 'follow_redirects' of 'http' must be true or false", {});
    }
    if (action_.expect && action_.expect->kind == Expectation::Kind::http) {
      if (const auto flaw = expected_head_flaw(action_.expect->text)) add(*flaw, {}, "invalid-expectation");
    }
    if (found_.empty()) check_order();
    return std::move(found_);
  }

private:
  void add(std::string message, std::string hint, std::string code = "invalid-parameter") {
    found_.push_back({Severity::error, std::move(code), where_ + message, std::move(hint), {}, {}, action_.span});
  }

  /// The member's text; null if it is not there, or wrongly something else.
  const boost::json::string* text(const Values& params, std::string_view name) {
    const Value* const value = params.if_contains(name);
    if (value == nullptr) return nullptr;
    if (!value->is_string()) add(fmt::format("the parameter '{}' of 'http' must be text", name), {});
    return value->if_string();
  }

  void check_list(const Value& list) {
    if (!list.is_array() || list.get_array().empty()) {
      return add("the parameter 'requests' of 'http' must be a list of requests", R"(write [{"url": "http://…"}, …])");
    }
    for (const std::string_view name : of_a_request) {
      if (!action_.params.contains(name)) continue;
      add(fmt::format("the parameter '{}' of 'http' has no meaning beside 'requests'", name),
          "put it into one of the requests");
    }
    std::size_t index = 0;
    for (const Value& request : list.get_array()) {
      where_ = fmt::format("request {}: ", ++index);
      if (!request.is_object()) {
        add("a request must be an object", R"(write {"method": "GET", "url": "http://…"})");
        continue;
      }
      check_members(request.get_object());
      check_request(request.get_object());
    }
    where_.clear();
  }

  void check_members(const Values& request) {
    static const std::vector<std::string> known = [] {
      std::vector<std::string> names{of_a_request.begin(), of_a_request.end()};
      names.emplace_back("name");
      return names;
    }();
    text(request, "name");
    for (const auto& member : request) {
      if (std::ranges::find(known, std::string_view(member.key())) != known.end()) continue;
      std::string hint = did_you_mean(member.key(), known);
      if (hint.empty()) hint = fmt::format("it takes {}", fmt::join(known, ", "));
      add(fmt::format("a request has no parameter '{}'", printable_excerpt(member.key(), excerpt)), hint,
          "unknown-parameter");
    }
  }

  void check_request(const Values& request) {
    const auto* const method = text(request, "method");
    if (method != nullptr && !is_token(*method)) {
      add(fmt::format("'{}' is no HTTP method", printable_excerpt(*method, excerpt)), "write GET, POST, PUT …");
    }
    if (!request.contains("url")) add("'http' needs the parameter 'url'", "http://… or https://…", "missing-parameter");
    if (const auto* const url = text(request, "url")) {
      if (const auto flaw = url_flaw(*url)) add(*flaw, {});
    }
    if (const Value* headers = request.if_contains("headers")) check_headers(*headers);
    const auto* const body = text(request, "body");
    if (method != nullptr && *method == "HEAD" && body != nullptr && !body->empty()) {
      add("a HEAD request has no body", "leave the body out or use another method");
    }
    if (const auto* const expect = text(request, "expect")) {
      if (const auto flaw = expected_head_flaw(*expect)) add(*flaw, {}, "invalid-expectation");
    }
    if (const Value* captures = request.if_contains("captures")) check_captures(*captures);
    check_retry(request);
  }

  void check_headers(const Value& headers) {
    if (!headers.is_object()) {
      return add("the parameter 'headers' of 'http' must be an object", R"(write {"Name": "value"})");
    }
    for (const auto& [key, value] : headers.get_object()) {
      const std::string name = printable_excerpt(key, excerpt);
      if (!is_token(key)) {
        add(fmt::format("'{}' is no header name", name), "use letters, digits and '-'");
      } else if (!value.is_string()) {
        add(fmt::format("the value of header '{}' must be text", name), "put it into quotes");
      } else if (!is_field_value(value.get_string())) {
        add(fmt::format("the value of header '{}' holds a control character", name), "a header is one line");
      }
    }
  }

  void check_captures(const Value& captures) {
    if (!captures.is_object()) {
      return add("the parameter 'captures' of 'http' must be an object", R"(write {"name": "/json/pointer"})");
    }
    for (const auto& [key, source] : captures.get_object()) {
      if (!source.is_string()) {
        add(fmt::format("what '{}' captures must be text", printable_excerpt(key, excerpt)),
            "write /json/pointer, header:NAME or body");
      } else if (const auto flaw = capture_flaw(source.get_string())) {
        add(*flaw, {});
      }
    }
  }

  /// Nothing is sent twice unless it is known that it can be.
  void check_retry(const Values& request) {
    const std::string method = method_of(request);
    const bool retried = action_.retry.retries > 0 || action_.until;
    const bool stated = action_.effect && *action_.effect != Effect::mutating;
    if (!retried || stated || is_idempotent(method) || has_header(request, idempotency_header)) return;
    add(fmt::format("a {} is not sent again: the server could act twice", printable_excerpt(method, excerpt)),
        "give it the header 'Idempotency-Key: {{ idempotency_key }}', or the attribute 'idempotent' if it can be "
        "repeated; else remove the retries",
        "unsafe-retry");
  }

  /// What a request captures is known to the requests after it.
  void check_order() {
    const std::vector<const Values*> requests = requests_in(action_.params);
    std::unordered_map<std::string_view, std::size_t> captured_by;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const Value* const captures = requests[i]->if_contains("captures");
      if (captures == nullptr) continue;
      for (const auto& member : captures->get_object()) captured_by.emplace(member.key(), i);
    }
    if (captured_by.empty()) return;
    for (std::size_t i = 0; i < requests.size(); ++i) check_names(*requests[i], i, captured_by);
    for (const auto& [key, value] : action_.params) {
      if (key != "requests" && requests.front() != &action_.params) check_names({{key, value}}, 0, captured_by);
    }
  }

  void check_names(const Values& params, std::size_t index,
                   const std::unordered_map<std::string_view, std::size_t>& captured_by) {
    for_each_string(Value(params), [&](std::string_view text) {
      for (const std::string& name : template_names(text)) {
        const std::string_view first = std::string_view(name).substr(0, name.find('.'));
        const auto found = captured_by.find(first);
        if (found == captured_by.end() || found->second < index) continue;
        add(fmt::format("'{}' is not known here yet: request {} of this block captures it", first, found->second + 1),
            "use it in a later request", "not-known-yet");
      }
    });
  }

  const Action& action_;
  std::string where_; ///< in front of a message
  std::vector<Diagnostic> found_;
};

} // namespace

std::vector<Diagnostic> request_flaws(const Action& action) {
  return Flaws{action}.take();
}

} // namespace runbook::http
