#include "plan/variables.hpp"

#include <algorithm>
#include <cstddef>

namespace runbook {

namespace {

// Lists of words with a blank around each.

/// What shells read, keep to themselves, or tie to something else.
constexpr std::string_view of_shells =
    " _ ARGV0 CDPATH DIRSTACK ENV EPOCHREALTIME EPOCHSECONDS EUID FCEDIT FIGNORE FPATH FUNCNAME FUNCNEST GID "
    "GLOBIGNORE GROUPS HISTCMD HISTFILE HOME IFS INPUTRC LINENO LOGNAME MAILPATH NULLCMD OLDPWD OPTARG OPTERR "
    "OPTIND PATH PIPESTATUS POSIXLY_CORRECT PPID PROMPT_COMMAND PS0 PS1 PS2 PS3 PS4 PWD RANDOM READNULLCMD "
    "SECONDS SHELL SHELLOPTS SHLVL SRANDOM TERM TIMEFORMAT TMOUT TMPDIR TMPPREFIX UID USER USERNAME ZDOTDIR ";

/// What the C library and interpreters load code or data by.
constexpr std::string_view of_runtimes =
    " GCONV_PATH HOSTALIASES JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS LANG LANGUAGE LOCALDOMAIN LOCPATH LUA_INIT "
    "MALLOC_TRACE NLSPATH NODE_OPTIONS NODE_PATH OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES PERL5DB PERL5LIB "
    "PERL5OPT PERLLIB PHPRC PYTHONHOME PYTHONINSPECT PYTHONPATH PYTHONSTARTUP PYTHONUSERBASE RESOLV_HOST_CONF "
    "RES_OPTIONS RUBYLIB RUBYOPT RUBYSHELL TZ TZDIR _JAVA_OPTIONS ";

/// What common tools take commands and options from.
constexpr std::string_view of_tools =
    " EDITOR GIT_ASKPASS GIT_CONFIG GIT_CONFIG_COUNT GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_DIR GIT_EDITOR "
    "GIT_EXEC_PATH GIT_EXTERNAL_DIFF GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_PAGER GIT_PROXY_COMMAND "
    "GIT_SEQUENCE_EDITOR GIT_SSH GIT_SSH_COMMAND GIT_TEMPLATE_DIR GIT_WORK_TREE GNUMAKEFLAGS LESSCLOSE LESSOPEN "
    "MAKEFLAGS PAGER RSYNC_RSH SSH_ASKPASS SUDO_ASKPASS TAR_OPTIONS VISUAL ";

constexpr std::string_view reserved_prefixes[] = {"BASH", "COMP_", "LC_", "LD_", "ZSH_", "_runbook"};

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
  for (const std::string_view words : {of_shells, of_runtimes, of_tools}) {
    for (std::size_t at = words.find(name); at != std::string_view::npos; at = words.find(name, at + 1)) {
      if (words[at - 1] == ' ' && words[at + name.size()] == ' ') return true;
    }
  }
  return std::ranges::any_of(reserved_prefixes, [name](std::string_view prefix) { return name.starts_with(prefix); });
}

} // namespace runbook
