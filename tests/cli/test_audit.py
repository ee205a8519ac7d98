"""`verify` and `export`: whether a run is as it was recorded."""

import json
import pathlib
import re
import sqlite3
import subprocess
import sys

import pytest

import books
from command import runbook


@pytest.fixture
def run(document, tmp_path):
    """A store with one run; returns its id."""
    end = runbook("run", document(books.ROLLS_BACK), "--store", "runs.db", "--actor", "ann", cwd=tmp_path)
    assert end.returncode == 10, end.stderr
    return re.search(r"Report: runbook report (\S+) --store runs.db", end.stdout)[1]


def verify(tmp_path, *args):
    return runbook("verify", *args, "--store", "runs.db", cwd=tmp_path)


def head_of(end):
    return re.search(r"^head  ([0-9a-f]{64})$", end.stdout, re.MULTILINE)[1]


def change(tmp_path, sql):
    with sqlite3.connect(tmp_path / "runs.db") as connection:
        connection.execute(sql)
    connection.close()


def test_a_run_as_it_was_recorded_is_0_and_the_head_is_printed(run, tmp_path):
    end = verify(tmp_path, "latest")
    assert end.returncode == 0, end.stderr
    assert re.match(rf"{run}  as it was recorded: \d+ events, \d+ outputs?\n", end.stdout)
    assert verify(tmp_path, run, "--head", head_of(end)).returncode == 0
    assert verify(tmp_path, run[:-1]).stdout == end.stdout


def test_findings_are_named_and_1(run, tmp_path):
    change(tmp_path, "UPDATE events SET time = time + 1 WHERE seq = 3")
    change(tmp_path, "UPDATE outputs SET bytes = x'00' WHERE event = (SELECT min(event) FROM outputs)")
    end = verify(tmp_path, "latest")
    assert end.returncode == 1
    assert "event 3 was changed\n" in end.stdout
    assert re.search(r"^the output of event \d+ was changed$", end.stdout, re.MULTILINE)
    assert end.stdout.endswith(f"{run}  2 findings\n")
    assert "head" not in end.stdout


def test_a_head_that_was_kept_finds_a_journal_that_was_cut(run, tmp_path):
    head = head_of(verify(tmp_path, "latest"))
    change(tmp_path, "DELETE FROM events WHERE seq > 5")
    change(tmp_path, "UPDATE runs SET status = 'running', last_event = NULL")
    assert verify(tmp_path, "latest").returncode == 0
    end = verify(tmp_path, "latest", "--head", head)
    assert end.returncode == 1
    assert "the head that was kept is not in the journal" in end.stdout


@pytest.mark.parametrize("args, words", [
    (["latest", "--head", "123"], "is no head of a run"),
    ([], "give either a run, or a file with --file"),
    (["latest", "--file", "x"], "give either a run, or a file with --file"),
    (["nosuchrun"], "nosuchrun"),
    (["--file", "absent.jsonl"], "absent.jsonl: No such file"),
])
def test_what_cannot_be_checked_is_2(run, tmp_path, args, words):
    end = verify(tmp_path, *args)
    assert end.returncode == 2
    assert words in end.stderr


def test_an_export_is_checked_without_the_store(run, tmp_path):
    head = head_of(verify(tmp_path, "latest"))
    assert runbook("export", "latest", "--store", "runs.db", "-o", "run.jsonl", cwd=tmp_path).returncode == 0
    printed = runbook("export", run, cwd=tmp_path, env={"RUNBOOK_STORE": "runs.db"})
    assert printed.returncode == 0
    assert printed.stdout == (tmp_path / "run.jsonl").read_text()
    (tmp_path / "runs.db").unlink()
    end = runbook("verify", "--file", "run.jsonl", "--head", head, cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert head_of(end) == head
    with open(tmp_path / "run.jsonl") as file:
        assert runbook("verify", "--file", "-", cwd=tmp_path, stdin=file).returncode == 0

    text = (tmp_path / "run.jsonl").read_text()
    (tmp_path / "run.jsonl").write_text(text.replace('\\"by\\"', "x").replace("ann", "bob"))
    end = runbook("verify", "--file", "run.jsonl", cwd=tmp_path)
    assert end.returncode == 1 and "event 1 was changed" in end.stdout
    (tmp_path / "run.jsonl").write_text("hello\n")
    end = runbook("verify", "--file", "run.jsonl", cwd=tmp_path)
    assert end.returncode == 2 and "run.jsonl: no export of a run: line 1" in end.stderr


def test_an_export_that_cannot_be_written_is_1(run, tmp_path):
    end = runbook("export", "latest", "--store", "runs.db", "-o", "/dev/full", cwd=tmp_path)
    assert end.returncode == 1 and "/dev/full cannot be written" in end.stderr
    end = runbook("export", "latest", "--store", "runs.db", "-o", "no/such/folder", cwd=tmp_path)
    assert end.returncode == 1 and "No such file or directory" in end.stderr
    assert runbook("export", "nosuchrun", "--store", "runs.db", cwd=tmp_path).returncode == 2


def test_the_program_in_the_documentation_checks_an_export(run, tmp_path):
    """It knows nothing of the library."""
    page = (pathlib.Path(__file__).parents[2] / "docs" / "journal.md").read_text()
    [program] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    text = runbook("export", "latest", "--store", "runs.db", cwd=tmp_path).stdout
    assert '"output":' in text

    def check(lines):
        return subprocess.run([sys.executable, "-c", program], input=lines, text=True, capture_output=True, timeout=20)

    assert check(text).returncode == 0, check(text).stderr
    changed = check(text.replace("no such thing", "x").replace("rolled_back", "succeeded"))
    assert changed.returncode != 0 and re.search(r"event \d+ was changed", changed.stderr)
    assert check("\n".join(text.splitlines()[:-2] + text.splitlines()[-1:])).returncode != 0
