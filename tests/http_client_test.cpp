// The HTTP client against a real server: what is sent, what comes back, errors, connections, cancelling.
#include "support/http_loop.hpp"
#include "support/veiled.hpp"

#include "http/curl_library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

using namespace http_test;

namespace {

// Before main: whatever the program is linked with is loaded by now.
const bool curl_at_start = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_NOLOAD) != nullptr;

/// Whether the head has this header line.
bool has_line(const std::string& head, const std::string& line) {
  return contains(head, "\r\n" + line + "\r\n");
}

HttpRequest with_headers(HttpRequest request, std::vector<std::pair<std::string, std::string>> headers) {
  request.headers = std::move(headers);
  return request;
}

} // namespace

TEST_CASE("http client: libcurl is loaded by the first request and not before") {
  CHECK_FALSE(curl_at_start);
  Loop loop;
  CHECK(loop.response(get(server().a + "/echo")).status == 200);
  void* const loaded = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_NOLOAD);
  CHECK(loaded != nullptr);
}

TEST_CASE("http client: a missing library is an error that names the package") {
  const auto missing = runbook::http::load_curl("libcurl-that-is-not-there.so.4");
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == errc::http_error);
  CHECK(contains(missing.error().message, "libcurl-that-is-not-there.so.4"));
  CHECK(contains(missing.error().message, "apt-get install libcurl4"));
  const auto other = runbook::http::load_curl("libc.so.6");
  REQUIRE(other.has_error());
  CHECK(contains(other.error().message, "libc.so.6 has no function curl_global_init"));
}

TEST_CASE("http client: clients of several threads load the library once") {
  std::atomic<int> succeeded = 0;
  std::vector<std::jthread> threads;
  const std::string url = server().a + "/echo";
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      boost::asio::io_context io{1};
      const auto client = runbook::make_http_client(io);
      const auto activity = client->start(get(url), [&](Result<HttpResponse> response) {
        if (response.has_value() && response->status == 200) ++succeeded;
      });
      io.run();
    });
  }
  threads.clear();
  CHECK(succeeded == 8);
}

TEST_CASE("http client: a GET sends what was asked for and little else") {
  Loop loop;
  const HttpResponse response =
      loop.response(with_headers(get(server().a + "/echo/a%20b?x=1&y=%2F"), {{"X-One", "1"}}));
  const std::string head = head_of(json(response));
  CHECK(head.starts_with("GET /echo/a%20b?x=1&y=%2F HTTP/1.1\r\n"));
  CHECK(has_line(head, "X-One: 1"));
  CHECK(contains(head, "\r\nUser-Agent: runbook/"));
  CHECK(has_line(head, "Accept-Encoding: gzip, deflate"));
  CHECK_FALSE(contains(head, "Content-"));
  CHECK_FALSE(contains(head, "Expect"));
  CHECK(response.status == 200);
  CHECK(std::ranges::count(response.headers, std::pair<std::string, std::string>{"content-type", "application/json"}) ==
        1);
}

TEST_CASE("http client: the path is sent as it was written and the fragment is not") {
  Loop loop;
  CHECK(head_of(json(loop.response(get(server().a + "/echo/a/../b/./c?q#part"))))
            .starts_with("GET /echo/a/../b/./c?q HTTP"));
  CHECK(head_of(json(loop.response(get(server().a + "/echo/grün x")))).starts_with("GET /echo/gr%c3%bcn%20x HTTP"));
}

TEST_CASE("http client: any method may carry a body") {
  Loop loop;
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "GET", "OPTIONS", "X-Own~Method"}) {
    CAPTURE(method);
    const Value sent = json(loop.response(request(method, server().a + "/echo", "some\r\nbody")));
    CHECK(head_of(sent).starts_with(std::string{method} + " /echo HTTP/1.1\r\n"));
    CHECK(has_line(head_of(sent), "Content-Length: 10"));
    CHECK_FALSE(contains(head_of(sent), "Content-Type"));
    CHECK(sent.at("body").as_string() == "some\r\nbody");
  }
  CHECK(has_line(head_of(json(loop.response(request("POST", server().a + "/echo")))), "Content-Length: 0"));
  CHECK_FALSE(contains(head_of(json(loop.response(request("DELETE", server().a + "/echo")))), "Content-Length"));
}

TEST_CASE("http client: a body of 4 MiB with every byte in it arrives at once") {
  Loop loop;
  std::string body;
  for (std::size_t i = 0; i < std::size_t{4} << 20; ++i) body += static_cast<char>(i % 251);
  HttpRequest upload = request("POST", server().a + "/echo", body);
  upload.max_body = std::size_t{64} << 20;
  const Value sent = json(loop.response(upload));
  CHECK_FALSE(contains(head_of(sent), "100-continue"));
  CHECK(sent.at("body").as_string().size() > body.size()); // bytes beyond ASCII come back as two
}

TEST_CASE("http client: headers arrive as they were given") {
  Loop loop;
  const std::string head =
      head_of(json(loop.response(with_headers(get(server().a + "/echo"), {{"Host", "virtual.example"},
                                                                          {"X-Empty", ""},
                                                                          {"X-Twice", "a"},
                                                                          {"X-Twice", "b"},
                                                                          {"Accept", "text/plain"},
                                                                          {"User-Agent", "mine"},
                                                                          {"X-Blank", "  trimmed "},
                                                                          {"X-Utf8", "é"}}))));
  CHECK(has_line(head, "Host: virtual.example"));
  CHECK(has_line(head, "X-Empty:"));
  CHECK(contains(head, "\r\nX-Twice: a\r\nX-Twice: b\r\n"));
  CHECK(has_line(head, "Accept: text/plain"));
  CHECK(has_line(head, "User-Agent: mine"));
  CHECK(has_line(head, "X-Blank: trimmed"));
}

TEST_CASE("http client: credentials in the URL become basic authentication and appear in no error") {
  Loop loop;
  std::string url = server().a + "/echo";
  url.insert(7, "user:p%40ss@");
  CHECK(has_line(head_of(json(loop.response(get(url)))), "Authorization: Basic dXNlcjpwQHNz"));
  for (const std::string& bad : {std::string{"http://user:p%40ss@127.0.0.1:1/"}, std::string{"http://user:p%40ss@:x/"},
                                 std::string{"ftp://user:p%40ss@h/"}, std::string{"http://user:p%40/ss@host/"}}) {
    CAPTURE(bad);
    const std::string message = loop.error(get(bad)).message;
    CHECK_FALSE(contains(message, "p%40"));
    CHECK_FALSE(contains(message, "user"));
  }
}

TEST_CASE("http client: a request has nothing of those before it") {
  Loop loop;
  std::string url = server().a + "/echo";
  url.insert(7, "user:secret@");
  HttpRequest first = with_headers(request("POST", url, "body"), {{"X-Api-Key", "secret"}, {"User-Agent", "mine"}});
  for (int i = 0; i < 3; ++i) {
    CHECK(json(loop.response(first)).at("body").as_string() == "body");
    const Value second = json(loop.response(get(server().a + "/echo")));
    CHECK(head_of(second).starts_with("GET /echo HTTP/1.1\r\n"));
    for (const char* left : {"secret", "Authorization", "X-Api-Key", "mine", "Content-", "POST"}) {
      CHECK_FALSE(contains(head_of(second), left));
    }
    CHECK(second.at("body").as_string().empty());
    CHECK(loop.response(request("HEAD", server().a + "/echo")).body.empty());
    CHECK_FALSE(loop.response(get(server().a + "/echo")).body.empty());
  }
}

TEST_CASE("http client: requests that cannot be sent as they are meant are refused at once") {
  Loop loop;
  const auto refused = [&](const HttpRequest& bad, const char* why) {
    const auto activity = loop.client->start(bad, [](Result<HttpResponse>) { FAIL("must not be called"); });
    REQUIRE(activity.has_error());
    CHECK(activity.error().code == errc::invalid_argument);
    CHECK_MESSAGE(contains(activity.error().message, why), activity.error().message);
  };
  const std::string url = server().a + "/echo";
  refused(request("GET /x HTTP/1.1\r\nX: y", url), "no HTTP method");
  refused(request("", url), "no HTTP method");
  refused(request("HEAD", url, "body"), "HEAD");
  refused(with_headers(get(url), {{"X: y", "z"}}), "no header name");
  refused(with_headers(get(url), {{"X", "y\r\nInjected: z"}}), "control character");
  refused(with_headers(get(url), {{"X", std::string("y\0z", 3)}}), "control character");
  refused(with_headers(get(url), {{"transfer-encoding", "chunked"}}), "transfer-encoding");
  refused(with_headers(get(url), {{"Expect", "100-continue"}}), "Expect");
  refused(with_headers(request("POST", url, "abc"), {{"Content-Length", "4"}}), "has 3 bytes");
  for (const char* bad : {"", "/path", "example.com/x", "file:///etc/passwd", "ftp://h/x", "http:/h", "http://",
                          "http:///etc/passwd", "http://h:99999999/", "http://h ost/", "http://h/\nX: y", "gopher://h/",
                          "http://[::1/", "javascript:alert(1)", "https://?x"}) {
    CAPTURE(bad);
    refused(get(bad), "no usable URL");
  }
  HttpRequest endless = get(url);
  endless.timeout = 0ms;
  refused(endless, "timeout");
  loop.run();
}

TEST_CASE("http client: environment variables choose no proxy") {
  for (const char* name : {"http_proxy", "ALL_PROXY", "all_proxy", "https_proxy"})
    ::setenv(name, "http://127.0.0.1:1", 1);
  Loop loop;
  CHECK(loop.response(get(server().a + "/echo")).status == 200);
  for (const char* name : {"http_proxy", "ALL_PROXY", "all_proxy", "https_proxy"}) ::unsetenv(name);
}

TEST_CASE("http client: errors of the connection say where and what to do") {
  Loop loop;
  const auto refused = loop.error(get("http://127.0.0.1:1/x"));
  CHECK(refused.code == errc::http_error);
  CHECK(contains(refused.message, "GET http://127.0.0.1:1/x: cannot connect to 127.0.0.1 port 1: Connection refused"));
  const auto unknown = loop.error(get("http://nowhere.invalid/"));
  CHECK(unknown.code == errc::http_error);
  CHECK(contains(unknown.message, "host 'nowhere.invalid' is not known"));
}

TEST_CASE("http client: requests one after the other use one connection") {
  Loop loop;
  std::set<std::int64_t> connections;
  for (int i = 0; i < 20; ++i) {
    connections.insert(json(loop.response(get(server().a + "/echo"))).at("connection").as_int64());
  }
  CHECK(connections.size() == 1);
}

TEST_CASE("http client: a request that changes something is never sent twice behind the caller's back") {
  Loop loop;
  const std::string path = "/drop_reused/" + std::to_string(::getpid());
  CHECK(loop.response(request("GET", server().b + path)).status == 200);
  // The kept connection would accept the request and break. A GET may be repeated, a POST gets a fresh connection.
  CHECK(loop.response(request("GET", server().b + path)).status == 200);
  for (const char* method : {"POST", "PATCH", "X-OWN"}) {
    CAPTURE(method);
    CHECK(loop.response(request(method, server().b + path, "x")).status == 200);
    CHECK(requests_with(server().b, std::string{method} + " " + path + " ").size() == 1);
  }
}

TEST_CASE("http client: a change whose answer is lost is in doubt") {
  Loop loop;
  const auto lost = loop.error(request("POST", server().a + "/nothing"));
  CHECK(lost.code == errc::in_doubt);
  CHECK(contains(lost.message, "closed the connection without a response"));
  CHECK(contains(lost.message, "it is not known whether the server acted on the request"));
  CHECK(loop.error(request("PUT", server().a + "/reset")).code == errc::in_doubt);
  CHECK(loop.error(request("GET", server().a + "/nothing")).code == errc::http_error);
  CHECK(loop.error(request("POST", "http://127.0.0.1:1/")).code == errc::http_error);
}

TEST_CASE("http client: 1000 requests at once all get their own answer") {
  Loop loop;
  std::vector<std::unique_ptr<Activity>> activities;
  std::size_t answered = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string path = "/echo/number-" + std::to_string(i);
    auto activity = loop.client->start(get(server().a + path), [&answered, path](Result<HttpResponse> response) {
      REQUIRE_MESSAGE(response.has_value(), to_string(response.error()));
      CHECK(head_of(json(*response)).starts_with("GET " + path + " HTTP/1.1"));
      ++answered;
    });
    REQUIRE(activity.has_value());
    activities.push_back(std::move(*activity));
  }
  loop.run();
  CHECK(answered == 1000);
}

TEST_CASE("http client: a new request may be started where the last one ended") {
  Loop loop;
  std::vector<std::unique_ptr<Activity>> activities;
  int left = 50;
  std::function<void()> next = [&] {
    auto activity = loop.client->start(get(server().a + "/echo"), [&](Result<HttpResponse> response) {
      REQUIRE(response.has_value());
      if (--left > 0) next();
    });
    activities.push_back(std::move(activity.value()));
  };
  next();
  loop.run();
  CHECK(left == 0);
}

// libcurl sends a long body in pieces through a buffer of its own, so the second piece is over the key there; of short
// ones and of headers it leaves copies behind in memory that only it knows.
TEST_CASE("http client: the body of a request is not left in memory") {
  constexpr std::size_t place = 1000;
  const TempFolder folder;
  runbook::testing::make_random_key(folder.file("key"));
  const runbook::testing::Veiled veiled(folder.file("key"));
  Loop loop;
  loop.response(get(server().a + "/status/200")); // what is loaded and made once is there
  HttpRequest post = request("POST", server().a + "/status/200", std::string(100'000, 'x'));
  veiled.reveal(post.body.data() + place);
  CHECK(veiled.in_memory() > 0);
  CHECK(loop.response(std::move(post)).status == 200);
  CHECK(veiled.in_memory() == 0);
}
