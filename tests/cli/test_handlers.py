"""`runbook handlers`: what steps can do, and the handlers themselves from the command line."""

import json

from command import runbook

WRITES = """
    # Set it up

    ## Inputs
    - `port` (integer, required): Where it listens

    ## Steps
    1. Look at the port
       ```assert {message="No port for it"}
       port > 1024
       ```
    2. Say where it is
       ```set {capture=url}
       'http://localhost:' + string(port)
       ```
    3. Write it down
       ```file {path=app.conf mode=0640}
       url = {{ url }}
       ```
    4. Let it settle
       ```wait
       10ms
       ```
    5. Look
       ```sh
       grep -q "^url = $url$" app.conf
       ```
"""


NAMES = ["assert", "confirm", "file", "http", "runbook", "set", "shell", "wait"]


def test_every_handler_says_what_it_is(tmp_path):
    end = runbook("handlers", "--json", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    handlers = {handler["name"]: handler for handler in map(json.loads, end.stdout.splitlines())}
    assert list(handlers) == NAMES
    for handler in handlers.values():
        assert handler["description"] and handler["dry_run"] and handler["params"], handler
        assert handler["effect"] in ("pure", "idempotent", "mutating")
    assert handlers["file"]["effect"] == "idempotent" and handlers["file"]["languages"] == ["file"]
    path = handlers["file"]["params"][0]
    assert (path["name"], path["required"], path["expand"]) == ("path", True, True)
    assert [p["expand"] for p in handlers["set"]["params"]] == [False, True]
    assert handlers["confirm"]["asks"] and handlers["shell"]["captures"] == "output"


def test_the_list_for_people_names_each_with_its_parameters(tmp_path):
    end = runbook("handlers", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    blocks = end.stdout.split("\n\n")
    assert [block.split("  ")[0] for block in blocks] == NAMES
    wait = blocks[-1].splitlines()
    assert wait[0] == "wait  [pure]  Lets time pass."
    assert wait[1].startswith("  duration  ") and wait[1].endswith("(required)")
    assert "  block:    ```wait" in wait
    assert any(line.startswith("  dry run:  ") for line in wait)


def test_the_handlers_work_from_a_document(document, tmp_path):
    name = document(WRITES)
    end = runbook("run", name, "-i", "port=8080", cwd=tmp_path)
    assert end.returncode == 0, end.stderr + end.stdout
    assert (tmp_path / "app.conf").read_text() == "url = http://localhost:8080\n"
    assert (tmp_path / "app.conf").stat().st_mode & 0o7777 == 0o640
    low = runbook("run", name, "-i", "port=80", cwd=tmp_path)
    assert low.returncode == 12
    assert "No port for it: 'port > 1024' is false (port is 80)" in low.stdout + low.stderr


def test_a_file_comes_back_when_the_run_is_rolled_back(document, tmp_path):
    (tmp_path / "app.conf").write_text("before\n")
    name = document(WRITES.replace("grep -q", "false; grep -q"))
    end = runbook("run", name, "-i", "port=8080", cwd=tmp_path)
    assert end.returncode in (10, 11), end.stderr + end.stdout
    assert (tmp_path / "app.conf").read_text() == "before\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["app.conf", "book.md"]


def test_a_plan_shows_them_and_does_nothing(document, tmp_path):
    end = runbook("plan", document(WRITES), "-i", "port=8080", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    for text in ('conditions: "port > 1024"', "path: \"app.conf\"", "undo: file", "unverifiable: depends on 'url'",
                 'duration: "10ms"'):
        assert text in end.stdout, end.stdout
    assert not (tmp_path / "app.conf").exists()
