#include "process/running_process.hpp"

#include "process/process_end.hpp"
#include "secret/wiping.hpp"

#include <boost/asio/post.hpp>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

namespace runbook::process {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Of each pipe before others get their turn, so that a program that prints without end cannot keep the loop.
constexpr int reads_at_a_time = 4;
/// At the end. A pipe holds at most this much unless a privileged process has made it larger.
constexpr int reads_at_the_end = 17;
/// How often is looked whether a group that was asked to stop or killed has gone, since nothing tells of that: often at
/// first, and in the end this often.
constexpr milliseconds shortest_look{2};
constexpr milliseconds longest_look{100};

steady_clock::time_point after(milliseconds time) {
  constexpr std::chrono::hours longest{24 * 365};
  return steady_clock::now() + std::clamp<milliseconds>(time, milliseconds{0}, longest);
}

} // namespace

RunningProcess::RunningProcess(boost::asio::io_context& io, std::span<char> buffer, Times times, bool confidential,
                               std::shared_ptr<LiveGroups> live, std::function<void()> ended)
    : io_(io), buffer_(buffer), times_(times), confidential_(confidential), live_(std::move(live)),
      ended_(std::move(ended)),
      pipes_{Pipe{Descriptor(io.get_executor()), Stream::out}, Pipe{Descriptor(io.get_executor()), Stream::err}},
      pidfd_(io.get_executor()) {}

boost::system::error_code RunningProcess::begin(Launched launched, process::Descriptor out, process::Descriptor err) {
  pid_ = launched.pid;
  if (const auto error = connect(launched, std::move(out), std::move(err))) {
    signal_group(pid_, launched.pidfd.get(), SIGKILL);
    if (launched.pidfd) wait_for_end(launched.pidfd.get());
    return error;
  }
  live_->add(pid_, pidfd_.is_open() ? pidfd_.native_handle() : -1);
  if (pidfd_.is_open()) {
    watch_leader();
  } else {
    boost::asio::post(io_, [self = shared_from_this()] { self->leader_ended(); });
  }
  for (Pipe& pipe : pipes_) watch(pipe);
  return {};
}

boost::system::error_code RunningProcess::connect(Launched& launched, process::Descriptor out,
                                                  process::Descriptor err) {
  boost::system::error_code error;
  const auto assign = [&error](Descriptor& to, process::Descriptor& from) {
    if (error || !from) return;
    to.assign(from.get(), error);
    if (!error) static_cast<void>(from.release());
  };
  assign(pipes_[0].end, out);
  assign(pipes_[1].end, err);
  for (Pipe& pipe : pipes_) {
    if (!error) pipe.end.native_non_blocking(true, error);
  }
  assign(pidfd_, launched.pidfd);
  return error;
}

// The event loop may wake a wait for an event of a descriptor that was closed before: what counts is what is there.
void RunningProcess::watch_leader() {
  pidfd_.async_wait(Descriptor::wait_read, [self = shared_from_this()](const auto& failure) {
    if (failure || !self->pidfd_.is_open()) return;
    if (!has_ended(self->pidfd_.native_handle())) return self->watch_leader();
    self->leader_ended();
  });
}

void RunningProcess::watch(Pipe& pipe) {
  pipe.watched = true;
  pipe.end.async_wait(Descriptor::wait_read, [self = shared_from_this(), &pipe](const auto& failure) {
    pipe.watched = false;
    if (failure || !pipe.end.is_open() || self->held_) return;
    self->read(pipe, reads_at_a_time);
    if (pipe.end.is_open()) return self->held_ ? void() : self->watch(pipe);
    if (self->phase_ == Phase::draining && self->pipes_closed()) self->settle();
  });
}

void RunningProcess::read(Pipe& pipe, int reads) {
  while (pipe.end.is_open() && reads > 0) {
    if (held_ && phase_ == Phase::running) return;
    const ssize_t size = ::read(pipe.end.native_handle(), buffer_.data(), buffer_.size());
    if (size > 0) {
      report(pipe.stream, {buffer_.data(), static_cast<std::size_t>(size)});
      --reads;
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) return;
    boost::system::error_code ignored;
    pipe.end.close(ignored);
  }
}

void RunningProcess::report(Stream stream, std::string_view bytes) {
  if (!events_.on_output) return;
  reporting_ = true;
  events_.on_output(stream, bytes);
  if (confidential_) ::explicit_bzero(buffer_.data(), bytes.size());
  reporting_ = false;
  if (abandoned_) forget_events();
}

void RunningProcess::stop() {
  if (phase_ != Phase::running || stopping_ || abandoned_) return;
  stopping_ = true;
  signal(SIGTERM);
  signal(SIGCONT); // who is suspended could not follow the request
  deadline_ = after(times_.grace);
  wake_at(deadline_);
}

void RunningProcess::kill() {
  times_.grace = milliseconds{0};
  stop();
  if (!stopping_ || (phase_ != Phase::running && phase_ != Phase::lingering)) return;
  deadline_ = steady_clock::now();
  wake_at(deadline_);
}

void RunningProcess::hold_output(bool held) {
  if (held_ == held) return;
  held_ = held;
  if (held) return;
  for (Pipe& pipe : pipes_) {
    if (pipe.end.is_open() && !pipe.watched) watch(pipe);
  }
}

void RunningProcess::abandon() {
  if (phase_ == Phase::ended || abandoned_) return;
  abandoned_ = true;
  if (phase_ != Phase::draining) signal(SIGKILL);
  killed_ = true;
  live_->remove(pid_);
  timer_.reset();
  close_pipes();
  if (phase_ == Phase::lingering && pidfd_.is_open()) exit_ = reap(pidfd_.native_handle());
  if (phase_ != Phase::running) return finish();
  if (!reporting_) forget_events();
}

void RunningProcess::end_now(steady_clock::time_point deadline) {
  const auto self = shared_from_this();
  abandon();
  if (phase_ == Phase::ended) return;
  if (!pidfd_.is_open()) return leader_ended();
  pollfd ended{pidfd_.native_handle(), POLLIN, 0};
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
  const int wait = static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 60'000));
  int ready = 0;
  do {
    ready = ::poll(&ended, 1, wait);
  } while (ready < 0 && errno == EINTR);
  if (ready > 0) return leader_ended();
  finish();
}

// The leader is a zombie now, so the number of its group cannot go to another until it is reaped.
void RunningProcess::leader_ended() {
  if (phase_ != Phase::running) return;
  const bool in_grace = stopping_ && !killed_;
  if (!in_grace) {
    signal(SIGKILL);
    return drain();
  }
  // A shell dies of SIGTERM at once while the command that it waits for still puts things in order.
  phase_ = Phase::lingering;
  next_look_ = shortest_look;
  look_at_group();
}

void RunningProcess::look_at_group() {
  const auto now = steady_clock::now();
  const int pidfd = pidfd_.is_open() ? pidfd_.native_handle() : -1;
  if (now >= deadline_ || !has_living_member(pid_, pidfd, stopping_ ? Reach::session : Reach::group)) {
    return phase_ == Phase::lingering ? end_group() : finish();
  }
  wake_at(std::min(now + next_look_, deadline_));
  next_look_ = std::min(next_look_ * 2, longest_look);
}

void RunningProcess::end_group() {
  signal(SIGKILL);
  killed_ = true;
  if (phase_ == Phase::lingering) drain();
}

// What the program wrote is in the pipes now. Beyond that they are read for as long as was asked for, because somebody
// who left the group may hold them open for ever.
void RunningProcess::drain() {
  phase_ = Phase::draining;
  live_->remove(pid_);
  if (pidfd_.is_open()) exit_ = reap(pidfd_.native_handle());
  for (Pipe& pipe : pipes_) read(pipe, reads_at_the_end);
  if (phase_ == Phase::ended) return;
  if (pipes_closed()) return settle();
  deadline_ = after(times_.drain);
  wake_at(deadline_);
}

// SIGKILL only marks the members: each of them runs until the system gets to it. Nearly always there are none left, and
// then this look is one system call.
void RunningProcess::settle() {
  if (phase_ == Phase::ended) return;
  if (abandoned_) return finish(); // nobody waits to be told
  phase_ = Phase::settling;
  close_pipes();
  next_look_ = shortest_look;
  deadline_ = after(times_.settle);
  look_at_group();
}

void RunningProcess::wake_at(steady_clock::time_point time) {
  if (!timer_) timer_.emplace(io_.get_executor());
  timer_->expires_at(time);
  timer_->async_wait([self = shared_from_this()](const auto& failure) {
    if (!failure) self->woken();
  });
}

void RunningProcess::woken() {
  switch (phase_) {
  case Phase::running:
    if (!abandoned_) end_group();
    break;
  case Phase::lingering:
  case Phase::settling: look_at_group(); break;
  case Phase::draining:
    if (steady_clock::now() < deadline_) break; // the end of the grace period, which came too late
    for (Pipe& pipe : pipes_) read(pipe, reads_at_the_end);
    settle();
    break;
  case Phase::ended: break;
  }
}

void RunningProcess::finish() {
  if (phase_ == Phase::ended) return;
  phase_ = Phase::ended;
  timer_.reset();
  close_pipes();
  boost::system::error_code ignored;
  pidfd_.close(ignored);
  const bool has_result = result_ && !abandoned_;
  const std::uint64_t size = has_result ? result_->size() : 0;
  std::string left = size > 0 ? result_->read(max_result_) : std::string();
  result_.reset();
  unlink();
  ended_();
  if (reporting_) return; // abandoned by its own callback, which must return before it is destroyed
  const ProcessEvents events = std::exchange(events_, {});
  if (!abandoned_ && has_result && events.on_result) events.on_result(left, size);
  wipe(left);
  if (!abandoned_ && events.on_exit) events.on_exit(exit_);
}

// What was asked to stop leaves nothing of its session behind; what ends by itself may leave a daemon that a shell has
// put into a group of its own.
void RunningProcess::signal(int number) noexcept {
  const int pidfd = pidfd_.is_open() ? pidfd_.native_handle() : -1;
  signal_group(pid_, pidfd, number);
  if (stopping_ || abandoned_) signal_rest_of_session(pid_, pidfd, number);
}

void RunningProcess::close_pipes() {
  boost::system::error_code ignored;
  for (Pipe& pipe : pipes_) pipe.end.close(ignored);
}

void RunningProcess::forget_events() {
  const ProcessEvents forgotten = std::exchange(events_, {});
}

} // namespace runbook::process
