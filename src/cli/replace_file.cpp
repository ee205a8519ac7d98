#include "replace_file.hpp"

#include "output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runbook::cli {

namespace {

std::string reason() {
  return std::generic_category().message(errno);
}

/// The file beside the one that is to be replaced. Removed, unless it has taken its name.
class Successor {
public:
  explicit Successor(const std::string& path)
      : name_(path + ".XXXXXX"), descriptor_(::mkostemp(name_.data(), O_CLOEXEC)) {}
  ~Successor() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    if (!done_) ::unlink(name_.c_str());
  }
  Successor(const Successor&) = delete;
  Successor& operator=(const Successor&) = delete;

  bool take_over(const std::string& path, std::string_view text) {
    struct stat info{};
    if (descriptor_ < 0 || ::stat(path.c_str(), &info) != 0) return false;
    if (!write_all(descriptor_, text) || ::fchmod(descriptor_, info.st_mode & 07777U) != 0) return false;
    if (::fsync(descriptor_) != 0 || std::rename(name_.c_str(), path.c_str()) != 0) return false;
    done_ = true;
    return true;
  }

private:
  std::string name_;
  int descriptor_;
  bool done_ = false;
};

} // namespace

std::string replace_file(const std::string& path, std::string_view text) {
  std::error_code problem;
  const std::string real = std::filesystem::canonical(path, problem).string();
  if (problem) return problem.message();
  // The name of the new file would hide that the old one must not be changed.
  if (::access(real.c_str(), W_OK) != 0) return reason();
  return Successor(real).take_over(real, text) ? std::string() : reason();
}

} // namespace runbook::cli
