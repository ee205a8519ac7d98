"""`runs` and `report`: what a store tells about its runs."""

import json
import re

import pytest

import books
from command import runbook


@pytest.fixture
def store(document, tmp_path):
    """A store with three runs; returns their ids, oldest first."""
    ids = []
    for book, code in ((books.SUCCEEDS, 0), (books.PARTLY_ROLLS_BACK, 11), (books.ROLLS_BACK, 10)):
        end = runbook("run", document(book), "--store", "runs.db", "--actor", "ann", cwd=tmp_path)
        assert end.returncode == code, end.stderr
        ids.append(re.search(r"Report: runbook report (\S+) --store runs.db", end.stdout)[1])
    return ids


def test_runs_are_listed_newest_first(store, tmp_path):
    end = runbook("runs", "--store", "runs.db", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    lines = end.stdout.splitlines()
    assert lines[0].split() == ["RUN", "STATUS", "STARTED", "ACTOR", "TITLE"]
    assert [line.split()[0] for line in lines[1:]] == store[::-1]
    assert "It fails late" in lines[1] and " ann " in lines[1]


def test_runs_as_json_are_one_per_line(store, tmp_path):
    end = runbook("runs", "--json", cwd=tmp_path, env={"RUNBOOK_STORE": "runs.db"})
    assert end.returncode == 0, end.stderr
    runs = [json.loads(line) for line in end.stdout.splitlines()]
    assert [run["run"] for run in runs] == store[::-1]
    assert [run["status"] for run in runs] == ["rolled_back", "partially_rolled_back", "succeeded"]
    for run in runs:
        assert set(run) == {"run", "title", "status", "standing", "in_doubt", "started", "actor"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", run["started"])


def test_report_latest_in_every_format(store, tmp_path):
    markdown = runbook("report", "latest", "--store", "runs.db", cwd=tmp_path)
    assert markdown.returncode == 0, markdown.stderr
    assert markdown.stdout.startswith("# ") and "It fails late" in markdown.stdout
    assert "no such thing" in markdown.stdout  # the output that was kept
    assert runbook("report", "latest", "--store", "runs.db", "--format", "md", cwd=tmp_path).stdout == markdown.stdout
    text = runbook("report", "latest", "--store", "runs.db", "--format", "text", cwd=tmp_path)
    assert text.returncode == 0 and "It fails late" in text.stdout
    as_json = runbook("report", "latest", "--store", "runs.db", "--format", "json", cwd=tmp_path)
    report = json.loads(as_json.stdout)
    assert store[2] in as_json.stdout and "rolled_back" in as_json.stdout
    assert isinstance(report, dict)


def test_report_of_a_run_by_the_beginning_of_its_id(store, tmp_path):
    wanted = store[1]
    others = [run for run in store if run != wanted]
    length = next(n for n in range(1, len(wanted) + 1) if not any(o.startswith(wanted[:n]) for o in others))
    end = runbook("report", wanted[:length], "--store", "runs.db", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert "The undo fails" in end.stdout


def test_a_beginning_of_several_ids_is_refused_with_their_names(store, tmp_path):
    shared = 0
    while len({run[:shared + 1] for run in store}) == 1:
        shared += 1
    if shared == 0:
        pytest.skip("the ids have no common beginning")
    end = runbook("report", store[0][:shared], "--store", "runs.db", cwd=tmp_path)
    assert end.returncode == 2
    for run in store:
        assert run in end.stderr


@pytest.mark.parametrize("args", [["runs"], ["report", "latest"]])
def test_without_a_store_it_says_what_to_do(tmp_path, args):
    end = runbook(*args, cwd=tmp_path)
    assert end.returncode == 2
    assert "--store" in end.stderr and "RUNBOOK_STORE" in end.stderr


@pytest.mark.parametrize("args", [["runs"], ["report", "latest"]])
def test_a_store_that_is_not_there_is_not_made(tmp_path, args):
    end = runbook(*args, "--store", "absent.db", cwd=tmp_path)
    assert end.returncode == 2 and "absent.db" in end.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_not_there_is_2(store, tmp_path):
    end = runbook("report", "nosuchrun", "--store", "runs.db", cwd=tmp_path)
    assert end.returncode == 2 and "nosuchrun" in end.stderr


def test_a_parked_run_is_listed_as_parked(document, tmp_path):
    assert runbook("run", document(books.MANUAL), "--store", "runs.db", cwd=tmp_path).returncode == 14
    end = runbook("runs", "--store", "runs.db", "--json", cwd=tmp_path)
    assert json.loads(end.stdout)["status"] == "parked"
    assert runbook("report", "latest", "--store", "runs.db", cwd=tmp_path).returncode == 0


def test_a_store_at_the_limit_of_a_files_size_parks_the_run(document, tmp_path):
    import resource
    import subprocess

    from command import BINARY, environment

    steps = "".join(f"{n}. Print {n}\n   ```sh\n   head -c 200000 /dev/urandom\n   ```\n" for n in range(1, 4))
    end = subprocess.run(
        [BINARY, "run", document(f"# Much\n\n## Steps\n{steps}"), "--store", "runs.db"], cwd=tmp_path,
        env=environment(), capture_output=True, timeout=20,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300000, 300000)))
    assert end.returncode == 14, end.stderr
    assert b"the run stands where its journal ends" in end.stderr
