#include "executor/owner.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <tuple>
#include <vector>

#include <sys/utsname.h>
#include <unistd.h>

#include <fmt/format.h>

namespace runbook {

namespace {

std::string host_name() {
  utsname host{};
  return ::uname(&host) == 0 ? &host.nodename[0] : "unknown";
}

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

/// Field 22 of /proc/PID/stat (proc(5)); empty if there is no such process, or if it has ended and waits to be reaped.
/// The name in field 2 may hold anything.
std::string start_of(std::string_view pid) {
  if (pid.find_first_not_of("0123456789") != std::string_view::npos) return {};
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  std::vector<std::string_view> fields;
  std::string_view rest = std::string_view(stat).substr(name_end + 1);
  while (!rest.empty()) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const std::size_t end = std::min(rest.find(' '), rest.size());
    fields.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  constexpr std::size_t state = 0; // field 3
  constexpr std::size_t start = 19;
  if (fields.size() <= start || fields[state] == "Z" || fields[state] == "X") return {};
  return std::string(fields[start]);
}

} // namespace

std::string owner_name() {
  const std::string pid = std::to_string(::getpid());
  return fmt::format("{}:{}:{}:{}", host_name(), pid, start_of(pid), boot_id());
}

std::optional<bool> owner_lives(std::string_view owner) {
  std::vector<std::string_view> parts; // from behind: nothing else but a host's name may hold a colon
  while (parts.size() < 3) {
    const std::size_t colon = owner.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts.push_back(owner.substr(colon + 1));
    owner.remove_suffix(owner.size() - colon);
  }
  const auto& [boot, start, pid] = std::tie(parts[0], parts[1], parts[2]);
  if (owner != host_name() || boot.empty()) return std::nullopt;
  if (boot != boot_id()) return false;
  return !start.empty() && start_of(pid) == start;
}

} // namespace runbook
