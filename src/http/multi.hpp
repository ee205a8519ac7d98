// One libcurl multi handle, driven by an Asio event loop: libcurl says which sockets and which time it waits for, the
// loop waits.
//
// Nothing here keeps the loop running while no transfer is in flight: connections that libcurl keeps open for reuse
// are not waited for.
// Ownership: shared, because handlers in the loop's queue look at it through weak pointers; the client owns it.
// Thread-safety: none; everything happens on the loop's thread.
#pragma once

#include "http/curl_library.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <unordered_map>

namespace runbook::http {

/// One easy handle's work. It is in flight between `Multi::add` and its end or `Multi::remove`.
class Transfer {
public:
  virtual ~Transfer() = default;
  [[nodiscard]] virtual CURL* handle() const noexcept = 0;
  /// The transfer is over and no longer in flight. It may be added again from here.
  virtual void on_end(CURLcode code) = 0;
  /// The transfer is over because the event loop cannot wait for its socket.
  virtual void on_lost(boost::system::error_code why) = 0;
  /// The transfer is over because the client is gone.
  virtual void on_abandoned() noexcept = 0;
};

class Multi : public std::enable_shared_from_this<Multi> {
public:
  [[nodiscard]] static Result<std::shared_ptr<Multi>> make(const CurlLibrary& curl, boost::asio::io_context& io);
  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  /// Starts a transfer and keeps it alive while it is in flight. Its end never comes before this returns.
  [[nodiscard]] Result<void> add(std::shared_ptr<Transfer> transfer);
  /// Ends the transfer of this handle without a further word and returns it. Null if it is not in flight.
  std::shared_ptr<Transfer> remove(CURL* easy);
  [[nodiscard]] std::size_t in_flight() const noexcept { return transfers_.size(); }

private:
  struct Watch;
  using Executor = boost::asio::io_context::executor_type;
  using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                  boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

  Multi(const CurlLibrary& curl, boost::asio::io_context& io, CURLM* handle);
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* unused);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  [[nodiscard]] CURLMcode set_callbacks();
  boost::system::error_code watch(curl_socket_t socket, int what);
  void arm(const std::shared_ptr<Watch>& watch);
  void wait(const std::shared_ptr<Watch>& watch, bool Watch::* waiting, int event);
  void release(Watch& watch);
  void set_timer(long milliseconds);
  void act(curl_socket_t socket, int event);
  void report_ended();
  void fail_later(CURL* easy, boost::system::error_code why);
  void after_removal();

  const CurlLibrary& curl_;
  boost::asio::io_context& io_;
  CURLM* handle_;
  Timer timer_;
  bool kick_posted_ = false;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  std::unordered_map<CURL*, std::shared_ptr<Transfer>> transfers_; ///< in flight
};

} // namespace runbook::http
