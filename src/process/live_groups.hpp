// The process groups whose leaders run, for whoever must kill them while the event loop's thread hangs.
//
// Thread-safety: all functions from any thread. Ownership: shared by a runner and its processes.
#pragma once

#include <sys/types.h>

#include <map>
#include <mutex>

namespace runbook::process {

class LiveGroups {
public:
  /// `pidfd` is the leader's and stays open until it is removed; -1: there is none.
  void add(pid_t leader, int pidfd);
  /// Before the leader is waited for: its number may be another's then.
  void remove(pid_t leader);
  void kill_all() noexcept;

private:
  std::mutex mutex_;
  std::map<pid_t, int> leaders_; // their pidfds
};

} // namespace runbook::process
