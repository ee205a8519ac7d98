// The timers of a run.
#pragma once

#include <runbook/event.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <tuple>

namespace runbook {

/// Thread-safety: for the engine's thread.
class RunTimers {
public:
  /// Calls `fired` when the time is over, unless the timers are cleared before. One timer of a kind for a step and its
  /// iteration: a new one takes the place of the one before.
  void set(boost::asio::io_context& io, const TimerFired& timer, std::chrono::milliseconds delay,
           std::function<void()> fired) {
    auto& set = timers_.insert_or_assign(key(timer.at, timer.kind), boost::asio::steady_timer(io, delay)).first->second;
    set.async_wait([fired = std::move(fired)](const boost::system::error_code& error) {
      if (!error) fired();
    });
  }
  void clear() { timers_.clear(); }

private:
  using Key = std::tuple<TimerKind, std::uint32_t, std::uint32_t>;
  static Key key(const ActionRef& at, TimerKind kind) {
    return kind == TimerKind::run ? Key{kind, 0, 0} : Key{kind, at.step, at.iteration};
  }

  std::map<Key, boost::asio::steady_timer> timers_;
};

} // namespace runbook
