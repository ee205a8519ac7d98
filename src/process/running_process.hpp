// A process that runs: its output, its end, and the ladder that stops it.
//
// Its life: it runs until the leader of its group ends. If it was asked to stop, what is left of the group lingers for
// the rest of the grace period. Then the group is killed, the pipes are drained, what was killed settles, and the end
// is reported.
//
// Ownership: kept alive by its `Activity` and by the waits on the event loop, so it outlives an `Activity` that is
// destroyed until its zombie is gone. Thread-safety: belongs to the thread of the event loop.
#pragma once

#include "process/launcher.hpp"
#include "process/live_groups.hpp"
#include "process/result_file.hpp"

#include <runbook/system.hpp>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace runbook::process {

class RunningProcess final
    : public std::enable_shared_from_this<RunningProcess>,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  struct Times {
    std::chrono::milliseconds grace;
    std::chrono::milliseconds drain;
    std::chrono::milliseconds settle;
  };

  /// `buffer` is for reading and may be shared by all processes of a thread; it must last until the end. What a
  /// `confidential` process says is overwritten in it. `ended` is called once what the process held of the host is
  /// given back, before its end is reported.
  RunningProcess(boost::asio::io_context& io, std::span<char> buffer, Times times, bool confidential,
                 std::shared_ptr<LiveGroups> live, std::function<void()> ended);

  /// Takes the process and the reading ends of its pipes over and starts to watch them. On failure the process is
  /// killed and gone.
  [[nodiscard]] boost::system::error_code begin(Launched launched, process::Descriptor out, process::Descriptor err);
  /// What the program leaves in the file is reported with its end: the first bytes, at most so many.
  void expect(ResultFile result, std::size_t most) {
    result_.emplace(std::move(result));
    max_result_ = most;
  }
  /// From now on. Right after `begin`, so that nothing is missed.
  void report_to(ProcessEvents events) { events_ = std::move(events); }

  /// SIGTERM to the group, and SIGKILL when the grace period is over. The end is reported as always.
  void stop();
  /// The same, without a grace period or what is left of one.
  void kill();
  /// Held back, output stays in the pipes until the program's end.
  void hold_output(bool held);
  /// Kills the group and reports nothing any more.
  void abandon();
  /// Kills the group and waits for the leader's end, but no longer than until `deadline`. Nothing is watched any more.
  void end_now(std::chrono::steady_clock::time_point deadline);

  [[nodiscard]] boost::asio::io_context& io() const noexcept { return io_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
  using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;
  enum class Phase : std::uint8_t { running, lingering, draining, settling, ended };
  struct Pipe {
    Descriptor end;
    Stream stream;
    bool watched = false;
  };

  [[nodiscard]] boost::system::error_code connect(Launched& launched, process::Descriptor out, process::Descriptor err);
  void watch_leader();
  void watch(Pipe& pipe);
  /// Reads what is there, but no more than `reads` buffers full. Closes the pipe at its end.
  void read(Pipe& pipe, int reads);
  void report(Stream stream, std::string_view bytes);
  void leader_ended();
  void end_group();
  void drain();
  void settle();
  /// Goes on when no member of the group lives, or at the deadline.
  void look_at_group();
  void finish();
  void wake_at(std::chrono::steady_clock::time_point time);
  void woken();
  void signal(int number) noexcept;
  void close_pipes();
  void forget_events();
  [[nodiscard]] bool pipes_closed() const { return !pipes_[0].end.is_open() && !pipes_[1].end.is_open(); }

  boost::asio::io_context& io_;
  std::span<char> buffer_;
  ProcessEvents events_;
  Times times_;
  bool confidential_;
  std::shared_ptr<LiveGroups> live_;
  std::function<void()> ended_;
  std::array<Pipe, 2> pipes_;
  Descriptor pidfd_;
  pid_t pid_ = -1;
  std::optional<ResultFile> result_;
  std::size_t max_result_ = 0;
  std::optional<Timer> timer_;
  std::chrono::steady_clock::time_point deadline_; // of the grace period, then of the drain, then of the group's end
  std::chrono::milliseconds next_look_{0};
  ProcessExit exit_;
  Phase phase_ = Phase::running;
  bool stopping_ = false;
  bool killed_ = false;
  bool abandoned_ = false;
  bool held_ = false;      // its output is
  bool reporting_ = false; // a callback is on the stack
};

} // namespace runbook::process
