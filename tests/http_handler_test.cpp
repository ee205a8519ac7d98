// The `http` handler: where values go, what counts as success, what is reported.
#include "support/http_context.hpp"

#include <algorithm>
#include <thread>

using namespace http_test;
using runbook::Effect;
using runbook::Expectation;

namespace {

/// What the server got for this URL.
Value sent(const std::string& url, const Values& values, Values more = {}) {
  Loop loop;
  more["url"] = server().a + url;
  const Attempted result = attempt(loop, http_action(std::move(more)), values);
  REQUIRE_MESSAGE(result.outcome.ok(), result.outcome.message);
  return runbook::parse_json(result.printed).value();
}

std::string target_of(const Value& request) {
  const std::string head = head_of(request);
  const std::size_t start = head.find(' ') + 1;
  return head.substr(start, head.find(" HTTP/") - start);
}

std::string failure_of(Action action, const Values& values = {}) {
  Loop loop;
  const Attempted result = attempt(loop, std::move(action), values);
  CHECK(result.outcome.status == OutcomeStatus::failed);
  return result.outcome.message;
}

Action expecting(const std::string& path, std::string text, Expectation::Kind kind = Expectation::Kind::http) {
  Action action = http_action({{"url", server().a + path}});
  action.expect = Expectation{kind, std::move(text), {}};
  return action;
}

std::vector<std::string> problems(Values params) {
  std::vector<std::string> messages;
  for (const auto& problem : runbook::make_http_handler()->check(http_action(std::move(params)))) {
    messages.push_back(problem.message);
  }
  return messages;
}

const std::vector<std::string> hard_values{"plain",
                                           "two words",
                                           "a/../b",
                                           "/../",
                                           "?x=1&y=2#z",
                                           "100%41",
                                           "\"quoted\" \\ back",
                                           "line\nbreak\r\n\ttab",
                                           "{{ other }}",
                                           "grün 🎉 \xe2\x80\xae",
                                           "$(id) `id` ; -rf",
                                           std::string("nul\0inside", 10),
                                           "'; DROP TABLE",
                                           "</script>",
                                           "+plus+"};

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    out += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16));
    i += 2;
  }
  return out;
}

} // namespace

TEST_CASE("http handler: any value in the path is one segment and comes back as it was") {
  for (const std::string& value : hard_values) {
    CAPTURE(value);
    const std::string target = target_of(sent("/echo/{{ v }}/end", {{"v", value}, {"other", "EXPANDED"}}));
    CHECK(std::count(target.begin(), target.end(), '/') == 3);
    CHECK(target.find_first_of("?#") == std::string::npos);
    CHECK(decoded(target) == "/echo/" + value + "/end");
  }
}

TEST_CASE("http handler: any value in the query is one value and comes back as it was") {
  for (const std::string& value : hard_values) {
    CAPTURE(value);
    const std::string target = target_of(sent("/echo?a={{ v }}&b=2", {{"v", value}, {"other", "EXPANDED"}}));
    CHECK(std::count(target.begin(), target.end(), '&') == 1);
    CHECK(decoded(target) == "/echo?a=" + value + "&b=2");
  }
}

TEST_CASE("http handler: any value in a JSON body is one string and comes back as it was") {
  for (const std::string& value : hard_values) {
    CAPTURE(value);
    const Value request = sent("/echo", {{"v", value}, {"other", "EXPANDED"}},
                               {{"method", "POST"}, {"body", R"({"in": "<{{ v }}>", "alone": {{ v }}})"}});
    // The server hands bytes back as Latin-1.
    std::string bytes;
    for (const char32_t c : [&] {
           std::u32string points;
           const std::string_view text = request.at("body").as_string();
           for (std::size_t i = 0; i < text.size(); ++i) {
             const auto byte = static_cast<unsigned char>(text[i]);
             points +=
                 byte < 0x80
                     ? static_cast<char32_t>(byte)
                     : static_cast<char32_t>(((byte & 3U) << 6U) | (static_cast<unsigned char>(text[++i]) & 0x3FU));
           }
           return points;
         }()) {
      bytes += static_cast<char>(c);
    }
    const Value body = runbook::parse_json(bytes).value();
    CHECK(body.at("in").as_string() == "<" + value + ">");
    CHECK(body.at("alone").as_string() == value);
  }
}

TEST_CASE("http handler: values in a header stay in their line or are refused") {
  for (const std::string& value : hard_values) {
    CAPTURE(value);
    Loop loop;
    const Attempted result =
        attempt(loop, http_action({{"url", server().a + "/echo"}, {"headers", {{"X-Value", "<{{ v }}>"}}}}),
                {{"v", value}, {"other", "EXPANDED"}});
    if (value.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos) {
      CHECK(result.outcome.status == OutcomeStatus::failed);
      continue;
    }
    REQUIRE_MESSAGE(result.outcome.ok(), result.outcome.message);
    const std::string head = head_of(runbook::parse_json(result.printed).value());
    CHECK(contains(head, "\r\nX-Value: <"));
    CHECK_FALSE(contains(head, "EXPANDED"));
    if (value.find_first_not_of("abcdefghijklmnopqrstuvwxyz ") == std::string::npos) {
      CHECK(contains(head, "\r\nX-Value: <" + value + ">\r\n"));
    }
  }
}

TEST_CASE("http handler: values in a form are encoded and in other text put in as they are") {
  const Values values{{"v", "a&b=c d"}};
  CHECK(sent("/echo", values,
             {{"method", "POST"},
              {"headers", {{"Content-Type", "application/x-www-form-urlencoded"}}},
              {"body", "x={{ v }}&y=1"}})
            .at("body")
            .as_string() == "x=a%26b%3Dc%20d&y=1");
  CHECK(sent("/echo", values,
             {{"method", "POST"},
              {"headers", {{"Content-Type", "Application/X-WWW-Form-Urlencoded"}}},
              {"body", "x={{ v }}&y=1"}})
            .at("body")
            .as_string() == "x=a%26b%3Dc%20d&y=1");
  CHECK(sent("/echo", values, {{"method", "POST"}, {"body", "{{ v }}"}}).at("body").as_string() == "a&b=c d");
  CHECK(sent("/echo", values,
             {{"method", "POST"}, {"headers", {{"content-type", "APPLICATION/problem+JSON"}}}, {"body", "\"{{ v }}\""}})
            .at("body")
            .as_string() == "\"a&b=c d\"");
}

TEST_CASE("http handler: a value cannot walk through the folders of a path") {
  for (const char* value : {".", ".."}) {
    CAPTURE(value);
    CHECK(contains(failure_of(http_action({{"url", server().a + "/a/{{ v }}/b"}}), {{"v", value}}), "another folder"));
  }
  CHECK(contains(failure_of(http_action({{"url", server().a + "/a/{{ v }}{{ v }}"}}), {{"v", "."}}), "another folder"));
  CHECK(contains(failure_of(http_action({{"url", server().a + "/a/%2e{{ v }}"}}), {{"v", "."}}), "another folder"));
  CHECK(target_of(sent("/echo/{{ v }}", {{"v", "..."}})) == "/echo/...");
}

TEST_CASE("http handler: values in the host are names and numbers only") {
  const std::string port = server().a.substr(server().a.rfind(':') + 1);
  Loop loop;
  const Action action = http_action({{"url", "http://{{ host }}:{{ port }}/echo"}});
  CHECK(attempt(loop, action, {{"host", "127.0.0.1"}, {"port", std::stoi(port)}}).outcome.ok());
  for (const char* host : {"", "a/b", "a?b", "a#b", "user@evil", "a b", "a\nb", "a%2fb", "a\\b", "é"}) {
    CAPTURE(host);
    CHECK(contains(failure_of(action, {{"host", host}, {"port", 1}}), "URL's host"));
  }
}

TEST_CASE("http handler: a name at the start of the URL is the beginning of an http or https URL") {
  Loop loop;
  const auto target = [&](const std::string& url, const std::string& base) {
    const Attempted result = attempt(loop, http_action({{"url", url}}), {{"base", base}, {"v", "a/b"}});
    REQUIRE_MESSAGE(result.outcome.ok(), result.outcome.message);
    return target_of(runbook::parse_json(result.printed).value());
  };
  CHECK(target("{{ base }}/x/{{ v }}?q={{ v }}", server().a + "/echo") == "/echo/x/a%2Fb?q=a%2Fb");
  CHECK(target("{{ base }}/x", server().a + "/echo/") == "/echo/x");
  CHECK(target("{{ base }}?y=1", server().a + "/echo/%20") == "/echo/%20?y=1");
  CHECK(target("{{ base }}", server().a + "/echo?z=1") == "/echo?z=1");
  const auto refused = [&](const std::string& url, const std::string& base, const char* why) {
    CAPTURE(base);
    CHECK(contains(failure_of(http_action({{"url", url}}), {{"base", base}}), why));
  };
  refused("{{ base }}/x", "file:///etc", "must be an http or https URL");
  refused("{{ base }}/x", "127.0.0.1", "must be an http or https URL");
  refused("{{ base }}/x", "http://h/ x", "blanks");
  refused("{{ base }}/x", "http://h/\nx", "blanks");
  refused("{{ base }}/x", "http://h/?q=", "query already");
  refused("{{ base }}/x", "http://h/#f", "query already");
  refused("{{ base }}.example.com/x", "http://h", "write '/' or '?'");
  refused("{{ missing }}/x", "http://h", "missing");
}

TEST_CASE("http handler: success is 2xx and a failure says what came instead") {
  Loop loop;
  for (const char* code : {"200", "201", "204", "299"}) {
    const Attempted ok = attempt(loop, http_action({{"url", server().a + "/status/" + code}}));
    CHECK(ok.outcome.ok());
    CHECK(std::to_string(ok.outcome.value.at("status").as_int64()) == code);
  }
  for (const char* code : {"302", "400", "404", "500", "599"}) {
    const std::string url = server().a + "/status/" + code;
    const Attempted failed = attempt(loop, http_action({{"url", url}}));
    CHECK(failed.outcome.status == OutcomeStatus::failed);
    CHECK(failed.outcome.message == "GET " + url + ": status " + code + ", expected 2xx");
    CHECK(failed.printed == std::string{"status "} + code); // the body is output all the same
    CHECK(std::to_string(failed.outcome.value.at("status").as_int64()) == code);
  }
}

TEST_CASE("http handler: what is expected may be another status and headers") {
  Loop loop;
  for (const char* head : {"HTTP/1.1 404", "HTTP 404", "http/2 404 Not Found", "HTTP/1.1 404\r\n\r\nstatus 404",
                           "HTTP/1.1 404\ncontent-length: 10\n\nbody", "HTTP 404\nContent-Length: ...0\n",
                           "HTTP {{ code }}\nContent-Length: {{ length }}"}) {
    CAPTURE(head);
    const Attempted met = attempt(loop, expecting("/status/404", head), {{"code", 404}, {"length", 10}});
    CHECK_MESSAGE(met.outcome.ok(), met.outcome.message);
  }
  CHECK(contains(failure_of(expecting("/status/200", "HTTP 404")), "status 200, expected 404"));
  CHECK(contains(failure_of(expecting("/status/404", "HTTP 404\nContent-Length: 11")),
                 "header 'Content-Length' is '10', expected '11'"));
  CHECK(contains(failure_of(expecting("/status/404", "HTTP 404\nX-Not-There: 1")), "no header 'X-Not-There'"));
  // A value with dots in it is no pattern.
  Loop again;
  const Attempted dots =
      attempt(again, expecting("/status/404", "HTTP 404\nContent-Length: {{ dots }}"), {{"dots", "..."}});
  CHECK(contains(dots.outcome.message, "is '10', expected '...'"));
  // Without a head 2xx is success, whatever the body shall be.
  CHECK(contains(failure_of(expecting("/status/404", "status 404", Expectation::Kind::text)), "expected 2xx"));
}

TEST_CASE("http handler: headers are reported as text whatever bytes they are") {
  Loop loop;
  const Attempted odd = attempt(loop, http_action({{"url", server().a + "/odd_headers"}}));
  REQUIRE(odd.outcome.ok());
  const Value& headers = odd.outcome.value.at("headers");
  CHECK(headers.at("x-latin").as_string() == "café");
  CHECK(headers.at("x-utf8").as_string() == "café");
  CHECK(headers.at("x-two").as_string() == "a, b");
  CHECK(runbook::parse_json(runbook::canonical_json(odd.outcome.value)).has_value());
  const std::string message = failure_of(expecting("/odd_headers", "HTTP 200\nX-Escape: none"));
  CHECK(contains(message, "\\x1b[31mred"));
}

TEST_CASE("http handler: an exchange that fails below HTTP is a failure or a timeout") {
  CHECK(contains(failure_of(http_action({{"url", "http://127.0.0.1:1/"}})), "Connection refused"));
  Loop loop;
  Action slow = http_action({{"url", server().a + "/silent"}});
  slow.timeout = 200ms;
  const Attempted late = attempt(loop, slow);
  CHECK(late.outcome.status == OutcomeStatus::timed_out);
  CHECK(contains(late.outcome.message, "within 200 ms"));
}

TEST_CASE("http handler: a stop ends the attempt as cancelled") {
  for (const bool before : {true, false}) {
    Loop loop;
    HttpContext context{*loop.client, http_action({{"url", server().a + "/silent"}}), {}};
    std::optional<Outcome> outcome;
    if (before) context.stop.request_stop();
    runbook::make_http_handler()->start(context,
                                        runbook::Completion{[&](Outcome&& ended) { outcome = std::move(ended); }});
    if (!before) {
      loop.io.run_for(50ms);
      REQUIRE_FALSE(outcome.has_value());
      std::thread{[&] { context.stop.request_stop(); }}.join();
    }
    loop.run();
    REQUIRE(outcome.has_value());
    CHECK(outcome->status == OutcomeStatus::cancelled);
  }
}

TEST_CASE("http handler: an attempt that nobody waits for any more is let go with its client") {
  Loop loop;
  HttpContext context{*loop.client, http_action({{"url", server().a + "/silent"}}), {}};
  std::optional<Outcome> outcome;
  runbook::make_http_handler()->start(context,
                                      runbook::Completion{[&](Outcome&& ended) { outcome = std::move(ended); }});
  loop.io.run_for(20ms);
  loop.client.reset();
  REQUIRE(outcome.has_value());
  CHECK(outcome->status == OutcomeStatus::failed);
}

TEST_CASE("http handler: redirects and authorities are parameters") {
  Loop loop;
  CHECK(attempt(loop, http_action({{"url", server().a + "/redirect/2"}, {"follow_redirects", true}})).outcome.ok());
  CHECK_FALSE(attempt(loop, http_action({{"url", server().a + "/redirect/2"}})).outcome.ok());
  const TempFolder folder;
  const Certificates certificates{folder};
  const Nginx nginx{folder, "location / { return 200 secure; }", &certificates};
  const Action trusting = http_action({{"url", nginx.base + "/"}, {"ca_file", "{{ name }}.pem"}});
  const std::string directory = std::filesystem::path{certificates.authority}.parent_path();
  CHECK(attempt(loop, trusting, {{"name", "ca"}}, directory).printed == "secure");
  CHECK(attempt(loop, trusting, {{"name", directory + "/ca"}}).printed == "secure");
  CHECK_FALSE(attempt(loop, trusting, {{"name", "other"}}, directory).outcome.ok());
}

TEST_CASE("http handler: credentials of the URL are in no message") {
  const std::string message = failure_of(http_action({{"url", "http://user:secret@127.0.0.1:1/@x"}}));
  CHECK(contains(message, "GET http://127.0.0.1:1/@x"));
  CHECK_FALSE(contains(message, "secret"));
}

TEST_CASE("http handler: what a request does to the world is known by its method") {
  const auto handler = runbook::make_http_handler();
  const auto effect = [&](const char* method) { return handler->effect(http_action({{"method", method}})); };
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE"}) CHECK(effect(method) == Effect::pure);
  for (const char* method : {"PUT", "DELETE"}) CHECK(effect(method) == Effect::idempotent);
  for (const char* method : {"POST", "PATCH", "get", "X"}) CHECK(effect(method) == Effect::mutating);
  CHECK(handler->effect(http_action({{"url", "http://h/"}})) == Effect::pure);
  CHECK(handler->info().name == "http");
  CHECK_FALSE(handler->info().expand);
}

TEST_CASE("http handler: actions are checked before anything runs") {
  CHECK(problems({{"url", "http://h/"}}).empty());
  CHECK(
      problems({{"url", "{{ base }}/x"}, {"method", "X-OWN"}, {"headers", {{"A", "{{ b }}"}}}, {"body", "x"}}).empty());
  CHECK(problems({{"url", "https://{{ host }}/"}, {"follow_redirects", true}, {"ca_file", "x"}}).empty());
  for (const Values& bad : std::vector<Values>{{},
                                               {{"url", 1}},
                                               {{"url", "ftp://h/"}},
                                               {{"url", "h/x"}},
                                               {{"url", "http://h/\nX: y"}},
                                               {{"url", "{{ base }}x"}},
                                               {{"url", "http://h/"}, {"method", "GET /"}},
                                               {{"url", "http://h/"}, {"method", 1}},
                                               {{"url", "http://h/"}, {"method", "HEAD"}, {"body", "x"}},
                                               {{"url", "http://h/"}, {"headers", "X: y"}},
                                               {{"url", "http://h/"}, {"headers", {{"X Y", "z"}}}},
                                               {{"url", "http://h/"}, {"headers", {{"X", 1}}}},
                                               {{"url", "http://h/"}, {"headers", {{"X", "a\nb"}}}},
                                               {{"url", "http://h/"}, {"body", {{"a", 1}}}},
                                               {{"url", "http://h/"}, {"follow_redirects", "yes"}},
                                               {{"url", "http://h/"}, {"ca_file", true}},
                                               {{"url", "http://h/"}, {"methd", "GET"}}}) {
    CAPTURE(runbook::canonical_json(bad));
    CHECK(problems(bad).size() == 1);
  }
  const auto handler = runbook::make_http_handler();
  for (const char* bad : {"404", "HTTP/1.1", "HTTP/1.1 4x4", "HTTP 4044", "HTTP 404\nno header here", ""}) {
    CAPTURE(bad);
    CHECK(handler->check(expecting("/", bad)).size() == 1);
  }
  CHECK(handler->check(expecting("/", "HTTP 404\nX: y\n\nno header here")).empty());
  // An action that was made in code and never checked ends in a failure, not in an exception.
  CHECK(contains(failure_of(http_action({{"url", 1}})), "must be text"));
}
