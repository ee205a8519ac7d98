// Files on the disk. A change is a new file that takes the name of the old one, which nobody sees half written; the old
// one stays as it is under the name of its backup, because a second link to it costs nothing and loses nothing.
#include "printable.hpp"

#include <runbook/system.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace runbook {

namespace {

namespace fs = std::filesystem;

constexpr mode_t permission_bits = 07777;
constexpr std::string_view nothing_was_there = ".none"; // behind the name of a backup

Error io_error(const std::string& path, std::string_view what) {
  return {errc::io_error, fmt::format("'{}' {}", printable(path), what), {}};
}

/// Says what the system has said.
Error failed(const std::string& path, std::string_view what) {
  return io_error(path, fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] bool valid() const noexcept { return number_ >= 0; }

private:
  int number_;
};

/// What stands at a path.
struct Found {
  std::string path; ///< without symbolic links
  bool exists = false;
  struct stat info{};

  [[nodiscard]] std::string folder() const {
    const fs::path parent = fs::path(path).parent_path();
    return parent.empty() ? "." : parent.string();
  }
};

Result<Found> find(const std::string& path) {
  Found found{.path = path};
  if (path.empty()) return io_error(path, "is no path");
  if (path.find('\0') != std::string::npos) return io_error(path, "holds a NUL byte, which no path can");
  if (::lstat(path.c_str(), &found.info) == 0 && S_ISLNK(found.info.st_mode)) {
    std::error_code problem;
    found.path = fs::canonical(path, problem).string();
    if (problem) return io_error(path, "is a symbolic link that leads to no file");
  }
  if (::stat(found.path.c_str(), &found.info) == 0) {
    found.exists = true;
    if (S_ISDIR(found.info.st_mode)) return io_error(path, "is a directory");
    if (!S_ISREG(found.info.st_mode)) return io_error(path, "is no regular file");
  } else if (errno != ENOENT) {
    return failed(path, "cannot be looked at");
  }
  return found;
}

Result<void> sync_folder(const Found& file) {
  const Descriptor folder(::open(file.folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) return failed(file.folder(), "cannot be brought to the disk");
  return {};
}

Result<std::string> read_all(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return failed(path, "cannot be read");
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
    if (count == 0) return text;
    if (count > 0) {
      text.append(buffer, static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      return failed(path, "cannot be read");
    }
  }
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// A new file beside another one. Removed, unless it has taken a name.
class Draft {
public:
  explicit Draft(const Found& file) : target_(file), name_(file.folder() + "/.runbook-XXXXXX") {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (made_) ::unlink(name_.c_str());
  }

  /// Brings it to the disk with its text; `mode` unset: as the system makes new files.
  Result<void> write(std::string_view text, std::optional<mode_t> mode, const struct stat* owner) {
    const Descriptor file(::mkostemp(name_.data(), O_CLOEXEC));
    if (!file.valid()) return failed(target_.path, "cannot be written, no file can be made beside it");
    made_ = true;
    if (owner != nullptr) {
      if (Result<void> given = give_to(*owner, file.get()); !given) return given;
    }
    if (!write_all(file.get(), text) || ::fchmod(file.get(), mode ? *mode : usual_mode()) != 0 ||
        ::fsync(file.get()) != 0) {
      return failed(target_.path, "cannot be written");
    }
    return {};
  }

  Result<void> take_name(const std::string& name) {
    if (std::rename(name_.c_str(), name.c_str()) != 0) return failed(name, "cannot be written");
    made_ = false;
    return {};
  }

private:
  [[nodiscard]] Result<void> give_to(const struct stat& owner, int file) const {
    struct stat own{};
    if (::fstat(file, &own) != 0) return failed(target_.path, "cannot be written");
    if (own.st_uid == owner.st_uid && own.st_gid == owner.st_gid) return {};
    if (::fchown(file, owner.st_uid, owner.st_gid) == 0) return {};
    return failed(target_.path, "cannot be replaced by a file of the same owner and group");
  }

  /// Found out with another new file: the mask cannot be read without being changed for all threads.
  [[nodiscard]] mode_t usual_mode() const {
    const std::string probe = name_ + "m";
    const Descriptor file(::open(probe.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666));
    struct stat info{};
    const bool known = file.valid() && ::fstat(file.get(), &info) == 0;
    if (file.valid()) ::unlink(probe.c_str());
    return known ? info.st_mode & permission_bits : 0600;
  }

  const Found& target_;
  std::string name_;
  bool made_ = false;
};

bool is_there(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

/// For file systems that know no second link, or where nobody may make one.
Result<void> copy(const Found& file, const std::string& backup) {
  const Result<std::string> text = read_all(file.path);
  if (!text) return text.error();
  Draft draft(file);
  if (auto written = draft.write(*text, file.info.st_mode & permission_bits, &file.info); !written) return written;
  return draft.take_name(backup);
}

Result<void> keep(const Found& file, const std::string& backup) {
  const std::string none = backup + std::string(nothing_was_there);
  if (is_there(backup) || is_there(none)) return {};
  if (file.exists) {
    if (::link(file.path.c_str(), backup.c_str()) == 0) return {};
    return copy(file, backup);
  }
  const Descriptor made(::open(none.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
  if (made.valid() && ::fsync(made.get()) == 0) return {};
  return failed(none, "cannot be written");
}

bool is_as_wanted(const Found& file, const FileChange& change) {
  if (!file.exists || static_cast<std::uint64_t>(file.info.st_size) != change.text.size()) return false;
  if (change.mode && (file.info.st_mode & permission_bits) != *change.mode) return false;
  const Result<std::string> text = read_all(file.path);
  return text && *text == change.text;
}

class DiskFiles final : public Files {
public:
  Result<bool> replace(const FileChange& change) override {
    const Result<Found> file = find(change.path);
    if (!file) return file.error();
    // The name of the new file would hide that the old one must not be changed.
    if (file->exists && ::access(file->path.c_str(), W_OK) != 0) return failed(change.path, "cannot be written");
    if (is_as_wanted(*file, change)) return false;
    Draft draft(*file);
    std::optional<mode_t> mode = change.mode;
    if (!mode && file->exists) mode = file->info.st_mode & permission_bits;
    if (auto written = draft.write(change.text, mode, file->exists ? &file->info : nullptr); !written) {
      return written.error();
    }
    if (!change.backup.empty()) {
      if (auto kept = keep(*file, change.backup); !kept) return kept.error();
      if (auto synced = sync_folder(*file); !synced) return synced.error();
    }
    if (auto taken = draft.take_name(file->path); !taken) return taken.error();
    if (auto synced = sync_folder(*file); !synced) return synced.error();
    return true;
  }

  Result<bool> restore(const std::string& path, const std::string& backup) override {
    const std::string none = backup + std::string(nothing_was_there);
    const bool kept = is_there(backup);
    if (!kept && !is_there(none)) return false;
    const Result<Found> file = find(path);
    if (!file) return file.error();
    if (kept) {
      if (std::rename(backup.c_str(), file->path.c_str()) != 0) return failed(path, "cannot be put back");
      // Two names of one file, before the new one has taken its name: renaming one into the other does nothing.
      if (is_there(backup) && ::unlink(backup.c_str()) != 0) return failed(backup, "cannot be removed");
    } else {
      if (::unlink(file->path.c_str()) != 0 && errno != ENOENT) return failed(path, "cannot be removed");
      if (auto synced = sync_folder(*file); !synced) return synced.error();
      if (::unlink(none.c_str()) != 0) return failed(none, "cannot be removed");
    }
    if (auto synced = sync_folder(*file); !synced) return synced.error();
    return true;
  }
};

} // namespace

std::shared_ptr<Files> system_files() {
  return std::make_shared<DiskFiles>();
}

} // namespace runbook
