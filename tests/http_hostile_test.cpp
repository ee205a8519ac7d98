// The HTTP client against servers that misbehave: caps, timeouts, broken answers.
#include "support/http_loop.hpp"

#include <sys/epoll.h>
#include <sys/syscall.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <mutex>
#include <thread>

#include <dlfcn.h>
#include <netdb.h>

using namespace http_test;

namespace {

std::atomic<bool> refuse_watches = false;

/// A name service that does not answer until the test ends it.
struct NameService {
  std::mutex mutex;
  std::condition_variable changed;
  bool asked = false;
  bool answers = false;
};
NameService& name_service() {
  static NameService instance;
  return instance;
}

HttpRequest brief(std::string url, std::chrono::milliseconds timeout = 300ms) {
  HttpRequest result = get(std::move(url));
  result.timeout = timeout;
  return result;
}

HttpRequest capped(std::string url, std::size_t max_body) {
  HttpRequest result = get(std::move(url));
  result.max_body = max_body;
  return result;
}

const std::string* find_header(const HttpResponse& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
  return found == response.headers.end() ? nullptr : &found->second;
}

} // namespace

// These two stand before the C library's own, for libcurl too.
extern "C" __attribute__((visibility("default"))) int epoll_ctl(int epoll, int operation, int descriptor,
                                                                epoll_event* event) noexcept {
  if (refuse_watches && operation == EPOLL_CTL_ADD) {
    errno = ENOSPC;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_epoll_ctl, epoll, operation, descriptor, event));
}

extern "C" __attribute__((visibility("default"))) int getaddrinfo(const char* node, const char* service,
                                                                  const addrinfo* hints, addrinfo** result) {
  using Function = int(const char*, const char*, const addrinfo*, addrinfo**);
  static auto* const real = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node != nullptr && std::strcmp(node, "slow.invalid") == 0) {
    NameService& names = name_service();
    std::unique_lock lock{names.mutex};
    names.asked = true;
    names.changed.notify_all();
    names.changed.wait(lock, [&] { return names.answers; });
    return EAI_NONAME;
  }
  return real(node, service, hints, result);
}

TEST_CASE("http client: the timeout holds for headers and bodies that trickle and for silence") {
  Loop loop;
  for (const char* path : {"/slow_headers", "/slow_body", "/silent"}) {
    CAPTURE(path);
    const auto begin = std::chrono::steady_clock::now();
    const auto error = loop.error(brief(server().a + path));
    CHECK(error.code == errc::timed_out);
    CHECK(contains(error.message, "no complete response within 300 ms"));
    CHECK(std::chrono::steady_clock::now() - begin < 3s);
  }
}

TEST_CASE("http client: the timeout holds for a whole chain of redirects") {
  Loop loop;
  HttpRequest request = brief(server().a + "/redirect_to/302/%2Fsilent");
  request.follow_redirects = true;
  CHECK(loop.error(request).code == errc::timed_out);
}

TEST_CASE("http client: the timeout holds for a server that accepts nothing") {
  const Listener full;
  Loop loop;
  CHECK(loop.error(brief("http://127.0.0.1:" + full.port() + "/")).code == errc::timed_out);
}

TEST_CASE("http client: a compressed body counts as what it unpacks to") {
  Loop loop;
  CHECK(loop.response(get(server().a + "/gzip")).body == "unpacked");
  CHECK(loop.response(capped(server().a + "/gzip", 8)).body == "unpacked");
  const auto over = loop.error(capped(server().a + "/gzip", 7));
  CHECK(over.code == errc::limit_exceeded);
  CHECK(contains(over.message, "longer than the 7 bytes"));
  CHECK(loop.error(get(server().a + "/gzip_bomb")).code == errc::limit_exceeded);
}

TEST_CASE("http client: only what was asked for is unpacked") {
  Loop loop;
  for (const char* path : {"/gzip_chain", "/gzip_chain_two", "/gzip_transfer", "/brotli"}) {
    CAPTURE(path);
    const auto error = loop.error(get(server().a + path));
    CHECK(error.code == errc::http_error);
    CHECK(contains(error.message, "which is not read"));
  }
  CHECK(loop.response(request("HEAD", server().a + "/head_with_body")).status == 200);
  CHECK(contains(loop.error(get(server().a + "/gzip_broken")).message, "compressed body is broken"));
}

TEST_CASE("http client: bodies are capped however they come") {
  Loop loop;
  CHECK(loop.response(capped(server().a + "/large/1000", 1000)).body.size() == 1000);
  CHECK(loop.error(capped(server().a + "/large/1001", 1000)).code == errc::limit_exceeded);
  CHECK(loop.error(capped(server().a + "/large/1", 0)).code == errc::limit_exceeded);
  CHECK(loop.response(capped(server().a + "/large/0", 0)).body.empty());
  CHECK(loop.error(get(server().a + "/endless_body")).code == errc::limit_exceeded);
  CHECK(loop.error(get(server().a + "/endless_close")).code == errc::limit_exceeded);
}

TEST_CASE("http client: the heads of a response are capped however they come") {
  Loop loop;
  for (const char* path : {"/endless_headers", "/endless_interim", "/endless_trailers"}) {
    CAPTURE(path);
    const auto error = loop.error(get(server().a + path));
    CHECK(error.code == errc::limit_exceeded);
    CHECK(contains(error.message, "headers are longer than 262144 bytes"));
  }
  CHECK(loop.error(get(server().a + "/endless_header")).code == errc::http_error); // libcurl's own limit for one
}

TEST_CASE("http client: a response that is cut off is an error and not a short response") {
  Loop loop;
  for (const char* path :
       {"/cut_length", "/cut_chunked", "/cut_head", "/nothing", "/reset", "/reset_at_once", "/garbage"}) {
    CAPTURE(path);
    const auto error = loop.error(get(server().a + path));
    CHECK(error.code == errc::http_error);
    CHECK(contains(error.message, "GET " + server().a + path + ": "));
  }
  CHECK(contains(loop.error(get(server().a + "/nothing")).message, "closed the connection without a response"));
  CHECK(contains(loop.error(get(server().a + "/garbage")).message, "no HTTP response"));
  CHECK(contains(loop.error(get(server().a + "/cut_length")).message, "connection broke"));
}

TEST_CASE("http client: every way of marking the end of a body is understood") {
  Loop loop;
  const HttpResponse chunked = loop.response(get(server().a + "/chunked"));
  CHECK(chunked.body == "hello, world");
  CHECK(find_header(chunked, "x-head") != nullptr);
  CHECK(find_header(chunked, "x-trailer") == nullptr);
  CHECK(loop.response(get(server().a + "/until_close")).body == "hello until the end");
  CHECK(loop.response(get(server().a + "/status/204")).status == 204);
  const HttpResponse head = loop.response(request("HEAD", server().a + "/head_with_body"));
  CHECK(head.body.empty());
  CHECK(*find_header(head, "content-length") == "5");
  CHECK(loop.response(get(server().a + "/echo")).status == 200); // the surplus body was not taken for an answer
}

TEST_CASE("http client: a body that must not be there and comes late is no answer to the next request") {
  Loop loop;
  for (const auto& [method, status] :
       {std::pair<std::string, int>{"HEAD", 200}, {"GET", 204}, {"GET", 304}, {"DELETE", 204}}) {
    CAPTURE(method);
    CAPTURE(status);
    const HttpResponse first = loop.response(request(method, server().a + "/late_body/" + std::to_string(status)));
    CHECK(first.status == status);
    CHECK(first.body.empty());
    CHECK(loop.response(get(server().a + "/status/200")).body == "status 200");
  }
}

TEST_CASE("http client: interim responses are passed over") {
  Loop loop;
  const HttpResponse response = loop.response(get(server().a + "/interim"));
  CHECK(response.status == 200);
  CHECK(response.body == "after interim");
  CHECK(find_header(response, "link") == nullptr);
}

TEST_CASE("http client: odd headers are kept as bytes") {
  Loop loop;
  const HttpResponse response = loop.response(get(server().a + "/odd_headers"));
  CHECK(*find_header(response, "x-latin") == "caf\xe9");
  CHECK(*find_header(response, "x-utf8") == "caf\xc3\xa9");
  CHECK(std::ranges::count(response.headers, "x-two", &std::pair<std::string, std::string>::first) == 2);
  CHECK(find_header(response, "x-empty")->empty());
  CHECK(*find_header(response, "x-folded") == "one two");
}

TEST_CASE("http client: a body that the server does not read ends with the timeout and without SIGPIPE") {
  std::signal(SIGPIPE, SIG_DFL);
  Loop loop;
  HttpRequest upload = request("POST", server().a + "/stall_upload", std::string(std::size_t{32} << 20, 'x'));
  upload.timeout = 300ms;
  const auto stalled = loop.error(upload);
  CHECK(stalled.code == errc::in_doubt);
  CHECK(contains(stalled.message, "no complete response within 300 ms"));
  upload.url = server().a + "/reset_at_once";
  upload.timeout = 5s;
  CHECK(loop.error(upload).code == errc::in_doubt);
}

TEST_CASE("http client: broken connections leave no descriptor behind") {
  const auto open_descriptors = [] {
    const std::filesystem::directory_iterator descriptors{"/proc/self/fd"};
    return std::distance(begin(descriptors), end(descriptors));
  };
  Loop loop;
  loop.response(get(server().a + "/echo"));
  const auto before = open_descriptors();
  for (int i = 0; i < 30; ++i) {
    for (const char* path : {"/cut_length", "/nothing", "/reset", "/garbage", "/endless_body"}) {
      loop.error(get(server().a + path));
    }
    loop.client->start(get(server().a + "/silent"), [](const Result<HttpResponse>&) {}).value().reset();
  }
  CHECK(open_descriptors() <= before);
  loop.client.reset();
  CHECK(open_descriptors() < before);
}

TEST_CASE("http client: a stopped exchange ends as cancelled or in doubt wherever it is") {
  Loop loop;
  for (const char* path : {"/slow_headers", "/slow_body", "/silent", "/stall_upload", "/endless_body"}) {
    CAPTURE(path);
    const bool upload = std::string_view{path} == "/stall_upload";
    HttpRequest slow = request(upload ? "POST" : "GET", server().a + path, std::string(upload ? 32 << 20 : 0, 'x'));
    slow.max_body = SIZE_MAX;
    std::optional<Result<HttpResponse>> result;
    auto activity = loop.client->start(slow, [&](Result<HttpResponse> response) { result = std::move(response); });
    REQUIRE(activity.has_value());
    loop.io.restart();
    loop.io.run_for(100ms); // into the middle of it, wherever that is
    REQUIRE_FALSE(result.has_value());
    (*activity)->stop();
    (*activity)->stop();
    CHECK_FALSE(result.has_value()); // reported from the loop, not from within stop
    loop.run();
    REQUIRE(result.has_value());
    CHECK(result->error().code == (upload ? errc::in_doubt : errc::cancelled));
    CHECK(contains(result->error().message, "stopped on request"));
  }
}

TEST_CASE("http client: stop may come from another thread, before the start has got anywhere, and after the end") {
  Loop loop;
  std::optional<Result<HttpResponse>> result;
  const auto keep = [&](Result<HttpResponse> response) { result = std::move(response); };
  auto activity = loop.client->start(get(server().a + "/silent"), keep);
  REQUIRE(activity.has_value());
  std::thread{[&] { (*activity)->stop(); }}.join();
  loop.run();
  REQUIRE(result.has_value());
  CHECK(result->error().code == errc::cancelled);
  result.reset();
  auto ended = loop.client->start(get(server().a + "/echo"), keep);
  loop.run();
  REQUIRE(result.has_value());
  CHECK(result->has_value());
  result.reset();
  (*ended)->stop();
  loop.run();
  CHECK_FALSE(result.has_value());
}

TEST_CASE("http client: an exchange whose activity is destroyed ends in silence") {
  Loop loop;
  auto called = std::make_shared<bool>(false);
  const auto note = [called](const Result<HttpResponse>&) { *called = true; };
  loop.client->start(get(server().a + "/silent"), note).value().reset();
  auto activity = loop.client->start(get(server().a + "/echo"), note).value();
  loop.io.restart();
  loop.io.run_for(20ms);
  *called = false;
  auto stopped = loop.client->start(get(server().a + "/silent"), note).value();
  stopped->stop();
  stopped.reset();
  loop.run();
  CHECK_FALSE(*called);
  activity.reset();
  CHECK(called.use_count() == 2); // nothing is left of them but `note`
}

TEST_CASE("http client: a client that goes takes its exchanges along") {
  Loop loop;
  auto called = std::make_shared<bool>(false);
  auto activity =
      loop.client->start(get(server().a + "/silent"), [called](const Result<HttpResponse>&) { *called = true; })
          .value();
  loop.io.restart();
  loop.io.run_for(20ms);
  loop.client.reset();
  loop.run();
  CHECK_FALSE(*called);
  CHECK(called.use_count() == 1);
  activity->stop();
  loop.run();
  CHECK_FALSE(*called);
}

TEST_CASE("http client: stopping does not wait for the name service") {
  Loop loop;
  NameService& names = name_service();
  std::optional<Result<HttpResponse>> result;
  auto activity =
      loop.client
          ->start(get("http://slow.invalid/"), [&](Result<HttpResponse> response) { result = std::move(response); })
          .value();
  loop.io.restart();
  loop.io.run_for(50ms);
  {
    std::unique_lock lock{names.mutex};
    REQUIRE(names.changed.wait_for(lock, 5s, [&] { return names.asked; }));
  }
  const auto begin = std::chrono::steady_clock::now();
  activity->stop();
  loop.run();
  REQUIRE(result.has_value());
  CHECK(result->error().code == errc::cancelled);
  CHECK(loop.error(brief("http://slow.invalid/")).code == errc::timed_out);
  CHECK(std::chrono::steady_clock::now() - begin < 3s);
  const std::scoped_lock lock{names.mutex};
  names.answers = true;
  names.changed.notify_all();
}

TEST_CASE("http client: a connection that the loop cannot watch is an error") {
  Loop loop;
  CHECK(loop.response(get(server().a + "/echo")).status == 200);
  refuse_watches = true;
  const Result<HttpResponse> refused = loop.fetch(get(server().b + "/echo"));
  refuse_watches = false;
  REQUIRE(refused.has_error());
  CHECK(contains(refused.error().message, "cannot wait for the connection: No space left"));
  CHECK(loop.response(get(server().b + "/echo")).status == 200);
}
