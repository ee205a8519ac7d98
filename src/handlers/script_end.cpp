#include "handlers/script_end.hpp"

#include <cstddef>

namespace runbook {

namespace {

// The script's own programs see nothing of this: the variables are unset before its first command. The trap's messages
// and traces go nowhere. `>|` because the script may have said `set -C`; `command` because it may have functions of
// these names.

/// For scripts that have no trap for their end: the commands themselves, because a variable for them takes the shell
/// longer.
constexpr std::string_view simple = R"(trap "{ command export -p; command pwd -P || command echo; } 2>/dev/null >|)"
                                    R"($_runbook_result || :" EXIT;unset _runbook_result;)";

/// The state is written before the script's own trap runs, which then finds the exit status in `$?` all the same.
constexpr std::string_view by_function = R"(_runbook_file=$_runbook_result
unset _runbook_begin _runbook_result
_runbook_end() {
  set -- "$?"
  { command export -p; command pwd -P || command echo; } >|"$_runbook_file" || :
  return "$1"
}
command trap '{ _runbook_end; } 2>/dev/null || :' EXIT
)";

// A trap for the end that the script sets takes the place of ours: so it is set again, with both. Only in the shell
// itself, because a subshell has a state of its own.

/// An alias calls this, because no function can have the name `trap` in sh. A subshell has the same $$; only /proc
/// tells its own number.
constexpr std::string_view trap_in_sh = R"(alias trap=_runbook_trap
_runbook_trap() {
  command trap "$@" || return
  for _runbook_word do
    case $_runbook_word in EXIT | 0) break ;; esac
    _runbook_word=
  done
  [ -n "${_runbook_word-}" ] || return 0
  read -r _runbook_pid _runbook_rest </proc/self/stat && [ "$_runbook_pid" = $$ ] || return 0)";

constexpr std::string_view trap_in_bash = R"(trap() {
  builtin trap "$@" || return
  local _runbook_word
  for _runbook_word do
    case $_runbook_word in [Ee][Xx][Ii][Tt] | SIGEXIT | 0) break ;; esac
    _runbook_word=
  done
  [ -n "${_runbook_word-}" ] && [ "$BASHPID" = $$ ] || return 0)";

/// The end of both functions.
constexpr std::string_view sets_both_traps = R"(
  [ "$1" != -- ] || shift
  case $1 in -?*) return 0 ;; esac
  [ $# -gt 1 ] && [ "$1" != - ] || set -- :
  command trap -- "{ _runbook_end && :; } 2>/dev/null; $1" EXIT
}
)";

// zsh has a hook for its end that no trap replaces, but an error ends it without.
constexpr std::string_view for_zsh = R"(_runbook_file=$_runbook_result
unset _runbook_begin _runbook_result
_runbook_end() {
  {
    emulate -L zsh
    zmodload zsh/parameter || return
    local _runbook_name
    for _runbook_name in ${(k)parameters[(R)*export*]}; do
      builtin print -r -- "export $_runbook_name=${(qq)${(P)_runbook_name}}"
    done
    builtin pwd -P || builtin echo
  } 2>/dev/null >|"$_runbook_file"
}
typeset -ga zshexit_functions
zshexit_functions+=(_runbook_end)
trap _runbook_end EXIT
)";

bool mentions(std::string_view script, std::string_view word) {
  return script.find(word) != std::string_view::npos;
}

/// Whether the script, or what it reads, may set a trap for its end.
bool may_trap(std::string_view script) {
  return mentions(script, "trap") || mentions(script, ". ") || mentions(script, "source") || mentions(script, "eval");
}

/// While a function runs, bash puts these traps away and then back, so that no function can change them.
bool changes_other_traps(std::string_view script) {
  const std::size_t first = script.find("ERR");
  const bool twice = first != std::string_view::npos && script.find("ERR", first + 1) != std::string_view::npos;
  return twice || mentions(script, "DEBUG") || mentions(script, "RETURN");
}

std::string commands_for(std::string_view shell, std::string_view script) {
  if (shell == "zsh") return std::string(for_zsh);
  std::string commands(by_function);
  if (shell != "sh" && changes_other_traps(script)) return commands;
  commands += shell == "sh" ? trap_in_sh : trap_in_bash;
  commands += sets_both_traps;
  return commands;
}

} // namespace

TellingScript telling(std::string_view shell, std::string_view script, bool too_long) {
  TellingScript made;
  if (shell != "zsh" && !may_trap(script)) {
    made.text = std::string(simple) + std::string(script);
    return made;
  }
  made.variables.push_back("_runbook_begin=" + commands_for(shell, script));
  made.text = R"(eval "$_runbook_begin";)";
  // The line is read as a whole before the alias is made.
  if (shell == "sh" && !too_long && mentions(script.substr(0, script.find('\n')), "trap")) {
    made.variables.push_back("_runbook_script=" + std::string(script));
    made.text += "eval \"unset _runbook_script\n$_runbook_script\"";
  } else {
    made.text += script;
  }
  return made;
}

} // namespace runbook
