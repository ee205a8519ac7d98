#include "handlers/request_sequence.hpp"

#include "expectation.hpp"
#include "http/capture_source.hpp"
#include "http/expected_head.hpp"
#include "http/request_list.hpp"
#include "http/request_template.hpp"
#include "http/syntax.hpp"
#include "printable.hpp"
#include "secret/revealed_values.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds default_timeout{30000};

/// `{"status": n, "headers": {…}}`; the values of a header that came several times are joined as HTTP does it.
Values reported(const HttpResponse& response) {
  Values headers;
  for (const auto& [name, value] : response.headers) {
    const std::string text = http::as_utf8(value);
    const std::string key = http::as_utf8(name);
    if (Value* const former = headers.if_contains(key)) {
      former->get_string().append(", ").append(text);
    } else {
      headers.emplace(key, text);
    }
  }
  return {{"status", response.status}, {"headers", std::move(headers)}};
}

/// How a whole response differs from what is expected of it.
std::optional<std::string> response_mismatch(std::string_view expected, const HttpResponse& response,
                                             const Values& values) {
  if (auto different = http::head_mismatch(expected, response, values)) return different;
  return mismatch(Expectation{Expectation::Kind::http, std::string{expected}, {}}, response.body, values);
}

} // namespace

RequestSequence::RequestSequence(StepContext& context, Completion done)
    : context_(context), done_(std::move(done)), requests_(http::requests_in(context.params())),
      values_(context.values()), start_(steady_clock::now()) {}

void RequestSequence::send() {
  const Values& params = *requests_[index_];
  const Values values = values_for_request();
  const RevealedValues revealed(values, context_.secrets());
  Result<HttpRequest> request = http::make_request(params, context_.params(), revealed.get(), context_.run_directory());
  if (!request) return fail(request.error());
  request->timeout = time_left().value_or(default_timeout);
  url_ = request->url;
  shown_ = fmt::format("{} {}", request->method, http::shown_url(url_));
  if (requests_.size() > 1) shown_.insert(0, http::request_name(params, index_) + ": ");
  auto activity = context_.system().http.start(
      std::move(*request), [self = shared_from_this()](const Result<HttpResponse>& result) { self->ended(result); });
  if (!activity) return fail(activity.error());
  activity_ = std::move(*activity);
  stop_.emplace(context_.stop_token(), [this] { activity_->stop(); });
}

/// Each request has a key of its own: they are different requests.
Values RequestSequence::values_for_request() const {
  Values values = values_;
  std::string key = context_.idempotency_key();
  if (index_ > 0) key += fmt::format("/{}", index_ + 1);
  values.emplace(http::key_name, std::move(key));
  return values;
}

/// Of the attempt, at least a moment: the engine ends it when its time is over.
std::optional<milliseconds> RequestSequence::time_left() const {
  if (!context_.timeout()) return std::nullopt;
  const auto used = std::chrono::floor<milliseconds>(steady_clock::now() - start_);
  return std::max(*context_.timeout() - used, milliseconds{1});
}

void RequestSequence::ended(const Result<HttpResponse>& result) {
  stop_.reset(); // waits for a stop that is just being passed on
  activity_.reset();
  if (!result) return fail(result.error());
  std::optional<std::string> problem = mismatch_of(*result);
  if (!problem) problem = capture(*result);
  if (requests_.size() > 1) {
    context_.log(printable(fmt::format("{}: status {}, {} bytes", shown_, result->status, result->body.size())));
  }
  if (!problem && !is_last()) {
    ++index_;
    return send();
  }
  context_.output(Stream::out, result->body);
  if (!problem) return finish(OutcomeStatus::ok, reported(*result), {});
  finish(OutcomeStatus::failed, reported(*result), fmt::format("{}: {}", shown_, *problem));
}

/// What is expected in a block of its own is expected of the last response, of whose body it is compared by the engine.
std::optional<std::string> RequestSequence::mismatch_of(const HttpResponse& response) const {
  const auto& expect = context_.action().expect;
  const bool judged = is_last() && expect && expect->kind == Expectation::Kind::http;
  if (requests_[index_]->contains("expect")) {
    const std::string_view own = http::text_of(*requests_[index_], "expect");
    if (auto different = response_mismatch(own, response, values_)) return different;
  } else if (!judged && (response.status < 200 || response.status > 299)) {
    return fmt::format("status {}, expected 2xx", response.status);
  }
  return judged ? http::head_mismatch(expect->text, response, context_.values()) : std::nullopt;
}

/// Takes over what the request captures; returns what is missing.
std::optional<std::string> RequestSequence::capture(const HttpResponse& response) {
  const Value* const wanted = requests_[index_]->if_contains("captures");
  if (wanted == nullptr) return std::nullopt;
  for (const auto& [name, source] : wanted->get_object()) {
    Result<Value> value = http::captured_value(source.get_string(), response, url_);
    if (!value) {
      return fmt::format("cannot capture '{}': {}", std::string_view(name), value.error().message);
    }
    captures_[name] = *value;
    values_[name] = std::move(*value);
  }
  return std::nullopt;
}

void RequestSequence::fail(const Error& error) {
  OutcomeStatus status = OutcomeStatus::failed;
  if (error.code == errc::timed_out) status = OutcomeStatus::timed_out;
  if (error.code == errc::cancelled) status = OutcomeStatus::cancelled;
  Values report;
  if (error.code == errc::in_doubt) {
    report.emplace("doubt", true);
    if (context_.stop_token().stop_requested()) status = OutcomeStatus::cancelled;
  }
  std::string message = to_string(error);
  if (requests_.size() > 1) {
    message = fmt::format("{}: {}", http::request_name(*requests_[index_], index_), message);
  }
  finish(status, std::move(report), std::move(message));
}

void RequestSequence::finish(OutcomeStatus status, Values report, std::string message) {
  if (!captures_.empty()) report.emplace("captures", std::move(captures_));
  Value value = report.empty() ? Value(nullptr) : Value(std::move(report));
  done_(Outcome{status, std::move(value), std::move(message)});
}

} // namespace runbook
