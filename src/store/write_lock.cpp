#include "store/write_lock.hpp"

#include "printable.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include <fmt/format.h>

namespace runbook {

namespace {

Error lock_error(const std::string& path, int number) {
  return {
      errc::store_error, fmt::format("lock file '{}' cannot be used: {}", printable(path), std::strerror(number)), {}};
}

} // namespace

WriteLock::~WriteLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> WriteLock::open() {
  if (descriptor_ >= 0) ::close(descriptor_);
  // Not to be handed down to programs that are started: they would hold the lock on.
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor_ < 0) return lock_error(path_, errno);
  return {};
}

// Whether the file is still the one under this name. A lock on a file that somebody removed keeps nobody out.
bool WriteLock::is_current() const noexcept {
  struct stat own{};
  struct stat named{};
  return ::fstat(descriptor_, &own) == 0 && ::stat(path_.c_str(), &named) == 0 && own.st_ino == named.st_ino &&
         own.st_dev == named.st_dev;
}

Result<bool> WriteLock::try_acquire() {
  for (;;) {
    if (descriptor_ < 0) {
      if (auto opened = open(); !opened) return opened.error();
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return false;
      if (errno == EINTR) continue;
      return lock_error(path_, errno);
    }
    if (is_current()) return true;
    if (auto opened = open(); !opened) return opened.error();
  }
}

Result<void> WriteLock::acquire(std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  auto pause = std::chrono::microseconds{50};
  constexpr auto longest = std::chrono::microseconds{2000};
  for (const auto deadline = Clock::now() + patience;;) {
    auto acquired = try_acquire();
    if (!acquired) return acquired.error();
    if (*acquired) return {};
    if (Clock::now() >= deadline) break;
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, longest);
  }
  return Error{
      errc::store_error,
      fmt::format("the store is busy: another program has held its lock '{}' for {} s; try again, or stop that "
                  "program",
                  printable(path_), std::chrono::duration<double>(patience).count()),
      {}};
}

void WriteLock::release() noexcept {
  if (descriptor_ >= 0) ::flock(descriptor_, LOCK_UN);
}

} // namespace runbook
