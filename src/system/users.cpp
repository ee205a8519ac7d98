#include "system/users.hpp"

#include "printable.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t longest_entry = std::size_t{1024} * 1024;

/// Calls `get(entry, buffer, size, found)` with a buffer that is large enough. 0 or an errno; `found` is null if there
/// is no such user.
template <class Get>
int read_entry(const Get& get, passwd& entry, std::vector<char>& buffer, passwd*& found) {
  int error = ERANGE;
  for (std::size_t size = 1024; error == ERANGE && size <= longest_entry; size *= 4) {
    buffer.resize(size);
    error = get(&entry, buffer.data(), buffer.size(), &found);
  }
  return error;
}

class SystemUsers final : public Users {
public:
  Result<User> find(const std::string& name) override;
  User own() override;
};

User user_of(const passwd& entry) {
  return {entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir, entry.pw_shell};
}

Result<User> SystemUsers::find(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer;
  const int error = read_entry([&](passwd* to, char* text, std::size_t size,
                                   passwd** out) { return ::getpwnam_r(name.c_str(), to, text, size, out); },
                               entry, buffer, found);
  if (found != nullptr) return user_of(entry);
  if (error != 0 && error != ENOENT && error != ESRCH) {
    return Error{
        errc::io_error,
        fmt::format("the user '{}' cannot be looked up: {}", printable(name), std::generic_category().message(error)),
        {}};
  }
  return Error{errc::not_found, fmt::format("there is no user '{}' on this machine", printable(name)), {}};
}

User SystemUsers::own() {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer;
  const uid_t own = ::geteuid();
  static_cast<void>(read_entry(
      [own](passwd* to, char* text, std::size_t size, passwd** out) { return ::getpwuid_r(own, to, text, size, out); },
      entry, buffer, found));
  if (found != nullptr) return user_of(entry);
  return {fmt::format("user number {}", own), own, ::getegid(), {}, {}};
}

} // namespace

std::shared_ptr<Users> system_users() {
  return std::make_shared<SystemUsers>();
}

} // namespace runbook
