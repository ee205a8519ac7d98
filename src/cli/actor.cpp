#include "actor.hpp"

#include <array>
#include <string>

#include <pwd.h>
#include <unistd.h>

namespace runbook::cli {

std::string default_actor() {
  const uid_t user = ::getuid();
  const passwd* entry = ::getpwuid(user); // called before any thread is started
  const std::string name = entry == nullptr ? "uid " + std::to_string(user) : entry->pw_name;
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0') return name;
  return name + "@" + host.data();
}

} // namespace runbook::cli
