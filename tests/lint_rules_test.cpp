// The rules that only the linter has: what each finds and what it leaves alone.
#include "support/linting.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

bool destroys(std::string_view script) {
  return count(linted(step_that_runs(script)), "destructive-without-undo") > 0;
}

std::string variables(std::string_view text) {
  return found(linted(text), "undeclared-variable");
}

} // namespace

TEST_CASE("lint: a destructive command without an undo is found in its place") {
  const LintReport report = linted(step_that_runs("set -e\nsudo rm -rf \"$HOME/old\" && ls"));
  CHECK(
      found(report, "destructive-without-undo") ==
      "docs/book.md:8:4: warning: step 'do-it': 'rm -r' destroys something, and the step has no undo; write Rollback: "
      "below it with what brings it back, or {irreversible} if nothing can [destructive-without-undo]\n");
  CHECK(first(report, "destructive-without-undo").span.end_column == 27);
}

TEST_CASE("lint: many ways to destroy something are known") {
  for (const std::string script : {"rm -r x",
                                   "rm -fR x",
                                   "rm --recursive x",
                                   "mkfs.ext4 /dev/sdb",
                                   "dd if=a of=/dev/sdb",
                                   "kubectl delete deploy x",
                                   "oc -n ns delete secret x",
                                   "terraform destroy -auto-approve",
                                   "terraform apply -destroy",
                                   "git push --force origin x",
                                   "git reset --hard HEAD~1",
                                   "systemctl disable --now nginx",
                                   "userdel bob",
                                   "iptables -F",
                                   "aws s3 rm s3://b --recursive",
                                   "aws ec2 terminate-instances --instance-ids i",
                                   "helm uninstall x",
                                   "docker rm -f c",
                                   "docker system prune -f",
                                   "shred f",
                                   "wipefs -a /dev/sdb",
                                   "lvremove vg/lv",
                                   "zfs destroy pool/x",
                                   "psql -c 'DROP TABLE x'",
                                   "psql <<EOF\ntruncate  table x;\nEOF",
                                   "mysql -e \"delete from t\"",
                                   "ssh host 'rm -rf /srv/x'",
                                   "find . -name x -delete",
                                   "redis-cli FLUSHALL",
                                   "curl -X DELETE http://h/x",
                                   "ls | xargs rm -rf",
                                   "kubectl exec p -- rm -rf /x"}) {
    CHECK_MESSAGE(destroys(script), script);
  }
}

TEST_CASE("lint: what only looks like destruction is left alone") {
  for (const std::string script :
       {"echo 'rm -rf x'", "# rm -rf x\nls", "rm file", "rm -rf /tmp/work", "rm -rf \"$TMPDIR/x\"", "rm -r \"$tmp\"",
        "kubectl delete pod x", "kubectl delete ns x --dry-run=client", "docker run --rm image", "git push origin main",
        "dd if=a of=/dev/null", "grep -r 'DROP TABLE' .", "psql -c 'select * from dropped'", "terraform plan",
        "cat <<'EOF'\nrm -rf x\nEOF", "aws ec2 describe-instances", "kubectl get delete", "man rm"}) {
    CHECK_MESSAGE(destroys(script) == (script == "kubectl get delete"), script);
  }
}

TEST_CASE("lint: destruction with a way back or that is said to have none is left alone") {
  CHECK(count(linted(step_that_runs("rm -r x", "   Rollback:\n   ```sh\n   make x\n   ```\n")),
              "destructive-without-undo") == 0);
  CHECK(count(linted("# T\n\n## Steps\n1. A\n   ```sh {irreversible}\n   rm -r x\n   ```\n"),
              "destructive-without-undo") == 0);
  const char* section =
      "# T\n\n## Steps\n1. A\n   ```sh\n   rm -r x\n   ```\n\n## Rollback\n1. Undo step 1\n   ```sh\n   a\n   ```\n";
  CHECK(count(linted(section), "destructive-without-undo") == 0);
}

TEST_CASE("lint: a request that deletes is destructive") {
  CHECK(count(linted("# T\n\n## Steps\n1. A\n   ```http\n   DELETE http://h/x\n   ```\n"),
              "destructive-without-undo") == 1);
  CHECK(count(linted("# T\n\n## Steps\n1. A\n   ```http\n   GET http://h/x\n   ```\n"), "destructive-without-undo") ==
        0);
}

TEST_CASE("lint: steps that nothing checks are said once") {
  const std::string two = "# T\n\n## Steps\n1. A\n   ```sh\n   make a\n   ```\n2. B\n   ```sh\n   make b\n   ```\n";
  CHECK(
      found(linted(two), "mutating-without-verification") ==
      "docs/book.md:4:1: warning: step 'a': from here on 2 steps may change something, and nothing checks that they "
      "worked; write Check: or Expected: below a command, or a section Verification [mutating-without-verification]\n");
  CHECK(count(linted(two + "\n## Verification\n- Works\n  ```sh\n  test -f b\n  ```\n"),
              "mutating-without-verification") == 0);
  CHECK(count(linted(two + "   Check:\n   ```sh\n   test -f b\n   ```\n"), "mutating-without-verification") == 0);
  CHECK(count(linted(two + "   Expected:\n   ```\n   made\n   ```\n"), "mutating-without-verification") == 0);
  CHECK(count(linted(two + "3. Look\n   ```console\n   $ ls\n   b\n   ```\n"), "mutating-without-verification") == 0);
}

TEST_CASE("lint: steps that only look need no verification") {
  CHECK(count(linted(step_that_runs("kubectl get pods | grep x")), "mutating-without-verification") == 0);
  CHECK(count(linted("# T\n\n## Steps\n1. Tell them\n"), "mutating-without-verification") == 0);
  CHECK(count(linted("# T\n\n## Steps\n1. A\n   ```sh {pure}\n   ./look\n   ```\n"), "mutating-without-verification") ==
        0);
}

TEST_CASE("lint: a variable that nothing sets is found at its first use") {
  CHECK(variables(step_that_runs("echo one\necho \"$x ${name}\"\necho $name $x")) ==
        "docs/book.md:8:11: warning: step 'do-it': '$x' has no value here: it is no input, and nothing before it sets "
        "it; "
        "declare it in a section Inputs: - `x` (string, required): …; or write ${x:-…} [undeclared-variable]\n"
        "docs/book.md:8:15: warning: step 'do-it': '$name' has no value here: it is no input, and nothing before it "
        "sets it; "
        "declare it in a section Inputs: - `name` (string, required): …; or write ${name:-…} [undeclared-variable]\n");
}

TEST_CASE("lint: a variable in a session is found behind the prompt") {
  CHECK(has(variables("# T\n\n## Steps\n1. A\n   ```console\n   $ echo ok\n   ok\n   $ echo $nme\n   x\n   ```\n"),
            "docs/book.md:8:12: warning: step 'a': '$nme' has no value here"));
}

TEST_CASE("lint: inputs, captures, the environment and what scripts set are known") {
  for (const std::string script :
       {"echo $HOME $PATH $USER $1 $@ $? $LANG $BASH_VERSION", "x=1; echo $x", "for x in a; do echo $x; done",
        "read x; echo $x", "echo ${x:-1} ${x?}", "echo '$x' \\$x", "cat <<'E'\n$x\nE", "awk '{print $x}' f",
        ". ./env; echo $x", "f() { local x=$1; echo $x; }; f a"}) {
    CHECK_MESSAGE(variables(step_that_runs(script)) == "", script);
  }
  const char* inputs =
      "# T\n\n**Required Access**: env:TOKEN_FILE\n\n## Inputs\n- `x` (string, required): X\n\n"
      "## Steps\n1. A\n   ```sh {capture=y}\n   echo $x $TOKEN_FILE\n   ```\n2. B\n   ```sh\n   echo $y\n   ```\n";
  CHECK(variables(inputs) == "");
}

TEST_CASE("lint: what a step exports is known to later steps, and what it only sets is not") {
  const auto second = [](std::string_view first) {
    return step_that_runs(first, "2. Next\n   ```sh\n   echo $dir\n   ```\n");
  };
  CHECK(variables(second("export dir=/srv")) == "");
  CHECK(has(variables(second("dir=/srv")), "the script in 'do-it' sets it for itself only: write export dir=… there"));
  CHECK(variables(second("source ./settings")) == "");
  const char* later =
      "# T\n\n## Steps\n1. A\n   ```sh\n   echo $out\n   ```\n2. B\n   ```sh {capture=out}\n   ls\n   ```\n";
  CHECK(has(variables(later), "step 'b' captures it, but only later"));
  CHECK(has(
      variables(
          "# T\n\n## Inputs\n- `version` (string): V\n\n## Steps\n1. A\n   ```sh\n   echo $verison $version\n   ```\n"),
      "did you mean 'version'?"));
}

TEST_CASE("lint: an input that nothing uses is found") {
  const std::string inputs =
      "# T\n\n## Inputs\n- `a` (string): A\n- `b` (string): B\n\n## Steps\n1. Show {{ a }}\n   ```sh\n   ";
  CHECK(
      found(linted(inputs + "ls\n   ```\n"), "unused-input") ==
      "docs/book.md:5:1: warning: nothing uses the input 'b'; in a script write \"$b\"; or remove it [unused-input]\n");
  CHECK(count(linted(inputs + "echo \"$b\"\n   ```\n"), "unused-input") == 0);
  CHECK(count(linted(inputs + "printenv b\n   ```\n"), "unused-input") == 0);
  CHECK(count(linted(inputs + "ls\n   ```\n   Expected:\n   ```\n   {{ b }}\n   ```\n"), "unused-input") == 0);
}

TEST_CASE("lint: numbers that differ from what a reader sees are found where they matter") {
  const std::string lazy = "# T\n\n## Steps\n1. A\n1. B\n1. C\n";
  CHECK(count(linted(lazy), "lazy-numbering") == 0);
  CHECK(
      has(found(linted(lazy + "\n## Rollback\n1. Undo step 2\n   ```sh\n   a\n   ```\n"), "lazy-numbering"),
          "docs/book.md:5:1: warning: the number 1 that is written here is shown as 2, and so 'Undo step 2' means it"));
  CHECK(has(found(linted("# T\n\n## Steps\n1. A\n2. B\n4. C\n"), "lazy-numbering"),
            "docs/book.md:6:1: warning: the number 4"));
  CHECK(count(linted("# T\n\n## Steps\n3. A\n4. B\n5. C\n"), "lazy-numbering") == 0);
}

TEST_CASE("lint: a step that something refers to has no id") {
  const std::string book =
      "# T\n\n## Steps\n1. Link it\n   ```sh\n   a\n   ```\n2. Rest\n   ```sh\n   b\n   ```\n\n## Rollback\n";
  CHECK(has(found(linted(book + "1. Undo step 1\n   ```sh\n   c\n   ```\n"), "missing-id"),
            "docs/book.md:4:4: note: step 'link-it': line 14 refers to this step by its number"));
  CHECK(count(linted(book + "1. Take it back {undo=link-it}\n   ```sh\n   c\n   ```\n"), "missing-id") == 1);
  CHECK(count(linted(book + "1. Clean up\n   ```sh\n   c\n   ```\n"), "missing-id") == 0);
  const char* stated = "# T\n\n## Steps\n1. Link it {#link}\n   ```sh\n   a\n   ```\n\n## Rollback\n1. Undo step 1\n   "
                       "```sh\n   c\n   ```\n";
  CHECK(count(linted(stated), "missing-id") == 0);
}

TEST_CASE("lint: a label without its colon is found") {
  CHECK(has(found(linted(step_that_runs("make a", "\n   **Rollback**\n\n   ```sh\n   make b\n   ```\n")),
                  "label-without-colon"),
            "docs/book.md:10:4: warning: 'Rollback' is no label without a colon"));
  CHECK(count(linted("# T\n\n## Steps\n1. Verify\n   ```sh\n   ls\n   ```\n"), "label-without-colon") == 0);
  CHECK(count(linted(step_that_runs("make a", "\n   Rollback\n\n   is not needed.\n")), "label-without-colon") == 0);
}

TEST_CASE("lint: what is no runbook is told from one that has gone wrong") {
  CHECK_FALSE(linted("# About us\n\nWords.\n\n```yaml\na: b\n```\n").is_runbook);
  CHECK(linted("# Look around\n\n```sh\nls\n```\n").is_runbook);
  CHECK_FALSE(linted("# Alert\n\n## Mitigation\n\nCall somebody.\n").is_runbook);
  CHECK(linted("# Alert\n\n## Mitigation\n\n```sh\nls\n```\n").is_runbook);
  CHECK(linted("# T\n\n## Steps\n1. A\n").is_runbook);
  CHECK(linted("# \xFF").is_runbook);
}

TEST_CASE("lint: planning's findings are there once") {
  const LintReport report = linted("# T\n\n## Steps\n1. Show {{ nme }}\n");
  CHECK(count(report, "unknown-name") == 1);
  CHECK_FALSE(report.ok());
  CHECK(count(linted("# T\n\n## Inputs\n- `a` (string, required): A\n\n## Steps\n1. Show {{ a }}\n"),
              "missing-input") == 0);
}

TEST_CASE("lint: the JSON form is linted too") {
  const char* text = R"({"title": "T", "steps": [{"id": "a", "title": "A",
    "actions": [{"handler": "shell", "params": {"script": "rm -r $x", "shell": "sh"}}]}]})";
  const LintReport report = lint(text, builtin_handlers(), {"book.json", nullptr});
  CHECK(count(report, "destructive-without-undo") == 1);
  CHECK(count(report, "undeclared-variable") == 1);
  CHECK(report.fixes.empty());
}

TEST_CASE("lint: every finding has a code of the catalogue") {
  for (const char* text :
       {"", "\xFF", "# T",
        "# T\n\n## Steps\n1. A {#x y=1}\n   ```sh {x=1}\n   <a>\n   ```\n   Rolback:\n   ```sh\n   b\n   ```\n",
        "---\na: b\n---\n# T\n\n## Steps\n1. A\n   ```console\n   x\n   ```\n   ```http\n   NO\n   ```\n"}) {
    for (const Diagnostic& d : linted(text).diagnostics) CHECK_MESSAGE(find_lint_rule(d.code) != nullptr, d.code);
  }
  CHECK(find_lint_rule("no-such-code") == nullptr);
  CHECK(find_lint_rule("placeholder")->severity == Severity::error);
}
