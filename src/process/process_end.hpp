// The end of a process: signals to its group, and its exit status.
#pragma once

#include <runbook/system.hpp>

#include <sys/types.h>

namespace runbook::process {

/// Sends a signal to a process group, 0 to ask whether it has members. Returns whether it has any; a leader that was
/// not waited for is one. Never reaches a stranger's group: `pidfd` is the leader's, and stays good for the group when
/// the leader is gone. Without one (-1) the group's number is trusted only while no process bears it.
bool signal_group(pid_t group, int pidfd, int signal) noexcept;

/// Whether a process of the group still lives, zombies apart: nothing takes away those whose parent has ended where the
/// system's first process does not care for them. Asks with one system call whether there is any, and looks through all
/// processes only then. Without /proc, every member counts.
[[nodiscard]] bool has_living_member(pid_t group, int pidfd) noexcept;

/// Whether a child has ended. It may still be a zombie.
[[nodiscard]] bool has_ended(int pidfd) noexcept;

/// Takes the exit status of a child that has ended, so that no zombie stays. Where the host took it first, the kernel
/// is asked to recall it (Linux 6.15 and later), else it is unknown.
[[nodiscard]] ProcessExit reap(int pidfd) noexcept;

/// Waits for the end of a child that was killed.
void wait_for_end(int pidfd) noexcept;

} // namespace runbook::process
