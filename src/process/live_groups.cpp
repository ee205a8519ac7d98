#include "process/live_groups.hpp"

#include "process/process_end.hpp"

#include <csignal>

namespace runbook::process {

void LiveGroups::add(pid_t leader, int pidfd) {
  const std::scoped_lock lock(mutex_);
  leaders_.insert_or_assign(leader, pidfd);
}

void LiveGroups::remove(pid_t leader) {
  const std::scoped_lock lock(mutex_);
  leaders_.erase(leader);
}

void LiveGroups::kill_all() noexcept {
  const std::scoped_lock lock(mutex_);
  for (const auto& [leader, pidfd] : leaders_) signal_group(leader, pidfd, SIGKILL);
}

} // namespace runbook::process
