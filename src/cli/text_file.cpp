#include "text_file.hpp"

#include "output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runbook::cli {

namespace {

Error failed(std::string_view what, int number = errno) {
  return {errc::io_error, std::string(what) + ": " + std::generic_category().message(number), {}};
}

/// Owns a descriptor that is not standard input.
class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ > STDIN_FILENO) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return number_; }

private:
  int number_;
};

/// A new file that is gone again unless it has taken the place of another.
class NewFile {
public:
  explicit NewFile(const std::string& beside)
      : name_(beside + ".XXXXXX"), descriptor_(::mkostemp(name_.data(), O_CLOEXEC)) {}
  ~NewFile() {
    if (descriptor_.get() >= 0 && !placed_) ::unlink(name_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  [[nodiscard]] int get() const noexcept { return descriptor_.get(); }
  [[nodiscard]] bool place(const std::string& path) {
    placed_ = ::rename(name_.c_str(), path.c_str()) == 0;
    return placed_;
  }

private:
  std::string name_;
  Descriptor descriptor_;
  bool placed_ = false;
};

struct FreeText {
  void operator()(char* text) const noexcept { std::free(text); } // NOLINT: realpath allocates so
};

} // namespace

Result<std::string> read_text(const std::string& path, std::size_t limit) {
  const Descriptor file(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) return failed("cannot be read");
  std::string text;
  std::array<char, 65536> buffer{};
  while (text.size() < limit) {
    const ssize_t got = ::read(file.get(), buffer.data(), std::min(buffer.size(), limit - text.size()));
    if (got == 0) break;
    if (got < 0 && errno != EINTR) return failed("cannot be read");
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

Result<void> replace_text(const std::string& path, std::string_view text) {
  const std::unique_ptr<char, FreeText> real(::realpath(path.c_str(), nullptr));
  struct stat old{};
  if (!real || ::stat(real.get(), &old) != 0) return failed("cannot be found");
  if (!S_ISREG(old.st_mode)) return Error{errc::io_error, "is no regular file, so it is not replaced", {}};
  if (::access(real.get(), W_OK) != 0) return failed("cannot be written");
  NewFile file(real.get());
  if (file.get() < 0) return failed("no file can be made beside it");
  // Whoever may not give a file away keeps it: that must not stop the layout.
  static_cast<void>(::fchown(file.get(), old.st_uid, old.st_gid));
  const bool written =
      ::fchmod(file.get(), old.st_mode & 07777U) == 0 && write_all(file.get(), text) && ::fsync(file.get()) == 0;
  if (!written) return failed("cannot be written");
  if (!file.place(real.get())) return failed("cannot be replaced");
  return {};
}

} // namespace runbook::cli
