#include "executor/lease_watch.hpp"

#include <algorithm>

namespace runbook {

LeaseWatch::~LeaseWatch() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LeaseWatch::holds(const std::string& run, Time until) {
  const std::scoped_lock lock(mutex_);
  const bool is_first = leases_.empty();
  leases_[run] = until;
  if (!thread_.joinable()) thread_ = std::thread([this] { watch(); });
  if (is_first) changed_.notify_all(); // else it wakes up too early, and looks again
}

void LeaseWatch::forget(const std::string& run) {
  const std::scoped_lock lock(mutex_);
  leases_.erase(run);
}

LeaseWatch::Time LeaseWatch::next() const {
  Time first = Time::max();
  for (const auto& [run, until] : leases_) first = std::min(first, until);
  return first;
}

void LeaseWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (leases_.empty()) {
      changed_.wait(lock);
      continue;
    }
    changed_.wait_until(lock, next());
    const Time now = std::chrono::steady_clock::now();
    if (std::erase_if(leases_, [now](const auto& lease) { return lease.second <= now; }) == 0) continue;
    lock.unlock();
    over_();
    lock.lock();
  }
}

} // namespace runbook
