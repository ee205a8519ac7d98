// A lock file that keeps writers of a store apart, in this process and in others.
//
// The lock is `flock` on an empty file beside the store, so that it ends with its holder, however that ends. It belongs
// to the open file, not to the process: two stores on the same file in one process keep each other out too. A second,
// shared lock on the same file (`F_OFD_SETLK`, which knows nothing of `flock`) says that the store is open; it belongs
// to the open file as well.
//
// Ownership: owns its descriptor. Thread-safety: one thread at a time.
#pragma once

#include <runbook/error.hpp>

#include <chrono>
#include <string>

namespace runbook {

class WriteLock {
public:
  /// `path` of the lock file; it is made when it is not there, and never removed.
  explicit WriteLock(std::string path) : path_(std::move(path)) {}
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;
  ~WriteLock();

  /// Fails with `errc::store_error` if others hold it all the time, or if there can be no such lock here.
  [[nodiscard]] Result<void> acquire(std::chrono::milliseconds patience);
  void release() noexcept;

  /// With the lock held: lets others know, for as long as this object lives, that the store is open here.
  void mark_in_use() noexcept;
  /// With the lock held: whether others, in this process or another one, have the store open.
  [[nodiscard]] bool is_in_use_by_others() const noexcept;

private:
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<bool> try_acquire();
  [[nodiscard]] bool is_current() const noexcept;

  std::string path_;
  int descriptor_ = -1;
  bool in_use_ = false;
};

} // namespace runbook
