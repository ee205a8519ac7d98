#include "executor/owner.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <random>
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

/// A name's parts; empty if it is none.
struct Parts {
  std::string_view host;
  std::string_view pid;
  std::string_view start;
  std::string_view boot;
};

/// From behind: nothing else but a host's name may hold a colon.
std::optional<Parts> parts_of(std::string_view owner) {
  owner = owner.substr(0, owner.rfind('#'));
  std::array<std::string_view, 3> parts;
  for (std::string_view& part : parts) {
    const std::size_t colon = owner.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    part = owner.substr(colon + 1);
    owner.remove_suffix(owner.size() - colon);
  }
  return Parts{owner, parts[2], parts[1], parts[0]};
}

const std::string& mark_of_library() {
  static const std::string mark = fmt::format("{:08x}", std::random_device()());
  return mark;
}

} // namespace

std::string process_name() {
  const std::string pid = std::to_string(::getpid());
  return fmt::format("{}:{}:{}:{}", host_name(), pid, start_of(pid), boot_id());
}

std::string owner_name() {
  std::random_device random;
  return fmt::format("{}#{}{:08x}", process_name(), mark_of_library(), random());
}

bool is_of_this_library(std::string_view owner) {
  return owner.starts_with(fmt::format("{}#{}", process_name(), mark_of_library()));
}

bool is_of_this_host(std::string_view owner) {
  const auto parts = parts_of(owner);
  return parts && parts->host == host_name();
}

bool is_of_this_boot(std::string_view owner) {
  const auto parts = parts_of(owner);
  return parts && parts->host == host_name() && !parts->boot.empty() && parts->boot == boot_id();
}

std::optional<bool> owner_lives(std::string_view owner) {
  const auto parts = parts_of(owner);
  if (!parts || parts->host != host_name() || parts->boot.empty()) return std::nullopt;
  if (parts->boot != boot_id()) return false;
  return !parts->start.empty() && start_of(parts->pid) == parts->start;
}

} // namespace runbook
