// Taking scripts apart: the words of commands, the variables that are used.
#include "lint/assigned_names.hpp"
#include "lint/commands.hpp"
#include "lint/reading_calls.hpp"
#include "lint/shell_lexer.hpp"
#include "support/cpu_time.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace runbook::linting;

namespace {

/// `a b | c` for two commands.
std::string commands(std::string_view script) {
  std::string out;
  for (const ShellCommand& command : lex_shell(script).commands) {
    if (!out.empty()) out += " | ";
    for (std::size_t i = 0; i < command.words.size(); ++i) out += (i > 0 ? " " : "") + command.words[i].text;
  }
  return out;
}

std::string uses(std::string_view script) {
  std::string out;
  for (const VariableUse& use : lex_shell(script).uses) out += use.name + (use.may_be_unset ? "? " : " ");
  return out;
}

std::string programs(std::string_view script) {
  std::string out;
  for (const Call& call : calls_of(script, lex_shell(script))) {
    out += call.program;
    for (const std::string& word : call.words) out += " " + word;
    out += "; ";
  }
  return out;
}

std::string names(std::string_view script, bool exported = false) {
  const ShellText shell = lex_shell(script);
  const AssignedNames assigned = assigned_names(shell);
  std::set<std::string_view> sorted(assigned.all.begin(), assigned.all.end());
  if (exported) sorted = {assigned.exported.begin(), assigned.exported.end()};
  std::string out;
  for (const std::string_view name : sorted) out += std::string(name) + " ";
  return out;
}

bool reads(std::string_view script) {
  return only_reads(script, lex_shell(script));
}

} // namespace

TEST_CASE("lint shell: commands end at separators and keywords are none") {
  CHECK(commands("a b;c|d&&e||f&") == "a b | c | d | e | f");
  CHECK(commands("if a; then b; else c; fi") == "a | b | c");
  CHECK(commands("while read -r x; do rm \"$x\"; done < list") == "read -r x | rm $x");
  CHECK(commands("a \\\n  b # not c\n# d\ne") == "a b | e");
  CHECK(commands("for x in 1 2; do echo $x; done") == "for x in 1 2 | echo $x");
}

TEST_CASE("lint shell: quotes come off and keep their blanks") {
  CHECK(commands("a 'b c' \"d e\" f\\ g $'h\\ti'") == "a b c d e f g h\\ti");
  CHECK(commands("echo 'rm -rf x; y'") == "echo rm -rf x; y");
  CHECK(commands("\\rm x") == "rm x");
  CHECK(lex_shell("a 'b'").commands.at(0).words.at(1).quoted);
}

TEST_CASE("lint shell: redirections are no words, and it is known whether a file is written") {
  CHECK(commands("a >out 2>&1 <in b") == "a b");
  CHECK(commands("a &>all 2>/dev/null") == "a");
  CHECK(lex_shell("a > out").commands.at(0).writes_file);
  CHECK_FALSE(lex_shell("a > /dev/null 2> err").commands.at(0).writes_file);
  CHECK_FALSE(lex_shell("a >&2 < in").commands.at(0).writes_file);
  CHECK(commands("get <pod-name> -n x") == "get <pod-name> -n x");
  CHECK_FALSE(lex_shell("get <pod-name> -n x").commands.at(0).writes_file);
}

TEST_CASE("lint shell: substitutions are commands of their own") {
  CHECK(commands("a $(b c) d") == "b c | a $() d");
  CHECK(commands("a \"x $(b \"$(c)\") y\"") == "c | b $() | a x $() y");
  CHECK(commands("a `b c`") == "b c | a ");
  CHECK(commands("diff <(a) <(b)") == "a | b | diff  ");
  CHECK(commands("a=(b c) d") == "a= d");
}

TEST_CASE("lint shell: here-documents are no commands") {
  const ShellText shell = lex_shell("psql <<EOF\nDROP $x\nEOF\nb");
  CHECK(shell.commands.size() == 2);
  CHECK(shell.commands[0].documents.size() == 1);
  CHECK(shell.uses.at(0).name == "x");
  CHECK(uses("cat <<'EOF'\n$x\nEOF\n") == "");
  CHECK(uses("cat <<-E\n\t$x\n\tE\necho $y") == "x y ");
  CHECK(commands("cat <<A <<B\n1\nA\n2\nB\nc") == "cat | c");
  CHECK(commands("cat <<EOF\nnever ends") == "cat");
}

TEST_CASE("lint shell: variables are found where a shell would put their values in") {
  CHECK(uses("echo $a \"${b}\" '$c' \\$d \"\\$e\" ${f%.*} ${#g}") == "a b f g ");
  CHECK(uses("echo ${a:-$b} ${c-x} ${d:?no} ${e:=1} ${f+x}") == "a? b c? d? e? f? ");
  CHECK(uses("echo $1 $@ $# $? $$ $! $- ${1} ${@}") == "");
  CHECK(uses("echo $((a + $b))") == "a? b ");
  CHECK(uses("awk '{print $x}' # $y") == "");
  CHECK(uses("echo \"$(cat \"$a\")\"") == "a ");
  const ShellText shell = lex_shell("echo ${name}");
  CHECK(shell.uses.at(0).begin == 7);
  CHECK(shell.uses.at(0).end == 11);
}

TEST_CASE("lint shell: what is given a value is known, and what is passed on") {
  CHECK(names("a=1 b+=2; c[1]=3\nexport d=4 e") == "a b c d e ");
  CHECK(names("a=1; export d=4 e; declare -x f=1; declare g", true) == "d e f ");
  CHECK(names("set -a; a=1", true) == "a ");
  CHECK(names("read -rp 'Name: ' a b; IFS=, read -ra c") == "IFS a b c ");
  CHECK(names("for f in x; do mapfile -t lines; done; getopts ab opt; printf -v out %s x") == "f lines opt out ");
  CHECK(names(": ${a:=1}") == "a ");
  CHECK(names("x=$(y=1 cmd)") == "x y ");
  CHECK(assigned_names(lex_shell(". ./env")).unknown);
  CHECK_FALSE(assigned_names(lex_shell("echo source")).unknown);
}

TEST_CASE("lint shell: wrappers and remote shells are looked through") {
  CHECK(programs("sudo -u root FOO=1 /bin/rm -rf x") == "rm -rf x; ");
  CHECK(programs("a | xargs -n 1 kubectl delete") == "a; kubectl delete; ");
  CHECK(programs("timeout 5 env X=1 rm y") == "rm y; ");
  CHECK(programs("ssh -p 22 host 'rm -r x; b'") == "rm -r x; b; ssh -p 22 host rm -r x; b; ");
  CHECK(programs("bash -c 'rm -r x'") == "rm -r x; bash -c rm -r x; ");
  CHECK(programs("bash -ec 'a; b'") == "a; b; bash -ec a; b; ");
  CHECK(programs("kubectl exec p -- rm -r x") == "rm -r x; kubectl exec p -- rm -r x; ");
  CHECK(programs("ssh host <<'E'\nrm x\nE") == "rm x; ssh host; ");
}

TEST_CASE("lint shell: what only looks is told from what may change something") {
  for (const std::string script :
       {"ls -l | grep x | wc -l", "kubectl get pods -n $n", "x=$(oc whoami)", "systemctl status nginx",
        "curl -s http://h/", "if [ -z \"$a\" ]; then echo none; fi", "[[ a && b ]]", "ssh host uptime", "git log",
        "psql -c 'select 1'", "sed -n 1p f", "aws ec2 describe-instances --filters x",
        "kubectl apply --dry-run=client -f x", "echo x >&2"}) {
    CHECK_MESSAGE(reads(script), script);
  }
  for (const std::string script :
       {"rm x", "kubectl apply -f x", "echo x > file", "curl -X POST http://h/", "ssh host reboot",
        "systemctl restart nginx", "sed -i s/a/b/ f", "psql -c 'update t set a = 1'", "./deploy.sh", "unknown-program",
        "find . -delete", "curl -d x http://h/", "a | tee file"}) {
    CHECK_FALSE_MESSAGE(reads(script), script);
  }
}

TEST_CASE("lint shell: a hostile script costs linear time and no stack") {
  const auto deep = [](std::string_view piece) {
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    return text;
  };
  const auto time = runbook_test::cpu_time([&] {
    for (const char* piece :
         {"$(", "\"$(", "`", "${a:-", "$((", "<<E ", "<<E\n", "((", "'", "\"", "a=(", "$x", "<a b", "\\\n"}) {
      const ShellText shell = lex_shell(deep(piece));
      CHECK(shell.commands.size() <= 1'000'000);
    }
  });
  CHECK(time.count() < 20);
}
