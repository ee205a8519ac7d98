#include "supervisor/find_supervisor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace runbook {

namespace {

bool is_program(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

bool is_ours(const std::string& path) {
  struct stat status{};
  return is_program(path) && ::stat(path.c_str(), &status) == 0 &&
         (status.st_uid == 0 || status.st_uid == ::geteuid()) && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// The folder of the file that has this code: the program's, the shared library's or the Python module's.
std::filesystem::path own_folder() {
  Dl_info info{};
  std::error_code ignored;
  const bool known = ::dladdr(reinterpret_cast<const void*>(&find_supervisor), &info) != 0 && info.dli_fname != nullptr;
  // A program is known by the name that it was called by.
  const std::filesystem::path named = known ? info.dli_fname : "";
  const bool is_library = named.extension() != "" && named.filename().string().find(".so") != std::string::npos;
  return std::filesystem::canonical(is_library ? named : std::filesystem::path("/proc/self/exe"), ignored)
      .parent_path();
}

std::vector<std::string> places() {
  std::vector<std::string> found{RUNBOOK_SUPERVISOR_INSTALLED};
  std::filesystem::path folder = own_folder();
  if (folder.empty()) return found;
  found.push_back(folder / "runbook-supervisor"); // a Python package
  constexpr int levels = 2;                       // lib/x86_64-linux-gnu
  for (int level = 0; level < levels; ++level) {
    folder = folder.parent_path();
    found.push_back(folder / "libexec" / "runbook" / "runbook-supervisor");
    found.push_back(folder / "src" / "supervisor" / "runbook-supervisor"); // a build
    if (level == 0) found.push_back(folder / "supervisor" / "runbook-supervisor");
  }
  return found;
}

Error not_there(const std::string& said_by, const std::string& path) {
  return {errc::not_found, fmt::format("{} names the supervisor '{}', which is no program", said_by, path), {}};
}

} // namespace

Result<std::string> find_supervisor(const std::string& option) {
  if (!option.empty()) {
    if (is_program(option)) return option;
    return not_there("the option", option);
  }
  const char* variable = std::getenv("RUNBOOK_SUPERVISOR");
  if (variable != nullptr && *variable != '\0') {
    if (is_program(variable)) return std::string(variable);
    return not_there("RUNBOOK_SUPERVISOR", variable);
  }
  const std::vector<std::string> looked_at = places();
  for (const std::string& path : looked_at) {
    if (is_ours(path)) return path;
  }
  return Error{errc::not_found,
               fmt::format("no supervisor (runbook-supervisor) at {}; RUNBOOK_SUPERVISOR may name it",
                           fmt::join(looked_at, ", ")),
               {}};
}

} // namespace runbook
