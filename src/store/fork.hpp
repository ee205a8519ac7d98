// Stores and forked children.
//
// SQLite keeps a table of the files that a process has open, with the locks that it holds on them. A forked child
// inherits the table but not the locks: a connection that it uses, or opens to such a file, believes in locks that
// nobody holds. The parent, when it closes, takes itself for the last user and removes the log into which the child
// commits. So a child uses no store of its parent's, and opens no file that its parent had open at the fork.
//
// Thread-safety: all functions may be called from any thread.
#pragma once

#include <runbook/error.hpp>

#include <sys/types.h>

#include <string>

namespace runbook {

/// A file that SQLite has open in this process, and the process that opened it.
class OpenFile {
public:
  OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  /// Call it before SQLite opens the file.
  void opens(const std::string& path);

  /// This process was forked off the one that made the object.
  [[nodiscard]] bool is_inherited() const noexcept;

  /// What to say then.
  [[nodiscard]] static Error inherited(const std::string& path);

  /// Throws `Exception` if the file was open at the fork to which this process owes its life.
  static void refuse_if_inherited(const std::string& path);

private:
  pid_t process_;
};

} // namespace runbook
