// The HTTP client's redirects: how far, where to, and what does not go along.
#include "support/http_loop.hpp"

using namespace http_test;

namespace {

HttpRequest following(std::string url) {
  HttpRequest result = get(std::move(url));
  result.follow_redirects = true;
  return result;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    constexpr const char* digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4U], digits[byte & 15U]};
  }
  return out;
}

/// A URL at `base` that redirects to `target`.
std::string redirect(const std::string& base, const std::string& target, const std::string& code = "302") {
  return base + "/redirect_to/" + code + "/" + percent_encoded(target);
}

const std::vector<std::pair<std::string, std::string>> secrets{{"Authorization", "Bearer s3cret"},
                                                               {"Cookie", "id=s3cret"},
                                                               {"X-Api-Key", "s3cret"},
                                                               {"Host", "s3cret.example"},
                                                               {"Accept", "text/plain"}};

} // namespace

TEST_CASE("http redirect: nothing is followed unless asked for") {
  Loop loop;
  const HttpResponse response = loop.response(get(server().a + "/redirect/1"));
  CHECK(response.status == 302);
  CHECK(response.body == "not here");
}

TEST_CASE("http redirect: ten are followed and the eleventh is an error") {
  Loop loop;
  CHECK(loop.response(following(server().a + "/redirect/10")).status == 200);
  const auto error = loop.error(following(server().a + "/redirect/11"));
  CHECK(error.code == errc::http_error);
  CHECK(contains(error.message, "more than 10 redirects"));
}

TEST_CASE("http redirect: every redirect status is followed by GET and HEAD and no other status is") {
  Loop loop;
  for (const char* code : {"301", "302", "303", "307", "308"}) {
    CAPTURE(code);
    CHECK(loop.response(following(redirect(server().a, "/echo", code))).status == 200);
    HttpRequest head = following(redirect(server().a, "/head_with_body", code));
    head.method = "HEAD";
    CHECK(loop.response(head).status == 200);
  }
  for (const char* code : {"201", "300", "304", "305", "404"}) {
    CAPTURE(code);
    CHECK(std::to_string(loop.response(following(redirect(server().a, "/echo", code))).status) == code);
  }
}

TEST_CASE("http redirect: methods that change something and requests with a body stay where they are") {
  Loop loop;
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "GET"}) {
    CAPTURE(method);
    HttpRequest request = following(redirect(server().a, "/echo", "307"));
    request.method = method;
    request.body = "x";
    CHECK(loop.response(request).status == 307);
  }
}

TEST_CASE("http redirect: relative targets are resolved") {
  Loop loop;
  const auto path_after = [&](const std::string& target) {
    const std::string head = head_of(json(loop.response(following(redirect(server().a, target)))));
    return head.substr(4, head.find(" HTTP") - 4);
  };
  CHECK(path_after("/echo/x?y=1#z") == "/echo/x?y=1");
  CHECK(path_after("../200/sibling") == "/redirect_to/200/sibling");
  CHECK(path_after("../../echo/up") == "/echo/up");
  CHECK(path_after("//" + server().b.substr(7) + "/echo/b") == "/echo/b");
  CHECK(path_after("/echo/a b\xc3\xa9") == "/echo/a%20b%c3%a9");
}

TEST_CASE("http redirect: other protocols and nonsense are refused") {
  Loop loop;
  for (const char* target :
       {"file:///etc/passwd", "FILE:/etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/_x",
        "dict://127.0.0.1:1/x", "javascript:alert(1)", "http://", "http://[::1", "scheme-of-mine://x"}) {
    CAPTURE(target);
    const auto error = loop.error(following(redirect(server().a, target)));
    CHECK(error.code == errc::http_error);
    CHECK(contains(error.message, "is not followed"));
  }
}

TEST_CASE("http redirect: credentials stay within scheme, host and port") {
  Loop loop;
  HttpRequest same = following(redirect(server().a, "/echo"));
  same.headers = secrets;
  same.url.insert(7, "user:word@");
  const std::string kept = head_of(json(loop.response(same)));
  CHECK(contains(kept, "\r\nAuthorization: Bearer s3cret\r\n"));
  CHECK(contains(kept, "\r\nX-Api-Key: s3cret\r\n"));

  const std::string other_host = "http://localhost" + server().a.substr(server().a.rfind(':'));
  for (const std::string& target : {server().b + "/echo", other_host + "/echo"}) {
    CAPTURE(target);
    HttpRequest foreign = same;
    foreign.url = redirect(server().a, target);
    foreign.url.insert(7, "user:word@");
    const std::string head = head_of(json(loop.response(foreign)));
    CHECK_FALSE(contains(head, "s3cret"));
    CHECK_FALSE(contains(head, "Authorization"));
    CHECK(contains(head, "\r\nAccept: text/plain\r\n"));
  }
}

TEST_CASE("http redirect: credentials that were left behind do not come back") {
  Loop loop;
  HttpRequest there_and_back = following(redirect(server().a, redirect(server().b, server().a + "/echo")));
  there_and_back.headers = secrets;
  CHECK_FALSE(contains(head_of(json(loop.response(there_and_back))), "s3cret"));
}

TEST_CASE(
    "http redirect: user and password of the URL follow within its origin only and none are taken from a server") {
  Loop loop;
  const auto authorization_after = [&](const std::string& target) {
    HttpRequest request = following(redirect(server().a, target));
    request.url.insert(7, "user:word@");
    return contains(head_of(json(loop.response(request))), "\r\nAuthorization: Basic dXNlcjp3b3Jk\r\n");
  };
  CHECK(authorization_after("/echo"));
  CHECK(authorization_after(server().a + "/echo"));
  CHECK_FALSE(authorization_after(server().b + "/echo"));
  std::string planted = server().b + "/echo";
  planted.insert(7, "mallory:word@");
  CHECK_FALSE(contains(head_of(json(loop.response(following(redirect(server().a, planted))))), "Authorization"));
}

TEST_CASE("http redirect: the body of a redirect is capped too") {
  Loop loop;
  CHECK(loop.error(following(server().a + "/redirect_endless")).code == errc::limit_exceeded);
}
