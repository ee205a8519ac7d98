#include "store/fork.hpp"

#include "printable.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

struct Entry {
  const OpenFile* owner;
  pid_t process;
  dev_t device;
  ino_t inode;
};

/// SQLite's table belongs to the process, and so does this one. What a child inherits stays in it: SQLite's does as
/// well.
struct Table {
  std::mutex mutex;
  std::vector<Entry> entries;
};

Table& table() {
  static auto* const instance = new Table; // for stores that outlive the statics
  return *instance;
}

} // namespace

OpenFile::OpenFile() : process_(::getpid()) {}

OpenFile::~OpenFile() {
  if (is_inherited()) return;
  const std::scoped_lock lock(table().mutex);
  std::erase_if(table().entries,
                [this](const Entry& entry) { return entry.owner == this && entry.process == process_; });
}

void OpenFile::opens(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return; // opening it says what is wrong
  const std::scoped_lock lock(table().mutex);
  table().entries.push_back({this, process_, status.st_dev, status.st_ino});
}

bool OpenFile::is_inherited() const noexcept {
  return ::getpid() != process_;
}

Error OpenFile::inherited(const std::string& path) {
  return {errc::store_error,
          fmt::format("store '{}' was open in another process when this one was forked off it, and SQLite does not "
                      "survive a fork; use it in that process, or open it after the fork only",
                      printable(path)),
          {}};
}

void OpenFile::refuse_if_inherited(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return;
  const pid_t process = ::getpid();
  const std::scoped_lock lock(table().mutex);
  const bool found = std::ranges::any_of(table().entries, [&](const Entry& entry) {
    return entry.process != process && entry.device == status.st_dev && entry.inode == status.st_ino;
  });
  if (found) throw Exception(inherited(path));
}

} // namespace runbook
