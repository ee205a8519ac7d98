"""What is refused before anything runs: with its place, on standard error, and exit code 2."""

import json
import os

import pytest

import books
from command import runbook

INPUTS = """
# Inputs

## Inputs
- `version` (string, required): A version. Pattern: `^[0-9]+$`

## Steps
1. Use it
   ```sh
   touch "ran-$version"
   ```
"""

TWICE = """
# Twice

## Steps
1. One {#same}
   ```sh
   touch ran-1
   ```
2. Two {#same}
   ```sh
   touch ran-2
   ```
"""

UNKNOWN_HANDLER = '{"title": "Unknown", "steps": [{"id": "a", "title": "A", "actions": [{"handler": "teleport"}]}]}'


def refused(end, *parts):
    assert end.returncode == 2, end.stdout + end.stderr
    assert end.stdout == ""
    assert "error: " in end.stderr
    for part in parts:
        assert part in end.stderr, end.stderr


@pytest.mark.parametrize("command", ["run", "plan"])
@pytest.mark.parametrize("name, text, args, parts", [
    ("absent.md", None, [], ["absent.md: ", "No such file"]),
    ("latin.md", b"# Caf\xe9\n\n## Steps\n1. A\n", [], ["latin.md:1:6: error: ", "UTF-8"]),
    ("empty.md", b"", [], ["empty.md"]),
    ("twice.md", TWICE, [], ["twice.md:8:", "same"]),
    ("inputs.md", INPUTS, [], ["inputs.md:4:", "'version'"]),
    ("inputs.md", INPUTS, ["-i", "version=x"], ["inputs.md:4:", "'version'"]),
    ("inputs.md", INPUTS, ["-i", "version=1", "-i", "verison=2"], ["inputs.md", "'verison'", "'version'"]),
    ("handler.json", UNKNOWN_HANDLER, [], ["handler.json", "step 'a'", "'teleport'"]),
    ("broken.json", '{"title": ', [], ["broken.json:1:"]),
])
def test_a_bad_document_is_refused_with_its_place(tmp_path, command, name, text, args, parts):
    if text is not None:
        (tmp_path / name).write_bytes(text.lstrip().encode() if isinstance(text, str) else text)
    refused(runbook(command, name, *args, cwd=tmp_path), *parts)
    assert list(tmp_path.glob("ran*")) == []


def test_a_directory_is_no_document(tmp_path):
    refused(runbook("run", ".", cwd=tmp_path), ".: ")


def test_a_bad_document_makes_no_store(document, tmp_path):
    refused(runbook("run", document(TWICE), "--store", "runs.db", cwd=tmp_path))
    assert not (tmp_path / "runs.db").exists()


def test_a_store_that_cannot_be_opened_refuses_the_run(document, tmp_path):
    (tmp_path / "runs.db").write_text("this is no store\n" * 100)
    end = runbook("run", document(books.SUCCEEDS), "--store", "runs.db", cwd=tmp_path)
    assert end.returncode == 2 and "runs.db" in end.stderr
    assert not (tmp_path / "first").exists()


def test_a_directory_that_is_not_there_refuses_the_run(document, tmp_path):
    end = runbook("run", document(books.SUCCEEDS), "--directory", "nowhere", cwd=tmp_path)
    assert end.returncode == 2 and "--directory nowhere: No such file" in end.stderr


@pytest.mark.parametrize("args, message", [
    ([], "subcommand"),
    (["fly"], "fly"),
    (["run"], "FILE"),
    (["run", "book.md", "--sotre", "x"], "--sotre"),
    (["run", "book.md", "-i", "novalue"], "name=value"),
    (["run", "book.md", "-i", "=value"], "name=value"),
    (["run", "book.md", "-i", "a=1", "-i", "a=2"], "given twice"),
    (["run", "book.md", "--rollback", "sometimes"], "sometimes"),
    (["run", "book.md", "--on-rollback-failure", "cry"], "cry"),
    (["run", "book.md", "another.md"], "another.md"),
    (["report", "latest", "--store", "x", "--format", "pdf"], "pdf"),
    (["lint"], "PATH"),
    (["runs", "--store"], "--store"),
])
def test_bad_usage_is_2_and_says_where_help_is(document, tmp_path, args, message):
    document(books.SUCCEEDS)
    end = runbook(*args, cwd=tmp_path)
    assert end.returncode == 2
    assert end.stdout == ""
    assert message in end.stderr and "--help" in end.stderr
    assert not (tmp_path / "first").exists()


def test_warnings_of_a_document_go_to_standard_error(tmp_path, document):
    book = document(books.SUCCEEDS + """
       ```ruby
       puts 1
       ```
    """)
    end = runbook("plan", book, cwd=tmp_path)
    assert end.returncode == 0
    assert "warning: " in end.stderr and "warning: " not in end.stdout


def test_lint_prints_every_finding_and_a_summary(tmp_path):
    (tmp_path / "twice.md").write_text(TWICE.lstrip() + "3. Three\n   ```sh {tiemout=3s}\n   true\n   ```\n")
    end = runbook("lint", "twice.md", cwd=tmp_path)
    assert end.returncode == 2
    lines = end.stdout.splitlines()
    assert any(line.startswith("twice.md:8:") and "error: " in line for line in lines)
    assert any("tiemout" in line for line in lines)
    assert lines[-1].startswith("twice.md: 2 errors, ")


def test_lint_tells_what_planning_finds_beside_errors_of_the_text(tmp_path):
    (tmp_path / "book.md").write_text("# T\n\n## Steps\n1. Look at {{ zz }}\n   ```sh\n   cat <pod-name>\n   ```\n")
    end = runbook("lint", "book.md", "--format", "json", cwd=tmp_path)
    codes = [json.loads(line)["code"] for line in end.stdout.splitlines()]
    assert "placeholder" in codes and "unknown-name" in codes, codes


def test_lint_as_json_is_valid_whatever_the_file_is_called(tmp_path):
    name = os.fsdecode(b"\xff.md")
    (tmp_path / name).write_bytes(b"")
    end = runbook("lint", name, "--format", "json", cwd=tmp_path)
    assert end.returncode == 2
    for line in end.stdout.splitlines():
        json.loads(line.encode("utf-8", "strict"))


def test_lint_of_a_good_document_is_0(document, tmp_path):
    end = runbook("lint", document(books.SUCCEEDS), cwd=tmp_path)
    assert end.returncode == 0, end.stdout
    assert end.stdout.splitlines()[-1].startswith("book.md: 0 errors, ")


def test_lint_does_not_ask_for_inputs_but_knows_the_handlers(tmp_path):
    (tmp_path / "inputs.md").write_text(INPUTS.lstrip())
    assert runbook("lint", "inputs.md", cwd=tmp_path).returncode == 0
    (tmp_path / "handler.json").write_text(UNKNOWN_HANDLER)
    end = runbook("lint", "handler.json", cwd=tmp_path)
    assert end.returncode == 2 and "teleport" in end.stdout


def test_lint_as_json_is_one_finding_per_line(tmp_path):
    (tmp_path / "twice.md").write_text(TWICE.lstrip())
    end = runbook("lint", "twice.md", "--format", "json", cwd=tmp_path)
    assert end.returncode == 2
    findings = [json.loads(line) for line in end.stdout.splitlines()]
    assert [(f["severity"], f["code"], f["line"]) for f in findings if f["severity"] == "error"] == [
        ("error", "duplicate-id", 8)]


def test_lint_of_a_file_that_is_not_there_is_2(tmp_path):
    refused(runbook("lint", "absent.md", cwd=tmp_path), "absent.md: ")


def test_show_is_an_overview(document, tmp_path):
    end = runbook("show", document(books.MANUAL), cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    for part in ("With a person", "1. Make a file  {#make-a-file}", "undo: shell", "2. Tell the channel", "confirm"):
        assert part in end.stdout, end.stdout


def test_show_names_when_and_where_a_step_is_done(document, tmp_path):
    name = document("""
        # Attributes
        ## Steps
        ### One {when="inputs.env == 'x'" foreach="['a', 'b']" as=host parallel=2 isolated on_doubt=retry}
        ```bash {cwd="releases/{{ v }}" user=deploy env="A=1 B='two words'" until="true" retries=2}
        true
        ```
        ### Two {needs=one}
        ```sh
        true
        ```
        """)
    end = runbook("show", name, cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert """when="inputs.env == 'x'"  foreach="['a', 'b']" as=host parallel=2  isolated  on_doubt=retry""" in end.stdout
    assert 'cwd=releases/{{ v }}  user=deploy  env={"A":"1","B":"two words"}' in end.stdout
    assert 'until="true"' in end.stdout
    assert 'needs="one"' in end.stdout


NESTED = """
# Nested

## Steps
1. Outer
   1. Inner
      ```sh
      touch inner
      ```
      Probe:
      ```sh
      test -e inner
      ```
   2. By hand
2. [Another](another.md)

## State
- Files
  ```sh
  ls
  ```
"""


def test_show_has_steps_inside_of_steps_probes_and_the_state(document, tmp_path):
    result = runbook("show", document(NESTED), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "  1. Outer  {#outer}\n     1.1. Inner  {#inner}\n" in result.stdout
    assert "          probe: shell  pure\n            test -e inner\n" in result.stdout
    assert "     1.2. By hand  {#by-hand}\n" in result.stdout
    assert "       runbook\n         another.md\n" in result.stdout
    assert "State" in result.stdout and "Files" in result.stdout


def test_a_step_that_is_a_runbook_that_is_not_there_is_refused_before_anything_runs(document, tmp_path):
    refused(runbook("run", document(NESTED), cwd=tmp_path), "step 'another'", "another.md: cannot be read")


def test_show_as_json_can_be_run(document, tmp_path):
    end = runbook("show", document(books.SUCCEEDS), "--json", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert json.loads(end.stdout)["title"] == "Two files"
    (tmp_path / "book.json").write_text(end.stdout)
    assert runbook("run", "book.json", cwd=tmp_path).returncode == 0
    assert (tmp_path / "second").exists()


def test_plan_runs_nothing(document, tmp_path):
    end = runbook("plan", document(books.SUCCEEDS), cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert "First file" in end.stdout
    as_json = runbook("plan", "book.md", "--json", cwd=tmp_path)
    assert len(json.loads(as_json.stdout)["steps"]) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["book.md"]


def test_output_that_cannot_be_written_is_no_success(document, tmp_path):
    import subprocess

    from command import BINARY, environment

    with open("/dev/full", "w") as full:
        for command in (["show"], ["run"], ["run", "--json"]):
            end = subprocess.run([BINARY, *command, document(books.SUCCEEDS)], cwd=tmp_path, env=environment(),
                                 stdout=full, timeout=20)
            assert end.returncode == 1, command
