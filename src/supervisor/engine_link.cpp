#include "supervisor/engine_link.hpp"

#include <boost/asio/post.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace runbook::supervisor {

namespace {

/// Before other links and programs have their turn.
constexpr std::size_t most_at_a_time = std::size_t{4} * 1024 * 1024;

} // namespace

EngineLink::EngineLink(boost::asio::io_context& io, process::Descriptor socket, Events events)
    : io_(io), socket_(io, socket.release()), events_(std::move(events)) {}

void EngineLink::begin() {
  listen();
}

void EngineLink::listen() {
  socket_.async_wait(boost::asio::posix::descriptor_base::wait_read, [self = shared_from_this()](const auto& failure) {
    if (failure || !self->is_open()) return;
    if (self->read()) return self->listen();
    self->leave();
  });
}

/// False: the engine says nothing more.
bool EngineLink::read() {
  const std::span<char> room = in_.room();
  const ssize_t got = ::recv(socket_.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  in_.filled(static_cast<std::size_t>(got));
  while (const auto frame = in_.next()) {
    if (!events_.heard(shared_from_this(), *frame)) {
      close();
      return false;
    }
    if (!is_open()) return false;
  }
  if (in_.broken()) close();
  return !in_.broken();
}

void EngineLink::leave() {
  const auto self = shared_from_this();
  const Events events = std::exchange(events_, {});
  if (events.left) events.left(self);
}

void EngineLink::announce(std::weak_ptr<Speaker> speaker) {
  if (!speaker.expired()) speakers_.push_back(std::move(speaker));
  if (flushing_ || !is_open()) return;
  flushing_ = true;
  boost::asio::post(io_, [self = shared_from_this()] { self->flush(); });
}

bool EngineLink::refill() {
  out_.clear();
  sent_ = 0;
  if (!words_.empty()) {
    out_.swap(words_);
    return true;
  }
  while (!speakers_.empty() && out_.empty()) {
    const auto speaker = speakers_.front().lock();
    speakers_.pop_front();
    if (speaker && speaker->speak(out_)) speakers_.push_back(speaker);
  }
  return !out_.empty();
}

void EngineLink::flush() {
  flushing_ = false;
  for (std::size_t sent_now = 0; is_open() && (sent_ < out_.size() || refill());) {
    if (sent_now > most_at_a_time) return announce();
    const ssize_t sent =
        ::send(socket_.native_handle(), out_.data() + sent_, out_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      sent_ += static_cast<std::size_t>(sent);
      sent_now += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN) {
      flushing_ = true;
      socket_.async_wait(boost::asio::posix::descriptor_base::wait_write,
                         [self = shared_from_this()](const auto& failure) {
                           if (!failure) self->flush();
                         });
      return;
    } else if (errno != EINTR) {
      return; // the engine is gone: reading says so
    }
  }
}

void EngineLink::close() {
  if (!is_open()) return;
  flush();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

} // namespace runbook::supervisor
