// The timers of a run.
#pragma once

#include <runbook/event.hpp>
#include <runbook/system.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <tuple>

namespace runbook {

/// Thread-safety: for the engine's thread.
class RunTimers {
public:
  /// Calls `fired` when the time is over, on whatever thread the timers have, unless the timers are cleared before. One
  /// timer of a kind for a step and its iteration: a new one takes the place of the one before.
  void set(Timers& timers, const TimerFired& timer, std::chrono::milliseconds delay, std::function<void()> fired) {
    timers_.insert_or_assign(key(timer), timers.start(delay, [fired = std::move(fired)](bool over) {
      if (over) fired();
    }));
  }
  void clear() { timers_.clear(); }

private:
  using Key = std::tuple<TimerKind, std::uint32_t, std::uint32_t>;
  static Key key(const TimerFired& timer) {
    return timer.kind == TimerKind::run ? Key{timer.kind, 0, 0} : Key{timer.kind, timer.at.step, timer.at.iteration};
  }

  std::map<Key, std::unique_ptr<Activity>> timers_;
};

} // namespace runbook
