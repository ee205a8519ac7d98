// Several requests of one action: order, captures, expectations, what is sent twice and what is in doubt.
#include "support/http_context.hpp"

#include <algorithm>

using namespace http_test;
using runbook::Effect;
using runbook::Expectation;

namespace {

using boost::json::array;

/// An nginx that keeps jobs: one is begun by a POST, and is done when it is looked at.
struct Jobs {
  TempFolder folder;
  Nginx nginx{folder,
              "default_type application/json; "
              "location = /jobs { add_header Location /jobs/42 always; "
              "return 202 '{\"id\": 42, \"state\": \"queued\", \"tags\": [\"a/b?c\"], \"a~b\": {\"/\": true}}'; } "
              "location = /jobs/42 { return 200 '{\"state\": \"done\"}'; } "
              "location /teapot { return 418 '{\"short\": true}'; } "
              "location /seen { return 200 '$request_uri $http_x_job'; }"};
};

Jobs& jobs() {
  static Jobs instance;
  return instance;
}

Action sequence(array requests) {
  return http_action({{"requests", std::move(requests)}});
}

Attempted tried(Action action, Values values = {}) {
  Loop loop;
  return attempt(loop, std::move(action), std::move(values));
}

std::string why(const Attempted& attempted) {
  CHECK(attempted.outcome.status == OutcomeStatus::failed);
  return attempted.outcome.message;
}

/// A second request behind one that captures `v` from an answer that is this value.
Attempted echoed(const Value& answer, const char* source, Values second) {
  second["url"] = server().a + std::string(second["url"].as_string());
  return tried(sequence({{{"method", "POST"},
                          {"url", server().a + "/echo_body"},
                          {"headers", {{"Content-Type", "application/json"}}},
                          {"body", "{{ answer }}"},
                          {"captures", {{"v", source}}}},
                         std::move(second)}),
               {{"answer", answer}, {"other", "EXPANDED"}});
}

std::vector<std::string> codes(const Action& action) {
  std::vector<std::string> all;
  for (const auto& problem : runbook::make_http_handler()->check(action)) all.push_back(problem.code);
  return all;
}

Action retried(Values params) {
  params.emplace("url", "http://h/");
  Action action = http_action(std::move(params));
  action.retry.retries = 1;
  return action;
}

} // namespace

TEST_CASE("http sequence: requests are sent in order and later ones see what earlier ones captured") {
  const std::string base = jobs().nginx.base;
  const Attempted done = tried(sequence(
      {{{"name", "begin"},
        {"method", "POST"},
        {"url", base + "/jobs"},
        {"captures",
         {{"job", "/id"}, {"tag", "/tags/0"}, {"odd", "/a~0b/~1"}, {"where", "header:location"}, {"all", "body"}}}},
       {{"url", "{{ where }}"}, {"expect", "HTTP 200\n\n{\"state\": \"done\"}"}},
       {{"url", base + "/seen/{{ tag }}?x={{ job }}"},
        {"headers", {{"X-Job", "{{ job }}"}}},
        {"expect", "HTTP 2xx\n\n/seen/a%2Fb%3Fc?x=42 42"}}}));
  REQUIRE_MESSAGE(done.outcome.ok(), done.outcome.message);
  const Value& captures = done.outcome.value.at("captures");
  CHECK(captures.at("job") == Value(42));
  CHECK(captures.at("odd") == Value(true));
  CHECK(captures.at("where") == Value(base + "/jobs/42"));
  CHECK(contains(std::string(captures.at("all").as_string()), "\"queued\""));
  CHECK(done.outcome.value.at("status") == Value(200));
  CHECK(done.printed == "/seen/a%2Fb%3Fc?x=42 42"); // the last response's body alone
  CHECK(contains(done.logged, "request 1 'begin': POST " + base + "/jobs: status 202"));
}

TEST_CASE("http sequence: the first request that is not answered as expected is the last") {
  const std::string mark = "/echo/after-" + std::to_string(::getpid());
  const Attempted failed = tried(sequence({{{"url", server().a + "/status/200"}},
                                           {{"name", "look"}, {"url", server().a + "/status/404"}},
                                           {{"url", server().a + mark}}}));
  CHECK(why(failed) == "request 2 'look': GET " + server().a + "/status/404: status 404, expected 2xx");
  CHECK(failed.printed == "status 404");
  CHECK(failed.outcome.value.at("status") == Value(404));
  CHECK(requests_with(server().a, mark).empty());
}

TEST_CASE("http sequence: what was captured before a failure is reported with it") {
  const Attempted failed = tried(sequence(
      {{{"url", jobs().nginx.base + "/jobs"}, {"captures", {{"job", "/id"}}}}, {{"url", "http://127.0.0.1:1/"}}}));
  CHECK(contains(why(failed), "request 2: GET http://127.0.0.1:1/: cannot connect"));
  CHECK(failed.outcome.value.at("captures").at("job") == Value(42));
}

TEST_CASE("http sequence: expected statuses may be classes and lists") {
  const auto outcome = [](const char* expect) {
    return tried(sequence({{{"url", jobs().nginx.base + "/teapot"}, {"expect", expect}},
                           {{"url", jobs().nginx.base + "/jobs/42"}}}))
        .outcome;
  };
  for (const char* met :
       {"HTTP 4xx", "HTTP 418", "HTTP/1.1 418 I'm a teapot", "HTTP 200, 418", "HTTP 2xx,4xx",
        "HTTP 4XX\nContent-Type: ...json", "HTTP 418\nContent-Type: application/json\n\n{\"short\": true}",
        "HTTP 418\n\n{\"short\": true}"}) {
    CAPTURE(met);
    const Outcome ended = outcome(met);
    CHECK_MESSAGE(ended.ok(), ended.message);
  }
  CHECK(contains(outcome("HTTP 2xx").message, "status 418, expected 2xx"));
  CHECK(contains(outcome("HTTP 200, 5xx").message, "status 418, expected 200, 5xx"));
  CHECK(contains(outcome("HTTP 418\nContent-Type: text/...").message, "header 'Content-Type' is 'application/json'"));
  CHECK(contains(outcome("HTTP 418\n\n{\"short\": false}").message, "/short"));
  CHECK(contains(outcome("HTTP 418\n\nstout").message, "stout"));
}

TEST_CASE("http sequence: a block of its own says what is expected of the last response") {
  Action action = sequence({{{"url", jobs().nginx.base + "/jobs"}}, {{"url", jobs().nginx.base + "/teapot"}}});
  action.expect = Expectation{Expectation::Kind::http, "HTTP 418", {}};
  CHECK(tried(action).outcome.ok());
  action.expect->text = "HTTP 202";
  CHECK(contains(why(tried(action)), "request 2: GET " + jobs().nginx.base + "/teapot: status 418, expected 202"));
}

TEST_CASE("http sequence: a response that lacks what is captured fails the action") {
  const auto message = [](const char* source) {
    return why(tried(http_action({{"url", jobs().nginx.base + "/jobs"}, {"captures", {{"x", source}}}})));
  };
  CHECK(contains(message("/nothing"), "cannot capture 'x': the body has nothing at '/nothing'"));
  CHECK(contains(message("/tags/1"), "has nothing at"));
  CHECK(contains(message("header:X-Nothing"), "has no header 'X-Nothing'"));
  CHECK(contains(why(tried(http_action({{"url", server().a + "/status/200"}, {"captures", {{"x", "/a"}}}}))),
                 "the body is no JSON"));
  CHECK(contains(why(tried(http_action({{"url", server().a + "/large/98305"}, {"captures", {{"x", "body"}}}}))),
                 "98305 bytes; at most 98304"));
  CHECK(tried(http_action({{"url", server().a + "/large/98304"}, {"captures", {{"x", "body"}}}})).outcome.ok());
}

TEST_CASE("http sequence: what a server answers never becomes more than a value") {
  for (const std::string hostile : {"a/../b", "?x=1&y=2#z", "\"quoted\" \\ back", "{{ other }}", "$(id)",
                                    "', \"admin\": \"", "line\r\nX-Injected: yes", "grün"}) {
    CAPTURE(hostile);
    const Value answer{{"v", hostile}};
    const Attempted path = echoed(answer, "/v", {{"url", "/echo/{{ v }}/end?q={{ v }}"}});
    REQUIRE_MESSAGE(path.outcome.ok(), path.outcome.message);
    const std::string head = head_of(runbook::parse_json(path.printed).value());
    const std::string target = head.substr(4, head.find(" HTTP/") - 4);
    CHECK(std::ranges::count(target, '/') == 3);
    CHECK(std::ranges::count(target, '?') == 1);
    CHECK(std::ranges::count(target, '&') == 0);
    CHECK_FALSE(contains(target, "EXPANDED"));
    const Attempted body =
        echoed(answer, "/v", {{"method", "POST"}, {"url", "/echo_body"}, {"body", R"({"in": "{{ v }}"})"}});
    CHECK(runbook::parse_json(body.printed).value() == Value{{"in", hostile}});
    const Attempted header = echoed(answer, "/v", {{"url", "/echo"}, {"headers", {{"X-V", "{{ v }}"}}}});
    const bool breaks = hostile.find('\n') != std::string::npos;
    CHECK(header.outcome.ok() == !breaks);
    const Attempted expected = echoed(answer, "/v", {{"url", "/status/200"}, {"expect", "HTTP 200\n\n{{ v }}"}});
    CHECK_FALSE(expected.outcome.ok());
  }
  // A URL from a server is one only where the document has put it.
  const Attempted elsewhere = tried(sequence({{{"method", "POST"},
                                               {"url", server().a + "/echo_body"},
                                               {"body", "file:///etc/passwd"},
                                               {"captures", {{"v", "body"}}}},
                                              {{"url", "{{ v }}"}}}));
  CHECK(contains(why(elsewhere), "must be an http or https URL"));
}

TEST_CASE("http sequence: each request has an idempotency key of its own") {
  const Attempted keys = tried(sequence({{{"url", server().a + "/echo"},
                                          {"headers", {{"Idempotency-Key", "{{ idempotency_key }}"}}},
                                          {"captures", {{"first", "/head"}}}},
                                         {{"url", server().a + "/echo"},
                                          {"headers", {{"Idempotency-Key", "{{ idempotency_key }}"}}},
                                          {"captures", {{"second", "/head"}}}}}));
  REQUIRE_MESSAGE(keys.outcome.ok(), keys.outcome.message);
  const Value& captures = keys.outcome.value.at("captures");
  CHECK(contains(std::string(captures.at("first").as_string()) + "\r\n", "Idempotency-Key: run/step/0/forward\r\n"));
  CHECK(contains(std::string(captures.at("second").as_string()) + "\r\n", "Idempotency-Key: run/step/0/forward/2\r\n"));
  // A value of the run goes before it.
  CHECK(contains(
      tried(http_action({{"url", server().a + "/echo/{{ idempotency_key }}"}}), {{"idempotency_key", "mine"}}).printed,
      "/echo/mine"));
}

TEST_CASE("http sequence: only what can be sent twice may be retried") {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) {
    CAPTURE(method);
    CHECK(codes(retried({{"method", method}})).empty());
  }
  for (const char* method : {"POST", "PATCH", "X-OWN", "get"}) {
    CAPTURE(method);
    CHECK(codes(retried({{"method", method}})) == std::vector<std::string>{"unsafe-retry"});
    CHECK(codes(retried({{"method", method}, {"headers", {{"idempotency-key", "{{ idempotency_key }}"}}}})).empty());
    Action stated = retried({{"method", method}});
    stated.effect = Effect::idempotent;
    CHECK(codes(stated).empty());
    stated.effect = Effect::mutating;
    CHECK(codes(stated).size() == 1);
    CHECK(codes(http_action({{"method", method}, {"url", "http://h/"}})).empty());
  }
  Action two = sequence({{{"url", "http://h/"}}, {{"method", "POST"}, {"url", "http://h/"}}});
  CHECK(codes(two).empty());
  two.retry.retries = 1;
  CHECK(codes(two) == std::vector<std::string>{"unsafe-retry"});
}

TEST_CASE("http sequence: a change whose answer is lost is in doubt") {
  const auto lost = [](const char* method, const std::string& path) {
    Action action = http_action({{"method", method}, {"url", server().a + path}});
    action.timeout = 200ms;
    return tried(action).outcome;
  };
  for (const char* path : {"/nothing", "/cut_length", "/reset", "/silent"}) {
    CAPTURE(path);
    const Outcome post = lost("POST", path);
    CHECK(post.status == OutcomeStatus::failed);
    CHECK(contains(post.message, "it is not known whether the server acted on the request"));
    REQUIRE(post.value.is_object());
    CHECK(post.value.at("doubt") == Value(true));
    const Outcome get = lost("GET", path);
    CHECK_FALSE(contains(get.message, "not known"));
    CHECK(get.value.is_null());
  }
  CHECK(lost("GET", "/silent").status == OutcomeStatus::timed_out);
  const Outcome never_sent = tried(http_action({{"method", "POST"}, {"url", "http://127.0.0.1:1/"}})).outcome;
  CHECK(never_sent.value.is_null());
  CHECK(tried(http_action({{"method", "POST"}, {"url", server().a + "/status/500"}})).outcome.value.at("status") ==
        Value(500)); // an answer is no doubt
}

TEST_CASE("http sequence: a stop ends it as cancelled and says what is in doubt") {
  Loop loop;
  HttpContext context{*loop.client,
                      sequence({{{"url", server().a + "/echo"}},
                                {{"method", "POST"}, {"url", server().a + "/silent"}},
                                {{"url", server().a + "/echo"}}}),
                      {}};
  std::optional<Outcome> outcome;
  runbook::make_http_handler()->start(context,
                                      runbook::Completion{[&](Outcome&& ended) { outcome = std::move(ended); }});
  while (requests_with(server().a, "POST /silent").empty()) loop.io.run_for(20ms);
  loop.io.run_for(20ms);
  REQUIRE_FALSE(outcome.has_value());
  context.stop.request_stop();
  loop.run();
  REQUIRE(outcome.has_value());
  CHECK(outcome->status == OutcomeStatus::cancelled);
  CHECK(outcome->value.at("doubt") == Value(true));
}

TEST_CASE("http sequence: a time limit is for all requests together") {
  const Value late{{"url", server().a + "/delay/250"}};
  Action slow = sequence({late, late});
  slow.timeout = 400ms;
  CHECK(tried(slow).outcome.status == OutcomeStatus::timed_out);
}

TEST_CASE("http sequence: its effect is the strongest of its requests") {
  const auto handler = runbook::make_http_handler();
  const auto effect = [&](std::vector<const char*> methods) {
    array requests;
    for (const char* method : methods) requests.push_back({{"method", method}, {"url", "http://h/"}});
    return handler->effect(sequence(std::move(requests)));
  };
  CHECK(effect({"GET", "HEAD"}) == Effect::pure);
  CHECK(effect({"GET", "PUT", "GET"}) == Effect::idempotent);
  CHECK(effect({"PUT", "POST", "GET"}) == Effect::mutating);
}

TEST_CASE("http sequence: flaws are found before anything is sent") {
  using Codes = std::vector<std::string>;
  const Value good{{"url", "http://h/"}};
  const auto bad = [&](const Value& request) { return codes(sequence({good, request})); };
  CHECK(bad(good).empty());
  CHECK(bad({{"name", "x"}, {"url", "http://h/{{ a }}"}, {"expect", "HTTP {{ code }}"}, {"captures", {{"b", "/x~1y"}}}})
            .empty());
  for (const Value& request : std::vector<Value>{1,
                                                 {{"url", "h"}},
                                                 {{"url", 1}},
                                                 {{"url", "http://h/"}, {"name", 1}},
                                                 {{"url", "http://h/"}, {"expect", 404}},
                                                 {{"url", "http://h/"}, {"captures", "x"}},
                                                 {{"url", "http://h/"}, {"captures", {{"x", 1}}}},
                                                 {{"url", "http://h/"}, {"captures", {{"x", "id"}}}},
                                                 {{"url", "http://h/"}, {"captures", {{"x", "header:"}}}},
                                                 {{"url", "http://h/"}, {"captures", {{"x", "/a~2"}}}}}) {
    CAPTURE(runbook::canonical_json(request));
    CHECK(bad(request) == Codes{"invalid-parameter"});
  }
  CHECK(bad({{"method", "GET"}}) == Codes{"missing-parameter"});
  CHECK(bad({{"url", "http://h/"}, {"bodi", "x"}}) == Codes{"unknown-parameter"});
  CHECK(bad({{"url", "http://h/"}, {"expect", "404"}}) == Codes{"invalid-expectation"});
  CHECK(bad({{"url", "http://h/"}, {"expect", "HTTP 200,\nX: y"}}) == Codes{"invalid-expectation"});
  CHECK(codes(http_action({{"requests", array{}}})) == Codes{"invalid-parameter"});
  CHECK(codes(http_action({{"requests", array{good}}, {"url", "http://h/"}})) == Codes{"invalid-parameter"});
  CHECK(codes(http_action({{"url", "http://h/"}, {"client_key", "k"}})) == Codes{"invalid-parameter"});
  CHECK(codes(http_action({{"url", "http://h/"}, {"client_cert", "c"}, {"client_key", "k"}, {"proxy", "http://p:1"}}))
            .empty());
}

TEST_CASE("http sequence: a value is used only where it has been captured") {
  using Codes = std::vector<std::string>;
  const Value captures{{"url", "http://h/"}, {"captures", {{"v", "/v"}}}};
  for (const Value& user : std::vector<Value>{{{"url", "http://h/{{ v }}"}},
                                              {{"url", "http://h/"}, {"headers", {{"X", "{{ v.a }}"}}}},
                                              {{"url", "http://h/"}, {"body", "{{ v }}"}},
                                              {{"url", "http://h/"}, {"expect", "HTTP 200\n\n{{ v }}"}}}) {
    CAPTURE(runbook::canonical_json(user));
    CHECK(codes(sequence({captures, user})).empty());
    CHECK(codes(sequence({user, captures})) == Codes{"not-known-yet"});
  }
  CHECK(codes(http_action({{"url", "http://h/{{ v }}"}, {"captures", {{"v", "/v"}}}})) == Codes{"not-known-yet"});
  Action with_file = sequence({captures, {{"url", "http://h/"}}});
  with_file.params["ca_file"] = "{{ v }}";
  CHECK(codes(with_file) == Codes{"not-known-yet"});
}
