// Requests in documents: what a block says, and what a run makes of it.
#include "support/document.hpp"
#include "support/http_servers.hpp"
#include "support/runs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <sstream>

using namespace runbook;
using namespace runbook::testing;

namespace {

std::string in_fence(const std::string& text) {
  return steps("### 1. A\n```http\n" + text + "\n```\n");
}

Values params(const std::string& text) {
  return book(in_fence(text)).steps[0].actions[0].params;
}

bool told(const std::string& text, std::string_view finding) {
  const Parsed parsed = read(in_fence(text));
  INFO(findings(parsed));
  return finds(parsed, finding);
}

/// An nginx that keeps jobs, as the documentation's example wants it.
struct Jobs {
  http_test::TempFolder folder;
  http_test::Nginx nginx{folder,
                         "default_type application/json; dav_methods DELETE; root " + folder.file("root") +
                             "; location = /jobs { add_header Location /jobs/42 always; "
                             "return 202 '{\"id\": 42, \"state\": \"queued\", \"name\": \"it\\'s `id` {{ id }}\"}'; } "
                             "location = /jobs/42 { if ($request_method = DELETE) { return 204; } "
                             "return 200 '{\"state\": \"done\"}'; }"};
};

RunResult run(const Plan& plan) {
  Executor executor{builtin_handlers()};
  return executor.start(plan).wait();
}

Plan planned(const Runbook& book, const Values& inputs) {
  return make_plan(book, builtin_handlers(), inputs).value();
}

/// What was printed on this stream, in order.
std::string printed(const RunResult& result, const Plan& plan, const std::string& step) {
  std::string digests;
  for (const Event& event : result.events) {
    const auto* output = std::get_if<StepOutput>(&event.data);
    if (output != nullptr && plan.steps()[output->at.step].id == step) digests += std::to_string(output->size) + " ";
  }
  return digests;
}

/// A server that takes in the beginning of a request and then nothing more until it is asked to.
class StalledUpload {
public:
  explicit StalledUpload(const http_test::Listener& listener)
      : socket_(::accept4(listener.descriptor(), nullptr, nullptr, SOCK_CLOEXEC)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    http_test::require(::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0, "accept");
    while (received_ < (1U << 20U) && take() > 0) {
    }
  }

  /// Takes in the rest; whether the connection was closed at the end of it.
  bool closed_at_the_end() {
    ssize_t size = 0;
    while ((size = take()) > 0) {
    }
    return size == 0 || errno == ECONNRESET;
  }
  [[nodiscard]] std::size_t received() const { return received_; }

private:
  ssize_t take() {
    const ssize_t size = ::recv(socket_.get(), buffer_.data(), buffer_.size(), 0);
    if (size > 0) received_ += static_cast<std::size_t>(size);
    return size;
  }

  http_test::Descriptor socket_;
  std::array<char, 65536> buffer_{};
  std::size_t received_ = 0;
};

/// The first block of Markdown below the heading in the description of the format.
std::string documented(const std::string& heading) {
  std::ifstream in(RUNBOOK_SOURCE_DIR "/docs/format.md");
  std::stringstream text;
  text << in.rdbuf();
  const std::string all = text.str();
  const std::string open = "````markdown\n";
  const std::size_t begin = all.find(open, all.find("\n## " + heading)) + open.size();
  return all.substr(begin, all.find("\n````\n", begin) + 1 - begin);
}

} // namespace

TEST_CASE("http block: several requests become one action") {
  CHECK(params("### Log in\n# a remark\n# @expect 201\n# @capture token = /token\nPOST https://h/login\nX: "
               "y\n\n{\"a\": 1}\n\n"
               "###\nGET https://h/{{ token }}\n\n### Last\n# @name third\nDELETE https://h/x\n\n") ==
        Values{{"requests", boost::json::array{{{"name", "Log in"},
                                                {"method", "POST"},
                                                {"url", "https://h/login"},
                                                {"headers", {{"X", "y"}}},
                                                {"body", "{\"a\": 1}"},
                                                {"expect", "HTTP 201"},
                                                {"captures", {{"token", "/token"}}}},
                                               {{"method", "GET"}, {"url", "https://h/{{ token }}"}},
                                               {{"name", "third"}, {"method", "DELETE"}, {"url", "https://h/x"}}}}});
  // One alone stays what it was.
  CHECK(params("### Only\nGET http://h/\n###\n") == Values{{"method", "GET"}, {"url", "http://h/"}});
}

TEST_CASE("http block: comments say what is expected and captured") {
  CHECK(params("# @expect HTTP/1.1 200, 404\n// @expect Location: /jobs/...\n# @expect\n# @expect line one\n# @expect\n"
               "GET http://h/\n# @capture a = header:Location\n#@capture b=body")["expect"] ==
        Value("HTTP/1.1 200, 404\nLocation: /jobs/...\n\nline one\n"));
  CHECK(params("GET http://h/\n# @capture a = header:Location\n#@capture b=body")["captures"] ==
        Value{{"a", "header:Location"}, {"b", "body"}});
  CHECK(params("# @expect {\"a\":\n# @expect  1}\nGET http://h/")["expect"] == Value("HTTP 2xx\n\n{\"a\":\n 1}"));
  CHECK(params("# @expect X: y\n# @expect [1]\nGET http://h/")["expect"] == Value("HTTP 2xx\nX: y\n\n[1]"));
  CHECK(
      params("# @ca_file ca.pem\n# @client_cert c.pem\n# @client_key k.pem\n# @proxy http://p:1\n# @follow_redirects\n"
             "GET http://h/") == Values{{"ca_file", "ca.pem"},
                                        {"client_cert", "c.pem"},
                                        {"client_key", "k.pem"},
                                        {"proxy", "http://p:1"},
                                        {"follow_redirects", true},
                                        {"method", "GET"},
                                        {"url", "http://h/"}});
  CHECK(params("# @follow_redirects false\nGET http://h/")["follow_redirects"] == Value(false));
  CHECK(params("# @no-redirect\n# mail@example.org\n# @\nGET http://h/").size() == 2);
}

TEST_CASE("http block: what is not understood is an error at its line") {
  CHECK(told("# @captur a = /b\nGET http://h/",
             "book.md:7:1: error: step 'a': '@captur' is not supported; did you mean "
             "'capture'?"));
  CHECK(told("# @prompt user\nGET http://h/", "'@prompt' is not supported; remove the '@' if it is a comment"));
  CHECK(told("# @capture = /b\nGET http://h/", "'= /b' captures nothing"));
  CHECK(told("# @capture 1a = /b\nGET http://h/", "captures nothing"));
  CHECK(told("# @capture a = b\nGET http://h/", "'b' is nothing that a response has"));
  CHECK(told("# @capture a = /b\n# @capture a = /c\nGET http://h/", "'a' is captured twice"));
  CHECK(told("# @expect\n# @expect HTTP 200\nGET http://h/\n# @expect 2x3", "") == false);
  CHECK(told("# @expect 2x3\nGET http://h/",
             "book.md:7:1: error: step 'a': the expected response starts with 'HTTP 2x3'"));
  CHECK(told("GET http://h/\n\nbody\n# @expect 200", "'@expect' stands in the body and would be sent with it"));
  CHECK(told("GET http://h/\n\n###\n# @capture a = /b", "no request follows what is said here"));
  CHECK(told("# @capture a = /b\n###\nGET http://h/", "no request follows what is said above"));
  CHECK(told("GET http://h/\n###\n# @proxy http://p:1\nGET http://h/", "'@proxy' holds for all requests of the block"));
  CHECK(told("# @proxy http://p:1\n# @proxy http://p:1\nGET http://h/", "'@proxy' is there twice"));
  CHECK(told("# @proxy\nGET http://h/", "'@proxy' names nothing"));
  CHECK(told("# @follow_redirects never\nGET http://h/", "cannot be 'never'"));
  CHECK(told("GET http://h/\n###\nGET /x", "book.md:9:1: error: step 'a': '/x' is no absolute URL"));
}

TEST_CASE("http block: a sequence is written as it is read") {
  for (const char* text :
       {"### Log in\n# @expect HTTP 201\n# @expect X: a...\n# @expect\n# @expect {\"a\": 1}\n# @capture token = "
        "/token\n"
        "POST https://h/login\nX: y\n\n{\"a\": 1}\n\n###\nGET https://h/{{ token }}",
        "# @ca_file a b.pem\n# @follow_redirects true\n# @capture all = body\nGET http://h/\n\nbody\n\n",
        "# @proxy http://p:1\n# @client_cert c\nGET http://h/\n###\nGET http://h/"}) {
    CAPTURE(text);
    const Runbook before = book(in_fence(text));
    const auto written = to_markdown(before);
    REQUIRE_MESSAGE(written.has_value(), to_string(written.error()));
    CHECK_MESSAGE(book(*written).steps[0].actions[0].params == before.steps[0].actions[0].params, *written);
  }
}

TEST_CASE("http run: the example of the format's description does what is said there") {
  const Jobs jobs;
  const Plan plan = planned(book(documented("HTTP requests")), {{"api", jobs.nginx.base}});
  const RunResult result = run(plan);
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
  CHECK(printed(result, plan, "note-which-it-was") == "7 "); // "job 42\n"
}

TEST_CASE("http run: captures reach later steps and the undo") {
  const Jobs jobs;
  const std::string text =
      steps("1. Begin\n   ```http\n   # @capture job = /id\n   # @capture name = /name\n"
            "   POST {{ api }}/jobs\n   ```\n   Rollback:\n   ```http\n   DELETE {{ api }}/jobs/{{ job }}\n"
            "   ```\n2. Use it\n   ```sh pure\n   test \"$job\" = 42 && test \"$name\" = "
            "\"it's \\`id\\` {{ id }}\"\n   ```\n3. Fail\n   ```sh pure\n   false\n   ```\n");
  Runbook with_input = book(text);
  with_input.inputs.push_back({.name = "api", .required = true});
  const Plan plan = planned(with_input, {{"api", jobs.nginx.base}});
  const RunResult result = run(plan);
  CHECK(outcome_story(result, plan) == "begin use-it fail! ~begin");
  CHECK(result.status == RunStatus::rolled_back);
}

TEST_CASE("http run: a cancel in the middle of a large upload closes the connection and rolls back at once") {
  using namespace std::chrono_literals;
  constexpr std::size_t size = std::size_t{50} << 20U;
  constexpr auto grace = 100ms;
  http_test::MisbehavingServer server;
  const http_test::Listener listener;
  Runbook made("upload");
  made.step("upload")
      .use("http",
           {{"method", "POST"}, {"url", "http://127.0.0.1:" + listener.port() + "/"}, {"body", std::string(size, 'x')}})
      .rollback("http", {{"method", "DELETE"}, {"url", server.a + "/status/200"}});
  const Plan plan = planned(made, {});
  ExecutorOptions how;
  how.grace = grace;
  Executor executor(builtin_handlers(), std::move(how));
  const RunHandle handle = executor.start(plan);
  StalledUpload upload(listener);
  REQUIRE(upload.received() >= (1U << 20U));
  const auto cancelled_at = std::chrono::steady_clock::now();
  handle.cancel("tester");
  const auto result = handle.wait_for(20s);
  CHECK(std::chrono::steady_clock::now() - cancelled_at < grace + 1s);
  REQUIRE(result.has_value());
  CHECK(outcome_story(*result, plan) == "upload/ ~upload");
  CHECK(result->status == RunStatus::rolled_back);
  CHECK(result->reason == "cancelled by tester");
  const auto outcome = std::ranges::find_if(
      result->events, [](const Event& event) { return std::holds_alternative<StepOutcome>(event.data); });
  CHECK(std::get<StepOutcome>(outcome->data).outcome.value == Value{{"doubt", true}});
  CHECK(upload.closed_at_the_end());
  CHECK(upload.received() < size);
}

TEST_CASE("http run: the names of captures are checked like all others") {
  const auto problems = [](const std::string& block, const std::string& after = "true") {
    const Runbook made =
        book(steps("1. A\n   ```http\n" + block + "\n   ```\n2. B\n   ```sh\n   " + after + "\n   ```\n"));
    const auto plan = make_plan(made, builtin_handlers());
    return plan.has_value() ? std::string{} : to_string(plan.error());
  };
  using http_test::run;
  const auto has = [](const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; };
  CHECK(problems("   # @capture v = /v\n   GET http://h/\n   ###\n   GET http://h/{{ v }}/{{ idempotency_key }}")
            .empty());
  CHECK(has(problems("   GET http://h/{{ v }}\n   ###\n   # @capture v = /v\n   GET http://h/"), "not-known-yet"));
  CHECK(has(problems("   # @capture PATH = /v\n   GET http://h/"), "reserved-name"));
  CHECK(has(problems("   # @capture v = /v\n   GET http://h/\n   ###\n   # @capture v = /v\n   GET http://h/"),
            "duplicate-capture"));
  CHECK(has(problems("   GET http://h/{{ nothing }}"), "unknown-name"));
  CHECK(has(problems("   # @capture v = /v\n   GET http://h/\n   ```\n   Expected:\n   ```\n   {{ v }}"),
            "not-known-yet"));
}

TEST_CASE("http run: a retried sequence begins again with its first request and a POST without a key is refused") {
  http_test::MisbehavingServer server;
  const auto made = [&](const std::string& key) {
    return book(steps("1. A\n   ```http {retries=2 backoff=1ms}\n   POST " + server.a + "/echo/first\n" + key +
                      "   ###\n   GET " + server.a + "/status/500\n   ```\n"));
  };
  const auto refused = make_plan(made(""), builtin_handlers());
  REQUIRE(refused.has_error());
  CHECK(to_string(refused.error()).find("unsafe-retry") != std::string::npos);
  const Plan plan = planned(made("   Idempotency-Key: {{ idempotency_key }}\n"), {});
  const RunResult result = run(plan);
  CHECK(outcome_story(result, plan) == "a! a! a!");
  CHECK(message_of(result, plan, "a") == "request 2: GET " + server.a + "/status/500: status 500, expected 2xx");
}

TEST_CASE("http run: a dry run shows every request and what depends on an answer") {
  const Runbook made =
      book(steps("1. A\n   ```http\n   # @proxy http://p:1\n   ### Log in\n   # @expect 201\n   # @capture t = /t\n"
                 "   POST http://h/{{ v }}\n   Idempotency-Key: {{ idempotency_key }}\n\n   {\"v\": \"{{ v }}\"}\n\n   "
                 "###\n   GET http://h/{{ t }}\n   ```\n"));
  Runbook with_input = made;
  with_input.inputs.push_back({.name = "v", .required = true});
  const std::string text = to_text(planned(with_input, {{"v", "a\"b"}}));
  INFO(text);
  CHECK(text.find("     send 2 requests [proxy: http://p:1]\n"
                  "       | ### Log in\n"
                  "       | POST http://h/a%22b\n"
                  "       | Idempotency-Key: {{ idempotency_key }}\n"
                  "       |\n"
                  "       | {\"v\": \"a\\\"b\"}\n"
                  "       | expects HTTP 201\n"
                  "       | captures 't' = /t\n"
                  "       | ###\n"
                  "       | GET http://h/{{ t }}\n"
                  "     unverifiable: depends on 't' from step 'a'\n") != std::string::npos);
}
