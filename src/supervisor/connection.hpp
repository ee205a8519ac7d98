// The engine's end of a connection to a supervisor.
//
// Ownership: kept alive by its waits until it is closed; lists the programs that it speaks of. Thread-safety: belongs
// to the thread of the event loop.
#pragma once

#include "process/descriptor.hpp"
#include "supervisor/remote_program.hpp"
#include "supervisor/wire.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace runbook::supervisor {

class Connection : public std::enable_shared_from_this<Connection> {
public:
  /// `whose` names the supervisor in errors. `why_lost` gives the words for a program whose supervisor has gone.
  Connection(boost::asio::io_context& io, process::Descriptor socket, std::string whose,
             std::function<Error(const RemoteProgram&)> why_lost);
  void begin();

  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  [[nodiscard]] bool is_busy() const { return !programs_.empty(); }
  /// Set once the supervisor has turned out to be of another version.
  [[nodiscard]] const std::optional<Error>& refusal() const { return refusal_; }

  void start(const std::shared_ptr<RemoteProgram>& program, const ProcessSpec& spec, std::string_view directory,
             bool can_wait, bool wants_answer);
  void attach(const std::shared_ptr<RemoteProgram>& program);
  void stop(std::uint64_t id);
  void drop(std::uint64_t id);
  void forget(std::string_view key);
  /// What comes of it is not heard any more, but it goes on.
  void release(std::uint64_t id) { programs_.erase(id); }
  /// Waits here until the supervisor has answered for the program, or has gone, or the time is over. What else is heard
  /// meanwhile is reported later.
  void await_answer(const RemoteProgram& program, std::chrono::milliseconds at_most);
  /// Drops all programs and says nothing more. Waits here while the supervisor does not take it, but no longer than
  /// that.
  void leave(std::chrono::milliseconds at_most);
  /// After `leave`: waits here until the supervisor says that it stays, or ends: true.
  [[nodiscard]] bool ends(std::chrono::milliseconds at_most);
  void close();

private:
  using Deadline = std::chrono::steady_clock::time_point;

  std::uint64_t add(const std::shared_ptr<RemoteProgram>& program);
  void listen();
  /// False: the supervisor says nothing more.
  [[nodiscard]] bool receive();
  void hear_all();
  void hear(const Frame& frame);
  void hear_hello(const Frame& frame);
  void hear_of_program(const Frame& frame);
  /// False: the frame is no answer for the program.
  [[nodiscard]] bool take_answer(const RemoteProgram& program, const Frame& frame);
  void garbled();
  [[nodiscard]] std::shared_ptr<RemoteProgram> find(std::uint64_t id) const;
  void flush();
  [[nodiscard]] bool poll_until(short events, Deadline deadline);
  void lose_later();
  void lose_all();

  boost::asio::io_context& io_;
  boost::asio::posix::stream_descriptor socket_;
  std::string whose_;
  std::function<Error(const RemoteProgram&)> why_lost_;
  // Shared with whoever handles a frame of them, while more is read.
  std::shared_ptr<FrameBuffer> in_ = std::make_shared<FrameBuffer>();
  std::shared_ptr<FrameBuffer> deferred_ =
      std::make_shared<FrameBuffer>(); // heard while somebody waited for something else
  Bytes out_;
  std::size_t sent_ = 0;
  bool writing_ = false;
  bool greeted_ = false;
  bool staying_ = false;
  std::optional<Error> refusal_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, std::shared_ptr<RemoteProgram>> programs_;
};

} // namespace runbook::supervisor
