#include "plan/access_script.hpp"

#include <string_view>

namespace runbook {

namespace {

/// One word to the shell, whatever the text holds.
std::string quoted(std::string_view text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word += c;
    }
  }
  return word + '\'';
}

std::string_view check_for(const Access& access) {
  switch (access.kind) {
  case Access::Kind::user:
    return R"sh(test "$(id -un)" = "$need" || { echo "this is the user $(id -un), not $need" >&2; exit 1; })sh";
  case Access::Kind::group:
    return R"sh(for group in $(id -nG); do test "$group" != "$need" || exit 0; done
echo "the user $(id -un) is not in the group $need" >&2; exit 1)sh";
  case Access::Kind::sudo:
    return R"sh(sudo -n true || { echo "sudo is not possible without a password" >&2; exit 1; })sh";
  case Access::Kind::env:
    return R"sh(test -n "$(printenv -- "$need")" || { echo "$need is not set in the environment" >&2; exit 1; })sh";
  case Access::Kind::command:
    // The shell finds its own words too, which are no programs.
    return R"sh(case "$need" in
'!' | '{' | '}' | case | do | done | elif | else | esac | fi | for | if | in | then | until | while) false ;;
*) command -v -- "$need" >/dev/null ;;
esac || { echo "the program $need is not found" >&2; exit 1; })sh";
  case Access::Kind::file:
    if (access.writable) {
      return R"sh(test -r "$need" && test -w "$need" || { echo "$need cannot be read and written" >&2; exit 1; })sh";
    }
    return R"sh(test -r "$need" || { echo "$need cannot be read" >&2; exit 1; })sh";
  case Access::Kind::other: break;
  }
  return "exit 1";
}

} // namespace

std::string access_script(const Access& access) {
  std::string script = access.kind == Access::Kind::sudo ? std::string() : "need=" + quoted(access.name) + '\n';
  return script.append(check_for(access));
}

} // namespace runbook
