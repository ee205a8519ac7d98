#include "supervisor/hunt.hpp"

#include <algorithm>
#include <csignal>

namespace runbook::supervisor {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void Hunt::begin(std::function<void()> done) {
  done_ = std::move(done);
  constexpr milliseconds longest{std::chrono::hours(24)};
  kill_at_ = steady_clock::now() + std::clamp(target_.grace, milliseconds{0}, longest);
  give_up_at_ = kill_at_ + std::clamp(target_.settle, milliseconds{0}, longest);
  round();
}

void Hunt::round() {
  const std::vector<Known> left = left_of(target_.key, target_.known, other_leaders_());
  const auto now = steady_clock::now();
  if (left.empty() || now >= give_up_at_) return std::exchange(done_, {})();
  for (const Known& process : left) {
    if (now >= kill_at_) {
      send_signal(process, SIGKILL);
    } else if (std::ranges::count(asked_, process) == 0) {
      send_signal(process, SIGTERM);
      send_signal(process, SIGCONT);
      asked_.push_back(process);
    }
    // Once its parent is gone nothing else tells whose it was.
    if (std::ranges::count(target_.known, process) == 0) target_.known.push_back(process);
  }
  constexpr milliseconds longest_pause{100};
  timer_.expires_after(pause_);
  pause_ = std::min(2 * pause_, longest_pause);
  timer_.async_wait([self = shared_from_this()](const auto& failure) {
    if (!failure) self->round();
  });
}

} // namespace runbook::supervisor
