"""Conditions, loops, graphs and choosing steps, through the command."""

import json
import re

import pytest

from command import runbook

LOOP = """# Rolling restart

**Risk Level**: Low

## Inputs
- `bad` (string, default `none`): The node that does not come back

## Steps
1. List {#list}
   ```sh pure
   printf 'web-1\\nweb-2\\n'
   ```
2. Restart {{ node }} {#restart foreach="steps.list.stdout" as=node parallel=2}
   ```sh capture=answer
   echo "restarted $node" >> "log-$node"; [ "$node" != "$bad" ]
   ```
   Rollback:
   ```sh
   echo "undone $node" >> "log-$node"
   ```
3. Only in staging {#staging when="inputs.bad == 'staging'"}
   ```sh
   touch staging
   ```
   Rollback:
   ```sh
   rm staging
   ```
4. Tell {#tell}
   ```sh pure
   echo "$answer"
   ```
"""


def results(end):
    return {line.split("  ")[1]: line.split("  ")[2] for line in end.stdout.splitlines() if line.startswith("step  ")}


def test_a_loop_and_a_condition(document, tmp_path):
    end = runbook("run", document(LOOP), cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert results(end) == {"list": "ok", "restart[1]": "ok", "restart[2]": "ok", "staging": "skipped", "tell": "ok"}
    assert "step  staging  skipped  not true: inputs.bad == 'staging'" in end.stdout
    assert (tmp_path / "log-web-2").read_text() == "restarted web-2\n"


def test_what_failed_for_one_element_is_undone_for_all(document, tmp_path):
    end = runbook("run", document(LOOP), "-i", "bad=web-2", cwd=tmp_path)
    assert end.returncode == 10, end.stdout + end.stderr
    assert "step 'restart[2]' failed: exit code 1" in end.stdout
    assert (tmp_path / "log-web-1").read_text() == "restarted web-1\nundone web-1\n"
    assert (tmp_path / "log-web-2").read_text() == "restarted web-2\nundone web-2\n"


def test_a_report_names_the_elements(document, tmp_path):
    run = runbook("run", document(LOOP), "--store", "runs.db", cwd=tmp_path)
    number = re.search(r"report (\S+) --store", run.stdout).group(1)
    report = json.loads(runbook("report", number, "--store", "runs.db", "--format", "json", cwd=tmp_path).stdout)
    elements = [(step["id"], step["title"], step["element"]) for step in report["steps"] if step["iteration"]]
    assert elements == [("restart[1]", "Restart web-1", "web-1"), ("restart[2]", "Restart web-2", "web-2")]
    assert report["steps"][3]["result"] == "skipped: not true: inputs.bad == 'staging'"


def test_the_dry_run_says_what_depends_on_what(document, tmp_path):
    shown = runbook("plan", document(LOOP), cwd=tmp_path).stdout
    assert "for each 'node' of: steps.list.stdout, 2 at once" in shown
    assert "only if: inputs.bad == 'staging' (false: it is skipped)" in shown


@pytest.mark.parametrize(
    "options, done",
    [
        (["--from", "staging", "--skip", "tell"], {"list": "skipped", "restart": "skipped", "staging": "skipped", "tell": "skipped"}),
        (["--only", "list"], {"list": "ok", "restart": "skipped", "staging": "skipped", "tell": "skipped"}),
        (["--skip", "tell", "--skip", "staging"], {"list": "ok", "restart[1]": "ok", "restart[2]": "ok", "staging": "skipped", "tell": "skipped"}),
    ],
)
def test_choosing_steps(document, tmp_path, options, done):
    end = runbook("run", document(LOOP), *options, cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert results(end) == done


def test_a_choice_that_leaves_out_what_is_needed_is_refused(document, tmp_path):
    end = runbook("run", document(LOOP), "--from", "tell", cwd=tmp_path)
    assert end.returncode == 2
    assert "step 'tell' needs 'answer' from step 'restart', which is left out" in end.stderr
    assert runbook("plan", document(LOOP), "--from", "tel", cwd=tmp_path).stderr.endswith("did you mean 'tell'?\n")


def test_steps_that_do_not_need_each_other(document, tmp_path):
    book = """# T
## Steps
1. A {#a}
   ```sh
   mkfifo pipe
   ```
   Rollback:
   ```sh
   rm pipe
   ```
2. B waits for C {#b needs=a}
   ```sh pure
   read -r x < pipe
   ```
3. C waits for B {#c needs=a}
   ```sh pure
   echo x > pipe
   ```
"""
    assert runbook("run", document(book), cwd=tmp_path).returncode == 0
    (tmp_path / "pipe").unlink()
    end = runbook("run", document(book), "--parallel", "1", "--timeout", "500ms", cwd=tmp_path)
    assert end.returncode == 10
    assert "not done after 500 ms" in end.stdout
    assert not (tmp_path / "pipe").exists()


@pytest.mark.parametrize("options", [["--parallel", "0"], ["--parallel", "x"], ["--timeout", "5"], ["--timeout", "-1s"], ["--timeout", "5d"]])
def test_options_that_make_no_sense_are_refused(document, tmp_path, options):
    assert runbook("run", document(LOOP), *options, cwd=tmp_path).returncode == 2


CONTINUED = """# T
## Inputs
- `who` (string, default `me`): W
## Steps
1. A {#a}
   ```sh capture=x
   echo a >> log; export left=behind; echo "x of $who"
   ```
2. B {#b}
   ```sh
   [ -e fixed ]; echo "$x $left" >> log
   ```
"""


def test_a_run_goes_on_where_another_has_failed(document, tmp_path):
    path = document(CONTINUED)
    store = ["--store", "runs.db"]
    assert runbook("run", path, "-i", "who=ada", "--rollback", "never", *store, cwd=tmp_path).returncode == 12
    (tmp_path / "fixed").touch()
    end = runbook("run", path, "--continue", "latest", *store, cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert "step  a  skipped  done in run 2" in end.stdout
    assert (tmp_path / "log").read_text() == "a\nx of ada behind\n"
    report = runbook("report", "latest", *store, "--format", "text", cwd=tmp_path).stdout
    assert re.search(r"Goes on from +2", report)


def test_what_cannot_be_gone_on_from_is_refused(document, tmp_path):
    path = document(CONTINUED)
    store = ["--store", "runs.db"]
    runbook("run", path, "--rollback", "never", *store, cwd=tmp_path)
    other = runbook("run", path, "--continue", "latest", "-i", "who=eve", *store, cwd=tmp_path)
    assert other.returncode == 2 and "was of another plan" in other.stderr
    assert "needs the store" in runbook("run", path, "--continue", "latest", cwd=tmp_path).stderr
    assert "holds no run 'x'" in runbook("run", path, "--continue", "x", *store, cwd=tmp_path).stderr
    (tmp_path / "fixed").touch()
    assert runbook("run", path, *store, cwd=tmp_path).returncode == 0
    assert "nothing is left to do" in runbook("run", path, "--continue", "latest", *store, cwd=tmp_path).stderr
