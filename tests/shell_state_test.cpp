// Reading what shells say of themselves, and telling which scripts need not be asked.
#include "handlers/plain_script.hpp"
#include "handlers/shell_state.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace runbook;

namespace {

/// "A=1|B=2|@/dir"
std::string read(std::string_view text) {
  const auto state = read_shell_state(text);
  if (!state) return "incomplete";
  std::string shown;
  for (const auto& [name, value] : state->variables) shown += name + "=" + value + "|";
  return shown + "@" + state->directory;
}

} // namespace

TEST_CASE("shell state: each shell's way of quoting is read") {
  CHECK(read("export A='it'\"'\"'s'\nexport B='x\ny \\ \"'\nexport E\n/tmp\n") == "A=it's|B=x\ny \\ \"|@/tmp"); // dash
  CHECK(read("declare -x A=\"a \\\"b\\\" \\$c \\`d\\` \\\\ \\x\"\ndeclare -rx B=$'\\n\\t\\377\\x41\\'\\\\\\001\\cA'\n"
             "declare -ax L=([0]=\"a\nb\" [1]=\"c\")\ndeclare -x OLDPWD\n/\n") == "A=a \"b\" $c `d` \\ \\x|B=\n\t\xff"
                                                                                  "A'\\\x01\x01|@/"); // bash
  CHECK(read("export A='it'\\''s'\nexport -i N=5\ntypeset -x T=plain$x\n/a b\n") == "A=it's|N=5|T=plain$x|@/a b");
  CHECK(read("export A='1'\n\n") == "A=1|@"); // a directory that is gone
  CHECK(read("export A=''\n/a\nb\n") == "A=|@/a\nb");
}

TEST_CASE("shell state: what was cut off anywhere is not taken for the whole") {
  const std::string whole = "export A='x\ny'\nexport B='2'\ndeclare -x C=\"3\\\"\" \ndeclare -x D=$'\\n'\n/tmp/x\n";
  REQUIRE(read(whole) != "incomplete");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(read(whole.substr(0, size)) == "incomplete");
  }
  CHECK(read("something else\n") == "incomplete");
  CHECK(read("export A='1'\nsomething else\n") == "incomplete");
  CHECK(read("export 1='1'\n/\n") == "incomplete");
}

TEST_CASE("shell state: only what differs is a change and what shells keep for themselves is none") {
  const ShellState state{
      .variables =
          {{"A", "1"}, {"B", "new"}, {"C", "added"}, {"PWD", "/x"}, {"SHLVL", "1"}, {"_", "x"}, {"LOGNAME", "r"}},
      .directory = "/"};
  const Values changed = changed_variables({"A=1", "B=old", "GONE=x", "ENV=y", "no.name=z", "BASH_ENV=b"}, state);
  CHECK(changed == Values{{"B", "new"}, {"C", "added"}, {"GONE", nullptr}});
}

TEST_CASE("shell state: a script that plainly runs programs need not be asked") {
  for (const char* script :
       {"true", "make install", "systemctl restart nginx && curl -fsS http://localhost/ | grep -q \"$version\"",
        "tar -xzf \"$artefacts/$version.tar.gz\" -C \"releases/$version\"\nls -l releases/* > list 2>&1",
        "  ./configure; /usr/bin/make -j 4 &", "( sleep 1 )", "[ -f x ] || exit 1", "echo $(date)", ""}) {
    CAPTURE(script);
    CHECK(runs_programs_only(script));
  }
}

TEST_CASE("shell state: a script that may change its shell is asked") {
  for (const char* script : {"cd /tmp",
                             "true; cd /tmp",
                             "true && cd /tmp",
                             "true\n\tcd /tmp",
                             "true | cd /tmp",
                             "( true ) ; cd x",
                             "A=1",
                             "export A",
                             "unset A",
                             ". ./lib",
                             "source lib",
                             "eval x",
                             "read A",
                             "printf -v A x",
                             "$x /tmp",
                             "\"c\"d /tmp",
                             "c'd' /tmp",
                             "\\cd /tmp",
                             "`x` y",
                             "c* x",
                             "if cd x; then true; fi",
                             "while read A; do true; done",
                             "! cd x",
                             "{ cd x; }",
                             "f() { cd x; }; f",
                             "echo $((A++))",
                             "((A++))",
                             "echo $[A++]",
                             "echo ${A:=1}",
                             "let A++",
                             ">x cd /tmp",
                             "2>x cd /tmp",
                             "</dev/null cd /tmp",
                             "echo x >&2 ; cd y",
                             "command cd x",
                             "builtin cd x",
                             "time cd x",
                             "[[ x ]]",
                             "pushd x",
                             "for A in b c; do true; done",
                             "case x in x) cd y ;; esac",
                             "trap x EXIT",
                             "exec 3>x",
                             "set -a",
                             "getopts a A",
                             "mapfile A",
                             "alias ls",
                             "coproc x",
                             "select A in b; do true; done"}) {
    CAPTURE(script);
    CHECK_FALSE(runs_programs_only(script));
  }
}
