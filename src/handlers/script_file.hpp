// A script in a private file of its own, for scripts that are too long for a command line. Removed with the object; if
// the host is killed first, the file stays.
#pragma once

#include <runbook/error.hpp>

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

namespace runbook {

class ScriptFile {
public:
  /// Makes the file in `folder`, readable by its owner only.
  [[nodiscard]] static Result<ScriptFile> make(const std::string& folder, std::string_view script);
  ScriptFile(ScriptFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScriptFile& operator=(ScriptFile&&) = delete;
  ~ScriptFile();

  /// Lets another user read it instead; only root can.
  [[nodiscard]] Result<void> give_to(uid_t user, gid_t group) const;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  explicit ScriptFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

} // namespace runbook
