#include "http/multi.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace runbook::http {

namespace asio = boost::asio;

namespace {

// As many connections as transfers in flight may leave behind; libcurl's own default shrinks with them.
constexpr long kept_connections = 128;

} // namespace

/// A socket of libcurl's that it waits for. The socket stays libcurl's: it is released, never closed, here.
struct Multi::Watch {
  Watch(asio::io_context& io, curl_socket_t number) : socket(number), descriptor(io) {}

  curl_socket_t socket;
  asio::posix::basic_stream_descriptor<Executor> descriptor;
  int wanted = CURL_POLL_NONE; ///< CURL_POLL_IN, CURL_POLL_OUT or both
  bool reading = false;        ///< a wait is under way
  bool writing = false;
  bool released = false;
};

Multi::Multi(const CurlLibrary& curl, asio::io_context& io, CURLM* handle)
    : curl_(curl), io_(io), handle_(handle), timer_(io) {}

Result<std::shared_ptr<Multi>> Multi::make(const CurlLibrary& curl, asio::io_context& io) {
  CURLM* const handle = curl.multi_init();
  if (handle == nullptr) return Error{errc::http_error, "libcurl cannot start: out of memory", {}};
  std::shared_ptr<Multi> multi{new Multi{curl, io, handle}};
  if (const CURLMcode code = multi->set_callbacks(); code != CURLM_OK) {
    return Error{errc::http_error, fmt::format("libcurl cannot start: {}", curl.multi_strerror(code)), {}};
  }
  return multi;
}

CURLMcode Multi::set_callbacks() {
  CURLMcode code = CURLM_OK;
  const auto set = [&](CURLMoption option, auto value) {
    if (code == CURLM_OK) code = curl_.multi_setopt(handle_, option, value);
  };
  set(CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
  set(CURLMOPT_SOCKETDATA, static_cast<void*>(this));
  set(CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
  set(CURLMOPT_TIMERDATA, static_cast<void*>(this));
  set(CURLMOPT_MAXCONNECTS, kept_connections);
  return code;
}

Multi::~Multi() {
  const auto abandoned = std::exchange(transfers_, {});
  for (const auto& [easy, transfer] : abandoned) curl_.multi_remove_handle(handle_, easy);
  // Closes the kept connections and calls back for the sockets that are still watched.
  curl_.multi_cleanup(handle_);
  for (const auto& [socket, watch] : watches_) release(*watch);
  for (const auto& [easy, transfer] : abandoned) transfer->on_abandoned();
}

Result<void> Multi::add(std::shared_ptr<Transfer> transfer) {
  CURL* const easy = transfer->handle();
  if (transfers_.empty()) {
    for (const auto& [socket, watch] : watches_) arm(watch); // see after_removal
  }
  transfers_.emplace(easy, std::move(transfer));
  if (const CURLMcode code = curl_.multi_add_handle(handle_, easy); code != CURLM_OK) {
    transfers_.erase(easy);
    return Error{errc::http_error, fmt::format("libcurl refused the request: {}", curl_.multi_strerror(code)), {}};
  }
  return {};
}

std::shared_ptr<Transfer> Multi::remove(CURL* easy) {
  const auto found = transfers_.find(easy);
  if (found == transfers_.end()) return nullptr;
  std::shared_ptr<Transfer> transfer = std::move(found->second);
  transfers_.erase(found);
  curl_.multi_remove_handle(handle_, easy);
  after_removal();
  return transfer;
}

void Multi::after_removal() {
  if (!transfers_.empty()) return;
  // Whatever libcurl still waits for concerns connections that nobody uses; it can go on when there is work again.
  timer_.cancel();
  for (const auto& [socket, watch] : watches_) watch->descriptor.cancel();
}

// Called by libcurl, which must not be called back from here, nor see an exception.
int Multi::on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void*) {
  Multi& multi = *static_cast<Multi*>(self);
  if (what != CURL_POLL_REMOVE) {
    if (const boost::system::error_code ec = multi.watch(socket, what)) multi.fail_later(easy, ec);
    return 0;
  }
  if (const auto found = multi.watches_.find(socket); found != multi.watches_.end()) {
    multi.release(*found->second);
    multi.watches_.erase(found);
  }
  return 0;
}

int Multi::on_timer(CURLM*, long milliseconds, void* self) {
  static_cast<Multi*>(self)->set_timer(milliseconds);
  return 0;
}

boost::system::error_code Multi::watch(curl_socket_t socket, int what) {
  std::shared_ptr<Watch>& entry = watches_[socket];
  if (entry == nullptr) {
    entry = std::make_shared<Watch>(io_, socket);
    boost::system::error_code ec;
    entry->descriptor.assign(socket, ec);
    if (ec) {
      watches_.erase(socket);
      return ec;
    }
  }
  entry->wanted = what;
  arm(entry);
  return {};
}

/// Asio's registration must be gone before libcurl closes the socket and its number goes to somebody else.
void Multi::release(Watch& watch) {
  if (std::exchange(watch.released, true)) return;
  watch.descriptor.release();
}

void Multi::arm(const std::shared_ptr<Watch>& watch) {
  if ((watch->wanted & CURL_POLL_IN) != 0) wait(watch, &Watch::reading, CURL_CSELECT_IN);
  if ((watch->wanted & CURL_POLL_OUT) != 0) wait(watch, &Watch::writing, CURL_CSELECT_OUT);
}

void Multi::wait(const std::shared_ptr<Watch>& watch, bool Watch::* waiting, int event) {
  using Descriptor = asio::posix::descriptor_base;
  if (std::exchange((*watch).*waiting, true)) return;
  static_assert(CURL_POLL_IN == CURL_CSELECT_IN && CURL_POLL_OUT == CURL_CSELECT_OUT);
  watch->descriptor.async_wait(event == CURL_CSELECT_IN ? Descriptor::wait_read : Descriptor::wait_write,
                               [weak = weak_from_this(), watch, waiting, event](boost::system::error_code ec) {
                                 (*watch).*waiting = false;
                                 const std::shared_ptr<Multi> self = weak.lock();
                                 if (self == nullptr || watch->released) return;
                                 if (!ec && (watch->wanted & event) != 0) self->act(watch->socket, event);
                                 // libcurl's interest lasts until it says otherwise, Asio's wait ends with its event.
                                 if (!watch->released && self->in_flight() != 0) self->arm(watch);
                               });
}

void Multi::set_timer(long milliseconds) {
  if (transfers_.empty()) return; // see after_removal
  if (milliseconds == 0) {        // at once, but not from within libcurl's call
    if (std::exchange(kick_posted_, true)) return;
    asio::post(io_, [weak = weak_from_this()] {
      const std::shared_ptr<Multi> self = weak.lock();
      if (self == nullptr) return;
      self->kick_posted_ = false;
      self->act(CURL_SOCKET_TIMEOUT, 0);
    });
    return;
  }
  if (milliseconds < 0) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::chrono::milliseconds{milliseconds});
  timer_.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
    const std::shared_ptr<Multi> self = weak.lock();
    if (self != nullptr && !ec) self->act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void Multi::act(curl_socket_t socket, int event) {
  int running = 0;
  curl_.multi_socket_action(handle_, socket, event, &running);
  report_ended();
}

void Multi::report_ended() {
  const std::shared_ptr<Multi> self = shared_from_this(); // a transfer's owner may let go of the client
  int left = 0;
  while (CURLMsg* const message = curl_.multi_info_read(handle_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    if (const std::shared_ptr<Transfer> transfer = remove(message->easy_handle)) transfer->on_end(code);
  }
}

/// For a transfer whose socket the loop cannot watch: not from within libcurl's call.
void Multi::fail_later(CURL* easy, boost::system::error_code why) {
  asio::post(io_, [weak = weak_from_this(), easy, why] {
    const std::shared_ptr<Multi> self = weak.lock();
    if (self == nullptr) return;
    if (const std::shared_ptr<Transfer> transfer = self->remove(easy)) transfer->on_lost(why);
  });
}

} // namespace runbook::http
