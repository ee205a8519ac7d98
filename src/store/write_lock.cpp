#include "store/write_lock.hpp"

#include "printable.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

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

void WriteLock::mark_in_use() noexcept {
  in_use_ = true;
  struct flock mark{};
  mark.l_type = F_RDLCK;
  // It may be refused only where there are no such locks: then nobody is seen, and nobody is kept out who was not
  // before.
  ::fcntl(descriptor_, F_OFD_SETLK, &mark);
}

bool WriteLock::is_in_use_by_others() const noexcept {
  struct flock mark{};
  mark.l_type = F_WRLCK;
  return ::fcntl(descriptor_, F_OFD_GETLK, &mark) == 0 && mark.l_type != F_UNLCK;
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
    if (in_use_) mark_in_use(); // the mark went with the file that was removed
  }
}

// There is no waiting for such a lock with a limit of time, so it is tried again and again: often at first, since a
// commit takes less than a millisecond and a writer that commits without pause leaves the lock free for moments only.
Result<void> WriteLock::acquire(std::chrono::milliseconds patience) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds eager{100};
  for (const auto start = Clock::now();;) {
    auto acquired = try_acquire();
    if (!acquired) return acquired.error();
    if (*acquired) return {};
    const auto waited = Clock::now() - start;
    if (waited >= patience) break;
    std::this_thread::sleep_for(std::chrono::microseconds{waited < eager ? 100 : 1000});
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
