// The processes below this one: who is left of a program, wherever it went.
//
// This process is the parent of whatever below it loses its own (a subreaper), so nothing that a program has started
// gets out of its reach. Thread-safety: none.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::supervisor {

/// The variable by which what a program has started is known, also when it has left its session.
inline constexpr std::string_view mark = "RUNBOOK_STARTED_BY";

/// A process, told from a later one with its number.
struct Known {
  pid_t pid = -1;
  std::uint64_t start = 0;
  friend bool operator==(const Known&, const Known&) = default;
};

/// The process and all that descend from it, zombies apart.
[[nodiscard]] std::vector<Known> family_of(pid_t pid);

/// What still runs of a program whose leader has ended: its descendants that were known before, those whose
/// environment bears its mark, and theirs. The families of other programs' leaders are left alone.
[[nodiscard]] std::vector<Known> left_of(std::string_view key, const std::vector<Known>& known,
                                         const std::vector<pid_t>& other_leaders);

/// Never reaches a stranger.
void send_signal(const Known& process, int signal) noexcept;

/// Takes away children of this process that have ended and that nobody else waits for. A leader that has ended is
/// waited for by its runner, and what is behind it in the system's list has its turn later.
void reap_orphans(const std::vector<pid_t>& leaders) noexcept;

} // namespace runbook::supervisor
