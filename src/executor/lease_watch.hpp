// The end of leases, told by a thread of its own: the engine's may hang in a call of the store.
//
// Thread-safety: all functions from any thread. Ownership: owns its thread, which is started with the first lease.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace runbook {

class LeaseWatch {
public:
  using Time = std::chrono::steady_clock::time_point;

  /// `over` is called on the watch's thread when a lease was not renewed in time, once for each.
  explicit LeaseWatch(std::function<void()> over) : over_(std::move(over)) {}
  LeaseWatch(const LeaseWatch&) = delete;
  LeaseWatch& operator=(const LeaseWatch&) = delete;
  ~LeaseWatch();

  void holds(const std::string& run, Time until);
  void forget(const std::string& run);

private:
  void watch();
  [[nodiscard]] Time next() const;

  std::function<void()> over_;
  std::mutex mutex_; // guards what follows
  std::condition_variable changed_;
  std::map<std::string, Time> leases_; // by run
  bool ending_ = false;
  std::thread thread_;
};

} // namespace runbook
