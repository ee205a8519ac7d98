#include "open_store.hpp"

#include <runbook/postgres.hpp>

#include <algorithm>
#include <string_view>

namespace runbook::cli {

namespace {

bool is_server(std::string_view name) {
  return name.starts_with("postgres://") || name.starts_with("postgresql://");
}

Result<std::shared_ptr<RunStore>> open_as(const std::string& name, bool read_only) {
  if (is_server(name)) return open_postgres(name, {.read_only = read_only});
  return open_sqlite(name, {.read_only = read_only});
}

/// The parameters of a URI without those that are passwords.
std::string without_passwords(std::string_view parameters) {
  std::string kept;
  while (!parameters.empty()) {
    const std::string_view one = parameters.substr(0, parameters.find('&'));
    parameters.remove_prefix(std::min(one.size() + 1, parameters.size()));
    if (one.substr(0, one.find('=')).find("password") != std::string_view::npos) continue;
    kept += kept.empty() ? '?' : '&';
    kept += one;
  }
  return kept;
}

} // namespace

Result<std::shared_ptr<RunStore>> open_store(const std::string& name, StoreUse use) {
  if (use == StoreUse::go_on) {
    if (auto there = open_as(name, true); !there) return there;
  }
  return open_as(name, use == StoreUse::read);
}

std::string shown_store(const std::string& name) {
  if (!is_server(name)) return name;
  const std::size_t user = name.find("://") + 3;
  const std::size_t at = std::min(name.rfind('@'), name.size());
  std::string shown = name.substr(0, user);
  std::size_t rest = user;
  if (at != name.size()) { // also of a password that has a '/' or a '?' in it
    shown += name.substr(user, std::min(name.find(':', user), at) - user);
    rest = at;
  }
  const std::size_t parameters = std::min(name.find('?', rest), name.size());
  shown += name.substr(rest, parameters - rest);
  if (parameters != name.size()) shown += without_passwords(std::string_view(name).substr(parameters + 1));
  return shown;
}

} // namespace runbook::cli
