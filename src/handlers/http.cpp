#include "handlers/builtin.hpp"

#include "http/expected_head.hpp"
#include "http/request_template.hpp"
#include "http/syntax.hpp"
#include "utf8.hpp"

#include <runbook/system.hpp>

#include <functional>
#include <iterator>
#include <optional>
#include <stop_token>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::chrono::milliseconds default_timeout{30000};

/// A header's bytes as text: as UTF-8 if they are that, else as Latin-1, which is what HTTP says they are.
std::string header_text(std::string_view bytes) {
  if (find_invalid_utf8(bytes) == std::string_view::npos) return std::string{bytes};
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0U | (byte >> 6U));
      text += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return text;
}

/// `{"status": n, "headers": {…}}`; the values of a header that came several times are joined as HTTP does it.
Value reported(const HttpResponse& response) {
  Values headers;
  for (const auto& [name, value] : response.headers) {
    const std::string text = header_text(value);
    const std::string key = header_text(name);
    if (Value* const former = headers.if_contains(key)) {
      former->get_string().append(", ").append(text);
    } else {
      headers.emplace(key, text);
    }
  }
  return Value{{"status", response.status}, {"headers", std::move(headers)}};
}

std::optional<std::string> mismatch_of(const Action& action, const HttpResponse& response, const Values& values) {
  if (action.expect && action.expect->kind == Expectation::Kind::http) {
    return http::head_mismatch(action.expect->text, response, values);
  }
  if (response.status >= 200 && response.status < 300) return std::nullopt;
  return fmt::format("status {}, expected 2xx", response.status);
}

Outcome failure(const Error& error) {
  OutcomeStatus status = OutcomeStatus::failed;
  if (error.code == errc::timed_out) status = OutcomeStatus::timed_out;
  if (error.code == errc::cancelled) status = OutcomeStatus::cancelled;
  return {status, nullptr, to_string(error)};
}

/// One attempt under way: held by the exchange's callback, and gone with it.
class Attempt {
public:
  Attempt(StepContext& context, Completion done, std::string request)
      : context_(context), done_(std::move(done)), request_(std::move(request)) {}

  void began(std::unique_ptr<Activity> activity) {
    activity_ = std::move(activity);
    stop_.emplace(context_.stop_token(), [this] { activity_->stop(); });
  }

  void end(const Result<HttpResponse>& result) {
    stop_.reset(); // waits for a stop that is just being passed on
    activity_.reset();
    if (!result) return done_(failure(result.error()));
    context_.output(Stream::out, result->body);
    Outcome outcome{OutcomeStatus::ok, reported(*result), {}};
    if (const auto mismatch = mismatch_of(context_.action(), *result, context_.values())) {
      outcome.status = OutcomeStatus::failed;
      outcome.message = fmt::format("{}: {}", request_, *mismatch);
    }
    done_(std::move(outcome));
  }

private:
  StepContext& context_;
  Completion done_;
  std::string request_; ///< method and URL, as they may be shown
  std::unique_ptr<Activity> activity_;
  std::optional<std::stop_callback<std::function<void()>>> stop_;
};

class HttpHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  [[nodiscard]] std::vector<Diagnostic> check(const Action& action) const override {
    std::vector<Diagnostic> problems = Handler::check(action);
    std::ranges::move(http::request_flaws(action), std::back_inserter(problems));
    return problems;
  }

  [[nodiscard]] Effect effect(const Action& action) const override {
    const std::string method = http::request_method(action.params);
    if (method == "GET" || method == "HEAD" || method == "OPTIONS") return Effect::pure;
    if (method == "PUT" || method == "DELETE") return Effect::idempotent;
    return Effect::mutating;
  }

  void start(StepContext& context, Completion done) const override {
    // An action that was made in code may never have been checked.
    if (const auto problems = check(context.action()); has_errors(problems)) {
      return done(failure({errc::invalid_argument, "the request cannot be sent", problems}));
    }
    Result<HttpRequest> request = http::make_request(context.params(), context.values(), context.run_directory());
    if (!request) return done(failure(request.error()));
    request->timeout = context.timeout().value_or(default_timeout);
    const auto attempt = std::make_shared<Attempt>(
        context, std::move(done), fmt::format("{} {}", request->method, http::shown_url(request->url)));
    auto activity = context.system().http.start(
        std::move(*request), [attempt](const Result<HttpResponse>& result) { attempt->end(result); });
    if (!activity) return attempt->end(activity.error());
    attempt->began(std::move(*activity));
  }

private:
  HandlerInfo info_{
      .name = "http",
      .description = "Sends one HTTP request; success is a 2xx status, or the response that is expected.",
      .effect = Effect::mutating,
      .params = {{.name = "method", .required = false, .description = "GET if it is left out"},
                 {.name = "url", .required = true, .description = "http://… or https://…"},
                 {.name = "headers", .required = false, .description = "an object of names and values"},
                 {.name = "body", .required = false, .description = "text"},
                 {.name = "ca_file",
                  .required = false,
                  .description = "PEM file of the certificate authorities to trust instead of the system's"},
                 {.name = "follow_redirects",
                  .required = false,
                  .description = "true: GET and HEAD follow up to 10 redirects"}},
      .languages = {},
      .quick = false,
      .expand = false, // each value is escaped for its place in the request
      .prints = true,
      .asks = false};
};

} // namespace

std::shared_ptr<const Handler> make_http_handler() {
  return std::make_shared<HttpHandler>();
}

} // namespace runbook
