// The floor for HTTP requests: libcurl's multi interface on epoll, with handles that are used again, and nothing else.
#pragma once

#include "http/curl_library.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

class BareCurl {
public:
  BareCurl(const runbook::http::CurlLibrary& curl, const std::string& url, std::size_t in_flight)
      : curl_(curl), multi_(curl.multi_init()), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    curl_.multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &BareCurl::on_socket);
    curl_.multi_setopt(multi_, CURLMOPT_SOCKETDATA, static_cast<void*>(this));
    curl_.multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &BareCurl::on_timer);
    curl_.multi_setopt(multi_, CURLMOPT_TIMERDATA, static_cast<void*>(this));
    curl_.multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(in_flight));
    for (std::size_t i = 0; i < in_flight; ++i) {
      CURL* const easy = curl_.easy_init();
      curl_.easy_setopt(easy, CURLOPT_URL, url.c_str());
      curl_.easy_setopt(easy, CURLOPT_WRITEFUNCTION, &BareCurl::on_body);
      easies_.push_back(easy);
    }
  }
  ~BareCurl() {
    for (CURL* const easy : easies_) curl_.easy_cleanup(easy);
    curl_.multi_cleanup(multi_);
    ::close(epoll_);
  }
  BareCurl(const BareCurl&) = delete;
  BareCurl& operator=(const BareCurl&) = delete;

  /// Sends so many requests and waits for their answers.
  void run(std::size_t requests) {
    left_ = requests;
    done_ = 0;
    for (CURL* const easy : easies_) start(easy);
    std::array<epoll_event, 256> events{};
    while (done_ < requests) {
      const int count =
          ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(timeout_));
      if (count == 0) act(CURL_SOCKET_TIMEOUT, 0);
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        const bool readable = (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
        const bool writable = (event.events & EPOLLOUT) != 0;
        act(event.data.fd, (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0));
      }
    }
  }

private:
  static std::size_t on_body(char*, std::size_t size, std::size_t count, void*) { return size * count; }

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
    BareCurl& bare = *static_cast<BareCurl*>(self);
    const auto index = static_cast<std::size_t>(socket);
    if (bare.known_.size() <= index) bare.known_.resize(index + 1);
    const bool known = bare.known_[index];
    bare.known_[index] = what != CURL_POLL_REMOVE;
    if (what == CURL_POLL_REMOVE) {
      ::epoll_ctl(bare.epoll_, EPOLL_CTL_DEL, socket, nullptr);
      return 0;
    }
    epoll_event event{};
    event.events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
    event.data.fd = socket;
    ::epoll_ctl(bare.epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    return 0;
  }

  static int on_timer(CURLM*, long milliseconds, void* self) {
    static_cast<BareCurl*>(self)->timeout_ = milliseconds;
    return 0;
  }

  void start(CURL* easy) {
    if (left_ == 0) return;
    --left_;
    curl_.multi_add_handle(multi_, easy);
  }

  void act(curl_socket_t socket, int event) {
    int running = 0;
    curl_.multi_socket_action(multi_, socket, event, &running);
    int more = 0;
    while (const CURLMsg* const message = curl_.multi_info_read(multi_, &more)) {
      if (message->data.result != CURLE_OK) throw std::runtime_error(curl_.easy_strerror(message->data.result));
      CURL* const easy = message->easy_handle;
      curl_.multi_remove_handle(multi_, easy);
      ++done_;
      start(easy);
    }
  }

  const runbook::http::CurlLibrary& curl_;
  CURLM* multi_;
  int epoll_;
  long timeout_ = 0;
  std::size_t left_ = 0;
  std::size_t done_ = 0;
  std::vector<CURL*> easies_;
  std::vector<bool> known_; ///< the sockets that are in the epoll set
};

} // namespace bench
