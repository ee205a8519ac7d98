// A disk that can be counted and made to fail. Include in one source file of a test program: what libraries in the
// program write and sync goes through here.
#pragma once

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <functional>

namespace runbook::testing {

struct DiskFaults {
  std::atomic<int> syncs{0};       ///< fdatasync and fsync calls so far
  std::atomic<int> writes{0};      ///< pwrite calls so far
  std::atomic<int> fail_writes{0}; ///< errno that writes give; 0: none
  std::atomic<int> fail_syncs{0};  ///< errno that syncs give; 0: none
  std::atomic<int> calls_left{0};  ///< how many calls work before the first fails

  std::function<void()> before_sync{}; ///< called before each sync, if there is one

  void heal() { fail_writes = fail_syncs = calls_left = 0; }
  bool fails(const std::atomic<int>& error) {
    if (error == 0 || calls_left-- > 0) return false;
    errno = error;
    return true;
  }
};

inline DiskFaults disk;

} // namespace runbook::testing

#define RUNBOOK_TEST_REPLACES extern "C" __attribute__((visibility("default")))

RUNBOOK_TEST_REPLACES int fdatasync(int descriptor) {
  ++runbook::testing::disk.syncs;
  if (runbook::testing::disk.before_sync) runbook::testing::disk.before_sync();
  if (runbook::testing::disk.fails(runbook::testing::disk.fail_syncs)) return -1;
  return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}

RUNBOOK_TEST_REPLACES int fsync(int descriptor) {
  ++runbook::testing::disk.syncs;
  if (runbook::testing::disk.before_sync) runbook::testing::disk.before_sync();
  if (runbook::testing::disk.fails(runbook::testing::disk.fail_syncs)) return -1;
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}

RUNBOOK_TEST_REPLACES ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t offset) {
  ++runbook::testing::disk.writes;
  if (runbook::testing::disk.fails(runbook::testing::disk.fail_writes)) return -1;
  return syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}
