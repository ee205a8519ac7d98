// The servers that the HTTP tests talk to: one that misbehaves, and a real nginx.
#pragma once

#include "support/http_child.hpp"

#include <runbook/value.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

namespace http_test {

/// A private certificate authority and a server's certificate of it for these names.
class Certificates {
public:
  explicit Certificates(const TempFolder& folder, const std::string& names = "IP:127.0.0.1,DNS:localhost")
      : authority(folder.file("ca.pem")), certificate(folder.file("server.pem")), key(folder.file("server.key")),
        folder_(folder) {
    openssl("req -x509 " + new_key + "-days 2 -subj '/CN=test authority' -keyout " + folder_.file("ca.key") + " -out " +
            authority);
    sign("server", "127.0.0.1", "subjectAltName=" + names + "\n");
  }

  /// The certificate of a client with this name: NAME.pem and NAME.key in the folder.
  void add_client(const std::string& name) const { sign(name, name, "extendedKeyUsage=clientAuth\n"); }

  /// Runs openssl with these arguments.
  void openssl(const std::string& arguments) const {
    run({"/bin/sh", "-c", "openssl " + arguments + " 2>" + folder_.file("openssl.log")});
  }

  std::string authority;
  std::string certificate;
  std::string key;

private:
  inline static const std::string new_key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";

  void sign(const std::string& file, const std::string& name, const std::string& extensions) const {
    const std::string request = folder_.file(file + ".csr");
    openssl("req " + new_key + "-subj /CN=" + name + " -keyout " + folder_.file(file + ".key") + " -out " + request);
    openssl("x509 -req -days 2 -in " + request + " -CA " + authority + " -CAkey " + folder_.file("ca.key") +
            " -extfile " + folder_.write(file + ".ext", extensions) + " -out " + folder_.file(file + ".pem"));
  }

  const TempFolder& folder_;
};

/// See http_server.py for what its paths do.
class MisbehavingServer {
public:
  explicit MisbehavingServer(const Certificates* certificates = nullptr) : child_(command(certificates)) {
    const runbook::Value ports = runbook::parse_json(child_.read_line()).value();
    a = base("http", ports.at("a"));
    b = base("http", ports.at("b"));
    if (certificates != nullptr) tls = base("https", ports.at("tls"));
  }

  std::string a; ///< http://127.0.0.1:PORT
  std::string b;
  std::string tls;

private:
  static std::string base(const std::string& scheme, const runbook::Value& port) {
    return scheme + "://127.0.0.1:" + std::to_string(port.as_int64());
  }
  static std::vector<std::string> command(const Certificates* certificates) {
    const std::string python = std::filesystem::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    std::vector<std::string> words{python, RUNBOOK_SOURCE_DIR "/tests/support/http_server.py"};
    if (certificates != nullptr) words.insert(words.end(), {certificates->certificate, certificates->key});
    return words;
  }

  Child child_;
};

/// A listening socket on a free loopback port.
class Listener {
public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    require(::bind(socket_.get(), generic, size) == 0 && ::listen(socket_.get(), 512) == 0, "listen");
    require(::getsockname(socket_.get(), generic, &size) == 0, "getsockname");
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] int descriptor() const { return socket_.get(); }
  [[nodiscard]] std::string port() const { return std::to_string(port_); }

private:
  Descriptor socket_;
  unsigned port_ = 0;
};

/// nginx on loopback. It inherits its listening socket, so that it can be spoken to as soon as it is started and no
/// port can be taken in between.
class Nginx {
public:
  /// `server`: what stands in the server block. With certificates it speaks TLS.
  Nginx(const TempFolder& folder, const std::string& server, const Certificates* certificates = nullptr) {
    const std::string tls = certificates == nullptr ? ""
                                                    : "ssl_certificate " + certificates->certificate +
                                                          "; ssl_certificate_key " + certificates->key + ";";
    const std::string listen = "listen 127.0.0.1:" + listener_.port() + (certificates == nullptr ? ";" : " ssl;");
    std::string temp;
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      temp += std::string{kind} + "_temp_path " + folder.file(std::string{"temp-"} + kind) + ";";
    }
    const std::string config =
        folder.write("nginx-" + listener_.port() + ".conf",
                     std::string{::geteuid() == 0 ? "user root;" : ""} + "daemon off; worker_processes 1; pid " +
                         folder.file("nginx-" + listener_.port() + ".pid") + "; error_log " + folder.file("nginx.log") +
                         "; worker_rlimit_nofile 8192; events { worker_connections 4096; } http { access_log off; " +
                         temp + " server { " + listen + tls + server + " } }");
    child_ = std::make_unique<Child>(
        std::vector<std::string>{"/usr/sbin/nginx", "-c", config, "-e", folder.file("nginx.log")},
        std::vector<std::string>{"NGINX=" + std::to_string(listener_.descriptor()) + ";"}, listener_.descriptor());
    base = (certificates == nullptr ? "http://127.0.0.1:" : "https://127.0.0.1:") + listener_.port();
  }
  ~Nginx() {
    child_->send_signal(SIGTERM); // its worker goes with it, which a kill would leave behind
    child_->exit_status();
  }

  std::string base;

private:
  Listener listener_;
  std::unique_ptr<Child> child_;
};

} // namespace http_test
