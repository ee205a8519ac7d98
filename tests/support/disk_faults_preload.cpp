// Loaded into a supervisor by LD_PRELOAD: notes in the file RUNBOOK_TEST_DISK_LOG in which order records are written,
// synced and renamed, and lets the disk be full as long as the file RUNBOOK_TEST_DISK_FULL exists.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#define RUNBOOK_TEST_REPLACES extern "C" __attribute__((visibility("default")))

namespace {

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// "claim", "out", "end" or "folder"; empty for what is none of the supervisor's records.
std::string kind_of(int descriptor) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
  const ssize_t size = ::readlink(link.c_str(), path, sizeof path);
  if (size <= 0) return {};
  const std::string_view name(path, static_cast<std::size_t>(size));
  for (const char* kind : {"claim", "out", "end"}) {
    if (name.find(std::string(".") + kind) != std::string_view::npos) return kind;
  }
  return name.ends_with("/supervisor") ? "folder" : "";
}

void note(const char* call, const std::string& kind) {
  const char* file = std::getenv("RUNBOOK_TEST_DISK_LOG");
  if (file == nullptr || kind.empty()) return;
  const int log = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string line = std::string(call) + " " + kind + "\n";
  static_cast<void>(!next<ssize_t(int, const void*, size_t)>("write")(log, line.data(), line.size()));
  ::close(log);
}

bool full(const std::string& kind) {
  const char* file = std::getenv("RUNBOOK_TEST_DISK_FULL");
  if (file == nullptr || kind.empty() || ::access(file, F_OK) != 0) return false;
  errno = ENOSPC;
  return true;
}

} // namespace

RUNBOOK_TEST_REPLACES ssize_t write(int descriptor, const void* bytes, size_t size) {
  const std::string kind = kind_of(descriptor);
  note("write", kind);
  if (full(kind)) return -1;
  return next<ssize_t(int, const void*, size_t)>("write")(descriptor, bytes, size);
}

RUNBOOK_TEST_REPLACES ssize_t pwritev(int descriptor, const iovec* parts, int count, off_t offset) {
  const std::string kind = kind_of(descriptor);
  if (full(kind)) return -1;
  return next<ssize_t(int, const iovec*, int, off_t)>("pwritev")(descriptor, parts, count, offset);
}

RUNBOOK_TEST_REPLACES int fsync(int descriptor) {
  note("fsync", kind_of(descriptor));
  return next<int(int)>("fsync")(descriptor);
}

RUNBOOK_TEST_REPLACES int renameat(int from_folder, const char* from, int to_folder, const char* to) {
  note("rename", "end");
  return next<int(int, const char*, int, const char*)>("renameat")(from_folder, from, to_folder, to);
}
