// The HTTP client where connections need more than an address: certificates of clients, proxies.
#include "support/http_context.hpp"

#include <algorithm>

using namespace http_test;

namespace {

/// An nginx that lets only clients with a certificate of its authority in.
struct Guarded {
  Guarded() { certificates.add_client("alice"); }

  [[nodiscard]] HttpRequest request(const std::string& path, const std::string& cert, const std::string& key) const {
    HttpRequest result = get(nginx.base + path);
    result.ca_file = certificates.authority;
    result.client_cert = cert;
    result.client_key = key;
    return result;
  }

  TempFolder folder;
  Certificates certificates{folder};
  Nginx nginx{folder,
              "ssl_client_certificate " + certificates.authority +
                  "; ssl_verify_client on; location / { return 200 $ssl_client_s_dn; }",
              &certificates};
};

Guarded& guarded() {
  static Guarded instance;
  return instance;
}

HttpRequest through(std::string url, std::string proxy) {
  HttpRequest result = get(std::move(url));
  result.proxy = std::move(proxy);
  return result;
}

} // namespace

TEST_CASE("http tls: a client shows its certificate to a server that asks for one") {
  const Guarded& g = guarded();
  Loop loop;
  CHECK(loop.response(g.request("/", "", "")).status == 400); // nginx: No required SSL certificate was sent
  const HttpResponse known = loop.response(g.request("/", g.folder.file("alice.pem"), g.folder.file("alice.key")));
  CHECK(known.status == 200);
  CHECK(known.body == "CN=alice");
  // Not over the connection on which it was shown.
  CHECK(loop.response(g.request("/", "", "")).status == 400);
  g.certificates.openssl("x509 -in " + g.folder.file("alice.pem") + " -out " + g.folder.file("both.pem"));
  const std::string both = g.folder.file("both.pem");
  run({"/bin/sh", "-c", "cat " + g.folder.file("alice.key") + " >> " + both});
  CHECK(loop.response(g.request("/", both, "")).body == "CN=alice");
}

TEST_CASE("http tls: a certificate that cannot be used is an error that names it and asks nobody") {
  const Guarded& g = guarded();
  g.certificates.add_client("bob");
  g.certificates.openssl("ec -aes256 -passout pass:secret -in " + g.folder.file("alice.key") + " -out " +
                         g.folder.file("locked.key"));
  Loop loop;
  const std::string alice = g.folder.file("alice.pem");
  for (const std::string& key : {g.folder.file("locked.key"), g.folder.file("bob.key"), std::string{"/nowhere/x.key"},
                                 g.folder.file("ca.pem")}) {
    CAPTURE(key);
    const auto error = loop.error(g.request("/", alice, key));
    CHECK(error.code == errc::http_error);
    CHECK(contains(error.message, "cannot use '" + alice + "' as the client's certificate"));
  }
  CHECK(contains(loop.error(g.request("/", "/nowhere/x.pem", "")).message, "cannot use '/nowhere/x.pem'"));
}

TEST_CASE("http tls: the certificate stays behind when a redirect leads elsewhere") {
  const Guarded& g = guarded();
  const Nginx leading{g.folder, "location / { return 302 " + g.nginx.base + "/; }", &g.certificates};
  Loop loop;
  HttpRequest request = g.request("/", g.folder.file("alice.pem"), g.folder.file("alice.key"));
  request.follow_redirects = true;
  CHECK(loop.response(request).body == "CN=alice");
  request.url = leading.base + "/";
  CHECK(loop.response(request).status == 400);
}

TEST_CASE("http tls: certificates are parameters of the action relative to where the run was started") {
  const Guarded& g = guarded();
  const runbook::Action action = http_action({{"url", g.nginx.base + "/"},
                                              {"ca_file", "ca.pem"},
                                              {"client_cert", "{{ who }}.pem"},
                                              {"client_key", "{{ who }}.key"}});
  Loop loop;
  const std::string directory = std::filesystem::path{g.certificates.authority}.parent_path();
  CHECK(attempt(loop, action, {{"who", "alice"}}, directory).printed == "CN=alice");
  CHECK(contains(attempt(loop, action, {{"who", "mallory"}}, directory).outcome.message, "mallory.pem"));
}

TEST_CASE("http proxy: requests go through the proxy that is asked for and through none else") {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("no_proxy", "nowhere.invalid", 1); // nor does the environment say where none is used
  Loop loop;
  const std::string head = head_of(json(loop.response(through("http://nowhere.invalid/x?y=1", server().b))));
  CHECK(head.starts_with("GET http://nowhere.invalid/x?y=1 HTTP/1.1\r\n"));
  CHECK(head_of(json(loop.response(get(server().a + "/echo")))).starts_with("GET /echo HTTP/1.1\r\n"));
  ::unsetenv("http_proxy");
  ::unsetenv("no_proxy");
  const runbook::Action action = http_action({{"url", "http://nowhere.invalid/"}, {"proxy", "{{ proxy }}"}});
  CHECK(attempt(loop, action, {{"proxy", server().b}}).outcome.ok());
  CHECK_FALSE(attempt(loop, action, {{"proxy", "file:///x"}}).outcome.ok());
}

TEST_CASE("http proxy: https goes through a tunnel that sees no headers of the request") {
  const Guarded& g = guarded();
  Loop loop;
  HttpRequest request = g.request("/", g.folder.file("alice.pem"), g.folder.file("alice.key"));
  request.proxy = server().b;
  request.headers.emplace_back("X-Api-Key", "for the server alone");
  const HttpResponse response = loop.response(request);
  CHECK(response.body == "CN=alice");
  CHECK(std::ranges::count(response.headers, "server", &std::pair<std::string, std::string>::first) == 1);
  const auto tunnels = requests_with(server().b, "CONNECT ");
  REQUIRE_FALSE(tunnels.empty());
  CHECK_FALSE(contains(head_of(tunnels.back()), "X-Api-Key"));
}

TEST_CASE("http proxy: what goes wrong with it is told and puts nothing in doubt") {
  Loop loop;
  const auto nobody = loop.error(through("http://h.invalid/", "http://user:secret@127.0.0.1:1"));
  CHECK(contains(nobody.message, "cannot connect to the proxy http://127.0.0.1:1: Connection refused"));
  CHECK_FALSE(contains(nobody.message, "secret"));
  CHECK(contains(loop.error(through("http://h.invalid/", "http://nowhere.invalid:1")).message, "proxy's host"));
  HttpRequest refused = through("https://refused.invalid/", server().b);
  refused.method = "POST";
  const auto error = loop.error(refused);
  CHECK(error.code == errc::http_error);
  CHECK(contains(error.message, "403"));
  for (const char* bad : {"127.0.0.1:1", "https://h:1", "socks5://h:1", "http://h:1\n"}) {
    CAPTURE(bad);
    CHECK(loop.error(through("http://h.invalid/", bad)).code == errc::invalid_argument);
  }
}
