// System calls that the system refuses, for one thread and the processes that it starts.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

namespace runbook::testing {

struct Refusal {
  long call = 0;
  int error = 0;
  /// Refuse only when the lower half of this argument (from 0) has this value.
  int argument = -1;
  std::uint32_t value = 0;
};

inline sock_filter load(std::uint32_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset);
}
inline sock_filter skip_unless(std::uint32_t value, std::uint8_t count) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count);
}
inline sock_filter answer(std::uint32_t with) {
  return BPF_STMT(BPF_RET | BPF_K, with);
}

/// For the calling thread, for good.
inline void refuse_calls(const std::vector<Refusal>& refusals) {
  std::vector<sock_filter> program;
  for (const Refusal& refusal : refusals) {
    program.push_back(load(0)); // the number of the call
    program.push_back(skip_unless(static_cast<std::uint32_t>(refusal.call), refusal.argument < 0 ? 1 : 3));
    if (refusal.argument >= 0) {
      program.push_back(load(16 + 8 * static_cast<std::uint32_t>(refusal.argument)));
      program.push_back(skip_unless(refusal.value, 1));
    }
    program.push_back(answer(SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(refusal.error)));
  }
  program.push_back(answer(SECCOMP_RET_ALLOW));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    throw std::runtime_error("the system takes no filter of system calls");
  }
}

/// Runs the work on a thread to which the system refuses these calls.
inline void with_refusals(const std::vector<Refusal>& refusals, const std::function<void()>& work) {
  std::thread thread([&] {
    refuse_calls(refusals);
    work();
  });
  thread.join();
}

} // namespace runbook::testing
