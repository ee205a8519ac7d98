// Users of this system by name.
#pragma once

#include <runbook/error.hpp>

#include <sys/types.h>

#include <string>

namespace runbook {

struct User {
  std::string name;
  uid_t id = 0;
  gid_t group = 0;
  std::string home;
  std::string shell;
};

/// `errc::not_found` if there is no such user, `errc::io_error` if the list of users cannot be read.
[[nodiscard]] Result<User> find_user(const std::string& name);

/// As who this program acts: the name, or the number if it has none.
[[nodiscard]] std::string own_name();

} // namespace runbook
