// Stands between a client and a PostgreSQL server on Unix sockets, and breaks their connection at a chosen moment.
#pragma once

#include "support/postgres_server.hpp"
#include "support/temp_folder.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace runbook::testing {

/// When the connection breaks, of what the client sends.
enum class Cut {
  before, ///< the server never gets it
  inside, ///< the server gets it without its end, and so must not commit it
  after,  ///< the server has it, and the client is left before the answer is there
  answer, ///< the server has answered, and the client never gets that
};

class CuttingProxy {
public:
  explicit CuttingProxy(std::string server_folder) : server_(PostgresServer::socket_in(server_folder)) {
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_of(PostgresServer::socket_in(folder()));
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 16) != 0 || ::pipe2(ends_, O_CLOEXEC) != 0) {
      throw std::runtime_error("the proxy cannot listen");
    }
    thread_ = std::thread([this] { serve(); });
  }
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;
  ~CuttingProxy() {
    ::close(ends_[1]);
    thread_.join();
    for (const auto& [client, upstream] : pairs_) close_both(client, upstream);
    for (const int left : left_) ::close(left);
    ::close(listener_);
    ::close(ends_[0]);
  }

  [[nodiscard]] std::string folder() const { return folder_.path().string(); }
  [[nodiscard]] std::string connection() const { return PostgresServer::connection_through(folder()); }

  /// Breaks the connection over which the next message with this word comes, and all that follow within `times`.
  void cut(std::string word, Cut how, int times = 1) {
    const std::scoped_lock lock(mutex_);
    word_ = std::move(word);
    how_ = how;
    left_to_cut_ = times;
  }
  [[nodiscard]] int cuts() const { return cuts_; }

private:
  using Pair = std::pair<int, int>;
  static constexpr std::string_view sync_message{"S\0\0\0\4", 5}; ///< the end of what is done as one

  static sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    return address;
  }
  static void close_both(int one, int other) {
    ::close(one);
    ::close(other);
  }
  static bool send_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  static std::string receive(int from) {
    std::string bytes(1 << 16, '\0');
    const auto size = ::recv(from, bytes.data(), bytes.size(), 0);
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }

  void serve() {
    for (;;) {
      std::vector<pollfd> wanted{{ends_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
      for (const auto& [client, upstream] : pairs_) {
        wanted.push_back({client, POLLIN, 0});
        wanted.push_back({upstream, POLLIN, 0});
      }
      if (::poll(wanted.data(), wanted.size(), -1) < 0) continue;
      if (wanted[0].revents != 0) return;
      const std::vector<Pair> before = std::exchange(pairs_, {});
      for (std::size_t i = 0; i < before.size(); ++i) {
        const auto [client, upstream] = before[i];
        const bool lives = (wanted[2 + 2 * i].revents == 0 || forward_request(client, upstream)) &&
                           (wanted[3 + 2 * i].revents == 0 || forward_answer(upstream, client));
        if (lives) pairs_.push_back(before[i]);
      }
      if (wanted[1].revents != 0) accept_one();
    }
  }

  void accept_one() {
    const int client = ::accept(listener_, nullptr, nullptr);
    const int upstream = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_un address = address_of(server_);
    if (::connect(upstream, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      pairs_.emplace_back(client, upstream);
    } else {
      close_both(client, upstream);
    }
  }

  /// False: the connection is gone.
  bool forward_answer(int upstream, int client) {
    const std::string bytes = receive(upstream);
    if (!bytes.empty() && send_all(client, bytes)) return true;
    close_both(client, upstream);
    return false;
  }

  bool forward_request(int client, int upstream) {
    std::string bytes = receive(client);
    const bool cuts = !bytes.empty() && is_to_cut(bytes);
    if (!cuts && !bytes.empty() && send_all(upstream, bytes)) return true;
    while (cuts && how_ != Cut::before && !bytes.ends_with(sync_message)) {
      const std::string more = receive(client);
      if (more.empty()) break;
      bytes += more;
    }
    if (cuts && how_ == Cut::inside) bytes.resize(bytes.size() - sync_message.size());
    if (cuts && how_ != Cut::before) send_all(upstream, bytes);
    if (cuts && how_ == Cut::answer) receive(upstream);
    ::close(client);
    // A server that sees its client go may leave undone what it has not begun, so this end stays open.
    if (cuts && how_ == Cut::after)
      left_.push_back(upstream);
    else
      ::close(upstream);
    return false;
  }

  bool is_to_cut(const std::string& bytes) {
    const std::scoped_lock lock(mutex_);
    if (left_to_cut_ == 0 || bytes.find(word_) == std::string::npos) return false;
    --left_to_cut_;
    ++cuts_;
    return true;
  }

  TempFolder folder_;
  std::string server_;
  int listener_ = -1;
  int ends_[2] = {-1, -1};
  std::vector<Pair> pairs_;
  std::vector<int> left_;
  std::mutex mutex_;
  std::string word_;
  Cut how_ = Cut::before;
  int left_to_cut_ = 0;
  std::atomic<int> cuts_{0};
  std::thread thread_;
};

} // namespace runbook::testing
