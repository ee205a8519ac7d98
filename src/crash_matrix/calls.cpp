#include "crash_matrix/calls.hpp"

#include <sqlite3.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>

#include <fmt/format.h>

namespace runbook::testing::crash {

namespace {

// SQLite calls plain functions: whom they tell, and what they stand for, belongs to the process.
Points* watched = nullptr;

using Write = ssize_t (*)(int, const void*, std::size_t);
using WriteAt = ssize_t (*)(int, const void*, std::size_t, off_t);
using Cut = int (*)(int, off_t);
using Remove = int (*)(const char*);

Write real_write = nullptr;
WriteAt real_pwrite = nullptr;
WriteAt real_pwrite64 = nullptr;
Cut real_ftruncate = nullptr;
Remove real_unlink = nullptr;

/// A call in the middle of which half of the bytes are written.
template <class Half, class Whole>
ssize_t torn(std::size_t size, const char* name, const Half& half, const Whole& whole) {
  const auto number = watched->next("call");
  const std::string words = fmt::format("{} of {} bytes", name, size);
  if (watched->reach(fmt::format("in call {}", number), words)) {
    half();
    Points::end();
  }
  const ssize_t written = whole();
  watched->pass(fmt::format("after call {}", number), words);
  return written;
}

template <class Call>
int whole(const char* name, const Call& call) {
  const auto number = watched->next("call");
  const int code = call();
  watched->pass(fmt::format("after call {}", number), name);
  return code;
}

ssize_t watched_write(int file, const void* bytes, std::size_t size) {
  return torn(size, "write", [&] { real_write(file, bytes, size / 2); }, [&] { return real_write(file, bytes, size); });
}

ssize_t watched_pwrite(int file, const void* bytes, std::size_t size, off_t at) {
  return torn(
      size, "pwrite", [&] { real_pwrite(file, bytes, size / 2, at); },
      [&] { return real_pwrite(file, bytes, size, at); });
}

ssize_t watched_pwrite64(int file, const void* bytes, std::size_t size, off_t at) {
  return torn(
      size, "pwrite", [&] { real_pwrite64(file, bytes, size / 2, at); },
      [&] { return real_pwrite64(file, bytes, size, at); });
}

int watched_ftruncate(int file, off_t size) {
  return whole("ftruncate", [&] { return real_ftruncate(file, size); });
}

int watched_unlink(const char* path) {
  return whole("unlink", [&] { return real_unlink(path); });
}

template <class Function>
void replace(sqlite3_vfs& vfs, const char* name, Function& real, Function by) {
  const sqlite3_syscall_ptr call = vfs.xGetSystemCall(&vfs, name);
  if (call == nullptr) return; // this SQLite does without
  real = reinterpret_cast<Function>(call);
  vfs.xSetSystemCall(&vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(by));
}

} // namespace

void watch_sqlite_calls(Points& points) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  if (vfs == nullptr || vfs->iVersion < 3 || watched != nullptr) return;
  watched = &points;
  replace(*vfs, "write", real_write, &watched_write);
  replace(*vfs, "pwrite", real_pwrite, &watched_pwrite);
  replace(*vfs, "pwrite64", real_pwrite64, &watched_pwrite64);
  replace(*vfs, "ftruncate", real_ftruncate, &watched_ftruncate);
  replace(*vfs, "unlink", real_unlink, &watched_unlink);
}

} // namespace runbook::testing::crash
