#include "plan/variables.hpp"

#include <algorithm>
#include <array>

namespace runbook {

namespace {

constexpr auto reserved = std::to_array<std::string_view>({
    "ARGV0",
    "CDPATH",
    "DIRSTACK",
    "ENV",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FCEDIT",
    "FIGNORE",
    "FPATH",
    "FUNCNAME",
    "FUNCNEST",
    "GCONV_PATH",
    "GID",
    "GLOBIGNORE",
    "GROUPS",
    "HISTCMD",
    "HISTFILE",
    "HOME",
    "HOSTALIASES",
    "HOSTNAME",
    "HOSTTYPE",
    "IFS",
    "INPUTRC",
    "JAVA_TOOL_OPTIONS",
    "LANG",
    "LANGUAGE",
    "LINENO",
    "LOCALDOMAIN",
    "LOCPATH",
    "LOGNAME",
    "MACHTYPE",
    "MAILPATH",
    "MALLOC_TRACE",
    "NLSPATH",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NULLCMD",
    "OLDPWD",
    "OPTARG",
    "OPTERR",
    "OPTIND",
    "OSTYPE",
    "PATH",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PERLLIB",
    "PIPESTATUS",
    "POSIXLY_CORRECT",
    "PPID",
    "PROMPT_COMMAND",
    "PS0",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "PWD",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RANDOM",
    "READNULLCMD",
    "REPLY",
    "RESOLV_HOST_CONF",
    "RES_OPTIONS",
    "RUBYLIB",
    "RUBYOPT",
    "SECONDS",
    "SHELL",
    "SHELLOPTS",
    "SHLVL",
    "SRANDOM",
    "TERM",
    "TIMEFORMAT",
    "TMPDIR",
    "TMPPREFIX",
    "TMOUT",
    "TZ",
    "TZDIR",
    "UID",
    "USER",
    "USERNAME",
    "ZDOTDIR",
    "_",
    "_JAVA_OPTIONS",
});

constexpr auto reserved_prefixes = std::to_array<std::string_view>({"BASH", "COMP_", "GIT_", "LC_", "LD_", "ZSH_"});

constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

} // namespace

bool is_variable_name(std::string_view name) noexcept {
  if (name.empty() || !is_letter(name.front())) return false;
  return std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_reserved_variable(std::string_view name) noexcept {
  const auto starts_name = [name](std::string_view prefix) { return name.starts_with(prefix); };
  return std::ranges::find(reserved, name) != reserved.end() || std::ranges::any_of(reserved_prefixes, starts_name);
}

} // namespace runbook
