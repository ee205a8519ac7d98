// The HTTP client against a real nginx: plain, TLS with a private authority, compression, virtual hosts.
#include "support/http_loop.hpp"

using namespace http_test;

namespace {

HttpRequest trusting(std::string url, const std::string& authority) {
  HttpRequest result = get(std::move(url));
  result.ca_file = authority;
  return result;
}

} // namespace

TEST_CASE("http nginx: files are fetched, written, deleted and missed") {
  const TempFolder folder;
  folder.write("root/hello.txt", "hello from nginx");
  const Nginx nginx{folder, "root " + folder.file("root") + "; dav_methods PUT DELETE; gzip on; gzip_min_length 1;"};
  Loop loop;
  const HttpResponse hello = loop.response(get(nginx.base + "/hello.txt"));
  CHECK(hello.status == 200);
  CHECK(hello.body == "hello from nginx");
  CHECK(loop.response(get(nginx.base + "/missing.txt")).status == 404);
  CHECK(loop.response(request("HEAD", nginx.base + "/hello.txt")).body.empty());
  CHECK(loop.response(request("PUT", nginx.base + "/new.txt", "put here")).status == 201);
  CHECK(loop.response(get(nginx.base + "/new.txt")).body == "put here");
  CHECK(loop.response(request("DELETE", nginx.base + "/new.txt")).status == 204);
  CHECK(loop.response(get(nginx.base + "/new.txt")).status == 404);
  CHECK(loop.response(request("BREW", nginx.base + "/hello.txt")).status == 405);
}

TEST_CASE("http nginx: a compressed answer arrives unpacked") {
  const TempFolder folder;
  const std::string text(100000, 'z');
  folder.write("root/large.html", text);
  const Nginx nginx{folder, "root " + folder.file("root") + "; types { text/html html; } gzip on;"};
  Loop loop;
  const HttpResponse response = loop.response(get(nginx.base + "/large.html"));
  CHECK(response.body == text);
  bool compressed = false;
  for (const auto& [name, value] : response.headers)
    compressed = compressed || (name == "content-encoding" && value == "gzip");
  CHECK(compressed);
}

TEST_CASE("http nginx: a server that closes kept connections costs nobody a request") {
  const TempFolder folder;
  const Nginx nginx{folder, "keepalive_requests 2; location / { return 200 $connection_requests; }"};
  Loop loop;
  for (int i = 0; i < 9; ++i) CHECK(loop.response(get(nginx.base + "/")).body == (i % 2 == 0 ? "1" : "2"));
}

TEST_CASE("http nginx: TLS is trusted through the given authority and not without it") {
  const TempFolder folder;
  const Certificates certificates{folder};
  const Nginx nginx{folder, "ssl_protocols TLSv1.2 TLSv1.3; location / { return 200 $ssl_protocol; }", &certificates};
  Loop loop;
  const HttpResponse trusted = loop.response(trusting(nginx.base + "/", certificates.authority));
  CHECK(trusted.body == "TLSv1.3");
  // Also on a client that holds a trusted connection to the same server.
  const auto unknown = loop.error(get(nginx.base + "/"));
  CHECK(unknown.code == errc::http_error);
  CHECK(contains(unknown.message, "certificate is not trusted"));
  CHECK(contains(unknown.message, "ca_file"));
  std::string by_name = nginx.base;
  by_name.replace(by_name.find("127.0.0.1"), 9, "localhost");
  CHECK(loop.response(trusting(by_name + "/", certificates.authority)).status == 200);
}

TEST_CASE("http nginx: a certificate of another authority, name or none is refused") {
  const TempFolder folder;
  const TempFolder other_folder;
  const Certificates certificates{folder};
  const Certificates others{other_folder};
  const Nginx nginx{folder, "location / { return 200 ok; }", &certificates};
  Loop loop;
  CHECK(contains(loop.error(trusting(nginx.base + "/", others.authority)).message,
                 "not trusted by '" + others.authority));
  const TempFolder misnamed_folder;
  const Certificates misnamed{misnamed_folder, "DNS:elsewhere.example"};
  const Nginx elsewhere{misnamed_folder, "location / { return 200 ok; }", &misnamed};
  CHECK(contains(loop.error(trusting(elsewhere.base + "/", misnamed.authority)).message, "certificate is not trusted"));
  const auto missing = loop.error(trusting(nginx.base + "/", "/nowhere/ca.pem"));
  CHECK(contains(missing.message, "cannot use '/nowhere/ca.pem' as certificate authorities"));
  std::string plain = nginx.base;
  plain.erase(4, 1); // http to the TLS port
  CHECK(loop.response(get(plain + "/")).status == 400);
}

TEST_CASE("http nginx: an authority file that has changed counts at the next connection") {
  const TempFolder folder;
  const TempFolder other_folder;
  const Certificates certificates{folder};
  const Certificates others{other_folder};
  const Nginx nginx{
      folder, "keepalive_timeout 0; ssl_session_cache off; ssl_session_tickets off; location / { return 200 ok; }",
      &certificates};
  const std::string trusted = folder.file("trusted.pem");
  Loop loop;
  std::filesystem::copy_file(certificates.authority, trusted);
  CHECK(loop.response(trusting(nginx.base + "/", trusted)).body == "ok");
  std::filesystem::copy_file(others.authority, trusted, std::filesystem::copy_options::overwrite_existing);
  CHECK(contains(loop.error(trusting(nginx.base + "/", trusted)).message, "not trusted by"));
}

TEST_CASE("http nginx: a TLS version before 1.2 is refused") {
  const TempFolder folder;
  const Certificates certificates{folder};
  const Nginx nginx{folder, "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0; location / { return 200 ok; }",
                    &certificates};
  Loop loop;
  CHECK(contains(loop.error(trusting(nginx.base + "/", certificates.authority)).message, "TLS 1.2"));
}

TEST_CASE("http nginx: a redirect from https to http is refused and the other way is followed") {
  const TempFolder folder;
  const Certificates certificates{folder};
  const MisbehavingServer plain{&certificates};
  const Nginx secure{folder, "location /down { return 302 " + plain.a + "/echo; } location / { return 200 secure; }",
                     &certificates};
  const Nginx upgrade{folder, "location / { return 301 " + secure.base + "/; }"};
  Loop loop;
  HttpRequest down = trusting(secure.base + "/down", certificates.authority);
  down.follow_redirects = true;
  CHECK(contains(loop.error(down).message, "it leads from https to http"));
  CHECK(requests_with(plain.a, "/echo").empty());
  HttpRequest up = trusting(upgrade.base + "/", certificates.authority);
  up.follow_redirects = true;
  CHECK(loop.response(up).body == "secure");
}

TEST_CASE("http nginx: a TLS connection that is cut off is an error") {
  const TempFolder folder;
  const Certificates certificates{folder};
  const MisbehavingServer cutting{&certificates};
  Loop loop;
  for (const char* path : {"/cut_length", "/cut_chunked", "/reset", "/nothing"}) {
    CAPTURE(path);
    CHECK(loop.error(trusting(cutting.tls + path, certificates.authority)).code == errc::http_error);
  }
  HttpRequest upload = trusting(cutting.tls + "/reset_at_once", certificates.authority);
  upload.method = "POST";
  upload.body.assign(std::size_t{16} << 20, 'x');
  CHECK(loop.error(upload).code == errc::in_doubt); // and no SIGPIPE
}
