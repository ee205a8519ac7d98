// The attempts of a run that are under way.
#pragma once

#include "executor/active_step.hpp"

#include <deque>
#include <map>
#include <memory>
#include <utility>

namespace runbook {

/// Thread-safety: for the engine's thread.
class Attempts {
public:
  /// Starts one. It may have completed when this returns.
  void start(Run& run, const ActionRef& at, ActiveStep::Number number, const Handler& handler,
             ActiveStep::Mode mode = ActiveStep::Mode::start);
  /// Tells that the handler of one of them has completed.
  void completed(ActiveStep& step) { completed_.push_back(&step); }
  /// The one that completed first, taken out; null if none has.
  [[nodiscard]] std::unique_ptr<ActiveStep> take_completed();
  /// Null if no such attempt is under way.
  [[nodiscard]] ActiveStep* find(const ActionRef& at) const;
  void cancel_all();

  [[nodiscard]] bool empty() const noexcept { return active_.empty(); }
  [[nodiscard]] bool any_completed() const noexcept { return !completed_.empty(); }

private:
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::unique_ptr<ActiveStep>> active_; // by step and iteration
  std::deque<ActiveStep*> completed_;
};

} // namespace runbook
