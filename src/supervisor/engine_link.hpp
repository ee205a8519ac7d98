// The supervisor's end of a connection to an engine. It never waits for the engine: what cannot be sent yet stays with
// who has it to say.
//
// Ownership: kept alive by its waits until it is closed. Thread-safety: belongs to the thread of the event loop.
#pragma once

#include "process/descriptor.hpp"
#include "supervisor/wire.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <utility>

namespace runbook::supervisor {

/// Who has something to say to an engine.
class Speaker {
public:
  virtual ~Speaker() = default;
  /// Puts the next whole frames into `to`, which is empty. False: there is nothing more.
  virtual bool speak(Bytes& to) = 0;
};

class EngineLink : public std::enable_shared_from_this<EngineLink> {
public:
  struct Events {
    /// False: the frame makes no sense, and the link is closed.
    std::function<bool(const std::shared_ptr<EngineLink>&, const Frame&)> heard;
    /// The engine says nothing more. It may still listen. Once.
    std::function<void(const std::shared_ptr<EngineLink>&)> left;
  };

  EngineLink(boost::asio::io_context& io, process::Descriptor socket, Events events);
  void begin();
  /// What has no speaker. Goes out in front of what speakers say.
  [[nodiscard]] Bytes& words() { return words_; }
  /// There are words, or the speaker has something to say: sends as soon as what goes on now is done.
  void announce(std::weak_ptr<Speaker> speaker = {});
  /// Sends what goes out at once, and hears and says nothing more.
  void close();
  [[nodiscard]] bool is_open() const { return socket_.is_open(); }

  bool greeted = false; ///< its version is ours

private:
  void listen();
  [[nodiscard]] bool read();
  void flush();
  [[nodiscard]] bool refill();
  void leave();

  boost::asio::io_context& io_;
  boost::asio::posix::stream_descriptor socket_;
  Events events_;
  FrameBuffer in_;
  Bytes words_;
  Bytes out_;
  std::size_t sent_ = 0;
  std::deque<std::weak_ptr<Speaker>> speakers_;
  bool flushing_ = false; // a flush is due, or waits for the engine
};

} // namespace runbook::supervisor
