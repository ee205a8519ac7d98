#include "process/launch_error.hpp"

#include "process/candidates.hpp"

#include <fmt/format.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace runbook::process {

namespace {

// The kernel's limit for one argument or one environment variable (MAX_ARG_STRLEN), with the NUL behind it.
constexpr std::size_t longest_string = std::size_t{128} * 1024;

std::string words(int error) {
  return std::generic_category().message(error);
}

std::string quoted_program(const ProcessSpec& spec) {
  if (spec.directory.empty()) return fmt::format("'{}'", spec.program);
  return fmt::format("'{}' in '{}'", spec.program, spec.directory);
}

Error error(errc code, const ProcessSpec& spec, const std::string& reason) {
  return {code, fmt::format("cannot start {}: {}", quoted_program(spec), reason), {}};
}

std::string too_long(const ProcessSpec& spec) {
  for (std::size_t i = 0; i < spec.arguments.size(); ++i) {
    const std::size_t size = spec.arguments[i].size();
    if (size >= longest_string) {
      return fmt::format("argument {} has {} bytes; the system takes at most {} in one", i + 1, size,
                         longest_string - 1);
    }
  }
  for (const std::string& variable : spec.environment) {
    if (variable.size() >= longest_string) {
      return fmt::format("the environment variable '{}' has {} bytes; the system takes at most {} with its name",
                         variable.substr(0, variable.find('=')), variable.size(), longest_string - 1);
    }
  }
  return "its arguments and environment together are longer than the system takes";
}

/// The first of the paths at which there is something, as the process would have seen it.
std::string existing_file(const ProcessSpec& spec, const char* const* candidates) {
  for (; *candidates != nullptr; ++candidates) {
    const std::string_view path = *candidates;
    struct stat status{};
    const bool below = !path.starts_with('/') && !spec.directory.empty();
    const std::string seen = below ? fmt::format("{}/{}", spec.directory, path) : std::string(path);
    if (::stat(seen.c_str(), &status) == 0) return std::string(path);
  }
  return {};
}

std::string execute_reason(const ProcessSpec& spec, const char* const* candidates, int code) {
  const bool sought = spec.program.find('/') == std::string::npos;
  const std::string file = existing_file(spec, candidates);
  const std::string found = sought && !file.empty() ? fmt::format("'{}': ", file) : std::string();
  switch (code) {
  case ENOENT:
    if (!file.empty()) return found + "the file is there, but the interpreter or loader that it names is not";
    return sought ? fmt::format("no file of this name in PATH ({})", search_path(spec)) : words(code);
  case EACCES: return fmt::format("{}{}; it must be a file that may be executed", found, words(code));
  case ENOEXEC: return found + "it is no program for this system; a script needs a first line that begins with '#!'";
  case E2BIG: return too_long(spec);
  case ETXTBSY: return fmt::format("{}{}: another process still writes to it", found, words(code));
  default: return found + words(code);
  }
}

constexpr std::string_view name_ends{"=\0", 2};

bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

} // namespace

std::optional<Error> unusable(const ProcessSpec& spec) {
  if (spec.program.empty()) return Error{errc::invalid_argument, "no program is named", {}};
  std::string where;
  if (has_nul(spec.program)) where = "its name";
  if (has_nul(spec.directory)) where = "the directory's name";
  for (const std::string& argument : spec.arguments) {
    if (has_nul(argument)) where = "an argument";
  }
  for (const std::string& variable : spec.environment) {
    if (!has_nul(variable)) continue;
    where = fmt::format("the environment variable '{}'", variable.substr(0, variable.find_first_of(name_ends)));
  }
  if (where.empty()) return std::nullopt;
  // Names with a NUL in them must not reach a terminal.
  return Error{
      errc::invalid_argument, fmt::format("cannot start '{}': {} holds a NUL byte", spec.program.c_str(), where), {}};
}

Error launch_error(const ProcessSpec& spec, const char* const* candidates, const LaunchFailure& failure) {
  switch (failure.stage) {
  case LaunchStage::execute: return error(errc::exec_failed, spec, execute_reason(spec, candidates, failure.error));
  case LaunchStage::directory:
    return {errc::exec_failed,
            fmt::format("cannot start '{}': cannot enter the directory '{}': {}", spec.program, spec.directory,
                        words(failure.error)),
            {}};
  case LaunchStage::process:
  case LaunchStage::descriptors:
  case LaunchStage::session:
  case LaunchStage::watching: break;
  }
  return resource_error(spec, failure.error);
}

Error resource_error(const ProcessSpec& spec, int code) {
  switch (code) {
  case EMFILE: {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return error(errc::exec_failed, spec,
                 fmt::format("this process has too many files open; its limit is {} (ulimit -n)", limit.rlim_cur));
  }
  case ENFILE: return error(errc::exec_failed, spec, "the system has too many files open");
  case EAGAIN:
    return error(errc::exec_failed, spec,
                 "the limit of processes is reached (ulimit -u, or the pids limit of the control group)");
  default: return error(errc::exec_failed, spec, words(code));
  }
}

} // namespace runbook::process
