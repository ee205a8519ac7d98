#include "supervisor/below.hpp"

#include "process/descriptor.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <unordered_map>

namespace runbook::supervisor {

namespace {

struct Line {
  Known process;
  pid_t parent = -1;
};

/// Nothing of a zombie, or of a process that is gone.
std::optional<Line> line_of(pid_t pid) {
  std::array<char, 32> path{};
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  const process::Descriptor file(::open(path.data(), O_RDONLY | O_CLOEXEC));
  std::array<char, 1024> text{};
  if (!file || ::read(file.get(), text.data(), text.size() - 1) <= 0) return std::nullopt;
  const char* name_end = std::strrchr(text.data(), ')'); // the name may hold others
  char state = 'X';
  Line line{{pid, 0}, -1};
  unsigned long long start = 0;
  if (name_end == nullptr ||
      std::sscanf(name_end,
                  ") %c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", // field 22
                  &state, &line.parent, &start) != 3 ||
      state == 'Z' || state == 'X') {
    return std::nullopt;
  }
  line.process.start = start;
  return line;
}

using Children = std::unordered_map<pid_t, std::vector<Known>>;

Children all_children() {
  Children children;
  const std::unique_ptr<DIR, int (*)(DIR*)> processes(::opendir("/proc"), &::closedir);
  if (!processes) return children;
  while (const dirent* entry = ::readdir(processes.get())) {
    const auto pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10)); // 0 for what is no number
    if (pid <= 0) continue;
    if (const auto line = line_of(pid)) children[line->parent].push_back(line->process);
  }
  return children;
}

bool bears_mark(pid_t pid, std::string_view wanted) {
  std::array<char, 32> path{};
  std::snprintf(path.data(), path.size(), "/proc/%d/environ", pid);
  const process::Descriptor file(::open(path.data(), O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  std::string text;
  std::array<char, 4096> piece{};
  for (ssize_t got = 0; (got = ::read(file.get(), piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  ::explicit_bzero(piece.data(), piece.size());
  bool found = false;
  for (std::string_view rest = text; !rest.empty() && !found;) {
    const std::string_view variable = rest.substr(0, rest.find('\0'));
    found = variable == wanted;
    rest.remove_prefix(std::min(variable.size() + 1, rest.size()));
  }
  ::explicit_bzero(text.data(), text.size());
  return found;
}

void add_family(const Children& children, const Known& head, std::vector<Known>& to) {
  to.push_back(head);
  for (std::size_t next = to.size() - 1; next < to.size(); ++next) {
    const auto found = children.find(to[next].pid);
    if (found != children.end()) to.insert(to.end(), found->second.begin(), found->second.end());
  }
}

} // namespace

std::vector<Known> family_of(pid_t pid) {
  std::vector<Known> family;
  const auto head = line_of(pid);
  if (head) add_family(all_children(), head->process, family);
  return family;
}

std::vector<Known> left_of(std::string_view key, const std::vector<Known>& known,
                           const std::vector<pid_t>& other_leaders) {
  const std::string wanted = std::string(mark) + "=" + std::string(key);
  const Children children = all_children();
  std::vector<Known> left;
  std::vector<pid_t> pending{::getpid()};
  while (!pending.empty()) {
    const auto found = children.find(pending.back());
    pending.pop_back();
    if (found == children.end()) continue;
    for (const Known& child : found->second) {
      if (std::ranges::count(other_leaders, child.pid) != 0) continue;
      if (std::ranges::count(known, child) != 0 || bears_mark(child.pid, wanted)) {
        add_family(children, child, left);
      } else {
        pending.push_back(child.pid);
      }
    }
  }
  return left;
}

void send_signal(const Known& process, int signal) noexcept {
  const process::Descriptor held(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0U)));
  if (!held) return;
  const auto line = line_of(process.pid); // held, it cannot become another
  if (line && line->process == process) ::syscall(SYS_pidfd_send_signal, held.get(), signal, nullptr, 0U);
}

void reap_orphans(const std::vector<pid_t>& leaders) noexcept {
  siginfo_t info{};
  while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
    if (std::ranges::count(leaders, info.si_pid) != 0) return;
    ::waitpid(info.si_pid, nullptr, WNOHANG);
    info.si_pid = 0;
  }
}

} // namespace runbook::supervisor
