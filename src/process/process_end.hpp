// The end of a process: signals to its group, and its exit status.
#pragma once

#include <runbook/system.hpp>

#include <sys/types.h>

#include <cstdint>

namespace runbook::process {

/// Sends a signal to a process group, 0 to ask whether it has members. Returns whether it has any; a leader that was
/// not waited for is one. Never reaches a stranger's group: `pidfd` is the leader's, and stays good for the group when
/// the leader is gone. Without one (-1) the group's number is trusted only while no process bears it.
bool signal_group(pid_t group, int pidfd, int signal) noexcept;

/// Sends a signal to those processes of a session that are in none of its leader's groups: programs that make a group
/// of their own, as `timeout` and shells with job control do. Looks through all processes. Never reaches a stranger's
/// session: the same holds for its number as above, and each process is held while it is looked at.
void signal_rest_of_session(pid_t session, int pidfd, int signal) noexcept;

/// Which processes count as belonging to a leader.
enum class Reach : std::uint8_t { group, session };

/// Whether a process within reach of the leader still lives, zombies apart: nothing takes away those whose parent has
/// ended where the system's first process does not care for them. For a group one system call asks whether there is
/// any, and all processes are looked through only then. Without /proc, every member counts.
[[nodiscard]] bool has_living_member(pid_t leader, int pidfd, Reach reach) noexcept;

/// Whether a child has ended. It may still be a zombie.
[[nodiscard]] bool has_ended(int pidfd) noexcept;

/// Takes the exit status of a child that has ended, so that no zombie stays. Where the host took it first, the kernel
/// is asked to recall it (Linux 6.15 and later), else it is unknown.
[[nodiscard]] ProcessExit reap(int pidfd) noexcept;

/// Waits for the end of a child that was killed.
void wait_for_end(int pidfd) noexcept;

} // namespace runbook::process
