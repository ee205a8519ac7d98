// A disk that fails at the n-th call, once or from then on. SQLite's system calls are replaced where it lets us, which
// is also where it sees interrupted calls and short writes; what syncs the disk is replaced in the program. Include in
// one source file of a test program.
#pragma once

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

namespace runbook::testing {

enum class IoFault : std::uint8_t {
  none,
  fails,       ///< the call fails with `error`
  interrupted, ///< it is interrupted by a signal, once
  short_write, ///< half of the bytes are written, once
};

struct IoFaults {
  std::atomic<int> calls{0}; ///< so far
  int at = 0;                ///< which call fails; 0: none
  bool for_ever = false;     ///< and all after it
  IoFault fault = IoFault::none;
  int error = EIO;
  bool only_syncs = false;
  bool hit_open = false; ///< a file could not be opened

  void heal() { at = calls = 0; }
  /// Whether this call fails.
  bool hits(bool is_sync) {
    if (only_syncs && !is_sync) return false;
    const int number = ++calls;
    return at != 0 && (number == at || (for_ever && number > at));
  }
};

inline IoFaults io_faults;

namespace io {

using Write = ssize_t (*)(int, const void*, std::size_t, off_t);
using Cut = int (*)(int, off_t);
using Open = int (*)(const char*, int, int);
using Remove = int (*)(const char*);

inline Write real_pwrite = nullptr;
inline Write real_pwrite64 = nullptr;
inline Cut real_ftruncate = nullptr;
inline Open real_open = nullptr;
inline Remove real_unlink = nullptr;

inline int refused() {
  errno = io_faults.fault == IoFault::interrupted ? EINTR : io_faults.error;
  return -1;
}

inline ssize_t write(Write real, int file, const void* bytes, std::size_t size, off_t at) {
  if (!io_faults.hits(false)) return real(file, bytes, size, at);
  if (io_faults.fault == IoFault::short_write) return real(file, bytes, (size + 1) / 2, at);
  return refused();
}
inline ssize_t watched_pwrite(int file, const void* bytes, std::size_t size, off_t at) {
  return write(real_pwrite, file, bytes, size, at);
}
inline ssize_t watched_pwrite64(int file, const void* bytes, std::size_t size, off_t at) {
  return write(real_pwrite64, file, bytes, size, at);
}
/// Calls that cannot be done by halves.
template <class Call>
int whole(const Call& call) {
  const bool hit = io_faults.hits(false);
  return hit && io_faults.fault != IoFault::short_write ? refused() : call();
}
inline int watched_ftruncate(int file, off_t size) {
  return whole([&] { return real_ftruncate(file, size); });
}
inline int watched_open(const char* path, int flags, int mode) {
  const int file = whole([&] { return real_open(path, flags, mode); });
  const int number = errno;
  if (file < 0 && number == io_faults.error && io_faults.at != 0) io_faults.hit_open = true;
  errno = number;
  return file;
}
inline int watched_unlink(const char* path) {
  return whole([&] { return real_unlink(path); });
}

template <class Function>
void replace(sqlite3_vfs& vfs, const char* name, Function& real, Function by) {
  const sqlite3_syscall_ptr call = vfs.xGetSystemCall(&vfs, name);
  if (call == nullptr || real != nullptr) return;
  real = reinterpret_cast<Function>(call);
  vfs.xSetSystemCall(&vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(by));
}

/// Nobody pulls a plug here, so a sync that does not fail may do nothing.
inline int sync() {
  const bool hit = io_faults.hits(true) && io_faults.fault == IoFault::fails;
  return hit ? refused() : 0;
}

} // namespace io

/// From now on SQLite's calls in this process can fail.
inline void watch_io() {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  io::replace(*vfs, "pwrite", io::real_pwrite, &io::watched_pwrite);
  io::replace(*vfs, "pwrite64", io::real_pwrite64, &io::watched_pwrite64);
  io::replace(*vfs, "ftruncate", io::real_ftruncate, &io::watched_ftruncate);
  io::replace(*vfs, "open", io::real_open, &io::watched_open);
  io::replace(*vfs, "unlink", io::real_unlink, &io::watched_unlink);
}

} // namespace runbook::testing

#define RUNBOOK_TEST_REPLACES extern "C" __attribute__((visibility("default")))

RUNBOOK_TEST_REPLACES int fdatasync(int) {
  return runbook::testing::io::sync();
}

RUNBOOK_TEST_REPLACES int fsync(int) {
  return runbook::testing::io::sync();
}
