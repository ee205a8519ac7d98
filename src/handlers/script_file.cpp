#include "handlers/script_file.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <system_error>

namespace runbook {

namespace {

Error failure(const std::string& path, int error) {
  return {errc::io_error,
          fmt::format("cannot write the script to '{}': {}", path, std::generic_category().message(error)),
          {}};
}

/// 0 or an errno.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

} // namespace

Result<ScriptFile> ScriptFile::make(const std::string& folder, std::string_view script) {
  std::string path = folder + "/runbook-script-XXXXXX";
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return failure(path, errno);
  ScriptFile made(path);
  int error = write_all(file, script);
  if (::close(file) != 0 && error == 0) error = errno;
  if (error != 0) return failure(path, error);
  return made;
}

Result<void> ScriptFile::give_to(uid_t user, gid_t group) const {
  if (::chown(path_.c_str(), user, group) != 0) return failure(path_, errno);
  return {};
}

ScriptFile::~ScriptFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

} // namespace runbook
