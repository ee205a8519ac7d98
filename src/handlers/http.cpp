#include "handlers/builtin.hpp"

#include "handlers/request_sequence.hpp"
#include "http/methods.hpp"
#include "http/request_flaws.hpp"
#include "http/request_list.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook {

namespace {

Effect effect_of(const Values& request) {
  const std::string method = http::method_of(request);
  if (http::reads_only(method)) return Effect::pure;
  return http::is_idempotent(method) ? Effect::idempotent : Effect::mutating;
}

class HttpHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  [[nodiscard]] std::vector<Diagnostic> check(const Action& action) const override {
    std::vector<Diagnostic> problems = Handler::check(action);
    std::ranges::move(http::request_flaws(action), std::back_inserter(problems));
    return problems;
  }

  [[nodiscard]] Effect effect(const Action& action) const override {
    Effect strongest = Effect::pure;
    for (const Values* request : http::requests_in(action.params)) strongest = std::max(strongest, effect_of(*request));
    return strongest;
  }

  [[nodiscard]] std::vector<std::string> captures(const Action& action) const override {
    const std::vector<std::string_view> names = http::captured_names(action.params);
    return {names.begin(), names.end()};
  }

  void start(StepContext& context, Completion done) const override {
    // An action that was made in code may never have been checked.
    if (auto problems = check(context.action()); has_errors(problems)) {
      return done(Error{errc::invalid_argument, "the request cannot be sent", std::move(problems)});
    }
    std::make_shared<RequestSequence>(context, std::move(done))->send();
  }

private:
  HandlerInfo info_{
      .name = "http",
      .description = "Sends an HTTP request, or several one after the other; success is a 2xx status of each, or the "
                     "response that is expected.",
      .effect = Effect::mutating,
      .params = {{.name = "method", .required = false, .description = "GET if it is left out", .exposed = true},
                 {.name = "url", .required = false, .description = "http://… or https://…"},
                 {.name = "headers", .required = false, .description = "an object of names and values"},
                 {.name = "body", .required = false, .description = "text"},
                 {.name = "expect",
                  .required = false,
                  .description = "the expected response as text: HTTP 2xx, headers, a blank line, a body"},
                 {.name = "captures",
                  .required = false,
                  .description = "an object of names and what they get: /json/pointer, header:NAME or body"},
                 {.name = "requests",
                  .required = false,
                  .description = "instead of all these: a list of objects with them, and perhaps a name"},
                 {.name = "ca_file",
                  .required = false,
                  .description = "PEM file of the certificate authorities to trust instead of the system's",
                  .exposed = true},
                 {.name = "client_cert",
                  .required = false,
                  .description = "PEM file of the client's certificate",
                  .exposed = true},
                 {.name = "client_key",
                  .required = false,
                  .description = "PEM file of its key, if that is not in the same file",
                  .exposed = true},
                 {.name = "proxy", .required = false, .description = "http://HOST:PORT; none if it is left out"},
                 {.name = "follow_redirects",
                  .required = false,
                  .description = "true: GET and HEAD follow up to 10 redirects"}},
      .languages = {},
      .quick = false,
      .expand = false, // each value is escaped for its place in the request
      .prints = true,
      .asks = false,
      .dry_run = "Shows the request, with the inputs in it."};
};

} // namespace

std::shared_ptr<const Handler> make_http_handler() {
  return std::make_shared<HttpHandler>();
}

} // namespace runbook
