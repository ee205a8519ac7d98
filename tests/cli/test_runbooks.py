"""Runbooks whose steps run other runbooks, through the command, on real files."""

import json
import os
import re
import textwrap

import pytest

from command import runbook, stored_files

UPGRADE = """
    # Upgrade a host

    **Risk Level**: Low
    **Required Access**: env:LOG

    ## Inputs
    - `host` (string, default `web-1`): Which one
    - `fails` (string, default `nothing`): The step that fails

    ## Steps
    1. Begin
       ```sh
       export SEEN=outer; echo begin >> "$LOG"; mkdir -p outer; cd outer
       ```
       Rollback:
       ```sh
       echo undo begin >> "$LOG"
       ```
    2. [Drain the node](parts/drain%20it.md)
       - `node`: `{{ host }}`
       - `seconds`: 5
       - `fails`: `{{ fails }}`
    3. End
       ```sh
       echo "end ${SEEN-none} in ${PWD##*/}, node ${node-unknown}, cordoned ${cordoned-unknown}" >> "$LOG"
       [ "$fails" != end ]
       ```
       Rollback:
       ```sh
       echo undo end >> "$LOG"
       ```

    ## Rollback
    1. Tell the channel
       ```sh
       echo outer rollback >> "$LOG"
       ```
"""

DRAIN = """
    # Drain a node

    **Risk Level**: High
    **Required Access**: env:LOG

    ## Inputs
    - `node` (string, required): Which one. Pattern: `web-\\d+`
    - `seconds` (integer, default `1`): For how long
    - `fails` (string, default `nothing`)

    ## Steps
    1. Cordon
       ```sh {capture=cordoned}
       echo "cordon $node ${SEEN-none} in ${PWD##*/}, host ${host-unknown}" >> "$LOG"; echo "$node"
       ```
       Rollback:
       ```sh
       echo "undo cordon $node" >> "$LOG"
       ```
    2. Evict
       ```sh
       export SEEN=inner; cd /; echo "evict $cordoned $((seconds + 1))" >> "$LOG"; [ "$fails" != evict ]
       ```

    ## Rollback
    1. Rebalance
       ```sh
       echo "rebalance $node ${SEEN-none}" >> "$LOG"
       ```

    ## Verification
    - It is empty
      ```sh
      echo "empty ${SEEN-none}" >> "$LOG"
      ```
"""


@pytest.fixture
def book(tmp_path):
    """Writes a document into the test's folder and returns its name."""

    def write(text, name="ops/book.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return name

    return write


@pytest.fixture
def upgrade(book):
    book(DRAIN, "ops/parts/drain it.md")
    return book(UPGRADE)


@pytest.fixture
def run(tmp_path):
    def start(*args, **options):
        options.setdefault("env", {})["LOG"] = str(tmp_path / "log")
        return runbook("run", *args, cwd=tmp_path, **options)

    return start


def log(tmp_path):
    return (tmp_path / "log").read_text().splitlines() if (tmp_path / "log").exists() else []


def results(end):
    return {line.split("  ")[1]: line.split("  ")[2] for line in end.stdout.splitlines() if line.startswith("step  ")}


FORWARD = [
    "begin", "cordon web-1 none in {folder}, host unknown", "evict web-1 6", "empty inner",
    "end outer in outer, node unknown, cordoned unknown",
]


def test_the_plan_shows_what_the_other_runbook_does(upgrade, tmp_path):
    shown = runbook("plan", upgrade, "-i", "host=web-7", cwd=tmp_path, env={"LOG": "log"})
    assert shown.returncode == 0, shown.stderr
    lines = [line.strip() for line in shown.stdout.splitlines()]
    ids = re.findall(r"\(([\w/-]+)\)  \[", shown.stdout)
    assert [i for i in ids if i.startswith("drain-the-node")] == [
        "drain-the-node", "drain-the-node/access-1", "drain-the-node/cordon", "drain-the-node/evict",
        "drain-the-node/it-is-empty", "drain-the-node/rebalance"]
    assert "run the runbook parts/drain it.md" in lines
    assert "| node: web-7" in lines and "| seconds: 5" in lines
    assert "risk      high" in lines  # the highest of all

    plan = json.loads(runbook("plan", upgrade, "--json", cwd=tmp_path, env={"LOG": "log"}).stdout)
    assert plan["risk_level"] == "high"
    inner = [step["id"] for step in plan["steps"] if step["id"].startswith("drain-the-node/")]
    assert inner[1:3] == ["drain-the-node/cordon", "drain-the-node/evict"]


def test_a_run_knows_each_name_in_its_own_runbook_alone(upgrade, tmp_path, run):
    end = run(upgrade)
    assert end.returncode == 0, end.stdout + end.stderr
    assert log(tmp_path) == [line.format(folder=tmp_path.name) for line in FORWARD]
    assert results(end)["drain-the-node/evict"] == "ok"


@pytest.mark.parametrize("failing, undone", [
    ("end", ["undo end", "undo cordon web-1", "rebalance web-1 inner", "undo begin", "outer rollback"]),
    ("evict", ["undo cordon web-1", "rebalance web-1 inner", "undo begin", "outer rollback"]),
])
def test_each_procedure_is_taken_back_in_one_piece(upgrade, tmp_path, run, failing, undone):
    end = run(upgrade, "-i", f"fails={failing}", "--store", "runs.db")
    assert end.returncode == 10, end.stdout + end.stderr
    begun = [line for line in log(tmp_path) if line not in undone]
    assert begun == [line.format(folder=tmp_path.name) for line in FORWARD[:len(begun)]]
    assert log(tmp_path)[len(begun):] == undone
    name = "end" if failing == "end" else "drain-the-node/evict"
    assert f"step '{name}' failed: exit code 1" in end.stdout

    report = json.loads(runbook("report", "latest", "--store", "runs.db", "--format", "json", cwd=tmp_path).stdout)
    steps = {step["id"]: step for step in report["steps"]}
    assert {"begin", "drain-the-node", "drain-the-node/cordon", "drain-the-node/evict"} <= set(steps)
    text = runbook("report", "latest", "--store", "runs.db", cwd=tmp_path).stdout
    assert "drain-the-node/cordon" in text


def test_what_is_wrong_is_said_where_it_stands_and_nothing_runs(upgrade, book, tmp_path, run):
    (tmp_path / "ops/parts/drain it.md").unlink()
    end = run(upgrade)
    assert end.returncode == 2
    assert re.search(r"ops/book\.md:\d+:\d+: error: step 'drain-the-node': the runbook that the step runs cannot be "
                     r"read: ops/parts/drain it\.md.*\[runbook-file\]", end.stderr)

    book(DRAIN.replace("## Rollback", "2. [Upgrade](../book.md)\n\n    ## Rollback"), "ops/parts/drain it.md")
    end = run(upgrade)
    assert end.returncode == 2
    assert "the runbook would run itself: ops/book.md → ops/parts/drain it.md → ops/book.md" in end.stderr

    book(DRAIN.replace("capture=cordoned", "captrue=cordoned"), "ops/parts/drain it.md")
    end = run(upgrade)
    assert end.returncode == 2 and end.stderr.startswith("ops/parts/drain it.md:")
    assert log(tmp_path) == []


@pytest.mark.parametrize("given, message", [
    ("- `seconds`: many", "input 'seconds' expects an integer"),
    ("- `seconds`: 5\n       - `nod`: web-1", "there is no input 'nod'"),
    ("- `seconds`: 5\n       - `seconds`: 6", "the input 'seconds' is given twice"),
    ("- `seconds`: 5\n       - other", "the item gives no input"),
    ("- `seconds`: `{{ nobody }}`", "'{{ nobody }}' names no input and no capture"),
])
def test_what_is_given_wrongly_is_found_before_the_run(upgrade, book, tmp_path, run, given, message):
    book(UPGRADE.replace("- `seconds`: 5", given))
    for end in (run("ops/book.md"), runbook("lint", "ops/book.md", cwd=tmp_path)):
        assert end.returncode == 2
        assert message in end.stdout + end.stderr and "ops/book.md:" in end.stdout + end.stderr
    assert log(tmp_path) == []


def test_a_wrong_host_is_the_step_s_fault(upgrade, tmp_path, run):
    end = run(upgrade, "-i", "host=db-1")
    assert end.returncode == 2
    assert "step 'drain-the-node': ops/parts/drain it.md: input 'node'" in end.stderr


FROM_A_CAPTURE = """
    # The value is known only when the run has begun

    **Required Access**: env:LOG

    ## Steps
    1. Count
       ```sh {capture=count}
       cat count
       ```
       Rollback:
       ```sh
       echo undo count >> "$LOG"
       ```
    2. [Drain](parts/drain%20it.md)
       - `node`: web-3
       - `seconds`: `{{ count }}`
"""


def test_a_captured_value_is_bound_when_it_is_there(book, tmp_path, run):
    book(DRAIN, "ops/parts/drain it.md")
    name = book(FROM_A_CAPTURE)
    (tmp_path / "count").write_text("41\n")
    end = run(name)
    assert end.returncode == 0, end.stdout + end.stderr
    assert "evict web-3 42" in log(tmp_path)

    (tmp_path / "log").unlink()
    (tmp_path / "count").write_text("several\n")
    end = run(name)
    assert end.returncode == 10, end.stdout + end.stderr
    assert "step 'drain' failed: input 'seconds' expects an integer" in end.stdout
    assert log(tmp_path) == ["undo count"]  # nothing of the other runbook has begun


LOOP = """
    # All hosts

    **Required Access**: env:LOG

    ## Steps
    1. List
       ```sh pure
       printf 'web-1\\nweb-2\\n'
       ```
    2. [Drain {{ node }}](parts/drain%20it.md) {#drain foreach="steps.list.stdout" as=node}
       - `node`: `{{ node }}`
    3. Look
       ```sh pure
       test ! -e broken
       ```
"""


def test_a_loop_runs_a_runbook_for_each_element(book, tmp_path, run):
    book(DRAIN, "ops/parts/drain it.md")
    name = book(LOOP)
    folder = tmp_path.name
    forward = [f"cordon web-1 none in {folder}, host unknown", "evict web-1 2", "empty inner",
               f"cordon web-2 none in {folder}, host unknown", "evict web-2 2", "empty inner"]
    end = run(name)
    assert end.returncode == 0, end.stdout + end.stderr
    assert log(tmp_path) == forward
    assert results(end)["drain/evict[2]"] == "ok"

    (tmp_path / "log").unlink()
    (tmp_path / "broken").touch()
    end = run(name, "--store", "runs.db")
    assert end.returncode == 10, end.stdout + end.stderr
    assert log(tmp_path) == forward + ["undo cordon web-2", "rebalance web-2 inner", "undo cordon web-1",
                                       "rebalance web-1 inner"]
    report = json.loads(runbook("report", "latest", "--store", "runs.db", "--format", "json", cwd=tmp_path).stdout)
    rebalanced = [(s["id"], s["element"], s["result"]) for s in report["steps"] if s["id"].startswith("drain/rebal")]
    assert rebalanced == [("drain/rebalance[1]", "web-1", "ok"), ("drain/rebalance[2]", "web-2", "ok")]


def test_a_condition_holds_for_all_of_it(upgrade, book, tmp_path, run):
    book(UPGRADE.replace("it.md)", "it.md) {when=\"inputs.host != 'web-1'\"}"))
    end = run("ops/book.md")
    assert end.returncode == 0, end.stdout + end.stderr
    assert log(tmp_path) == ["begin", FORWARD[-1]]
    assert results(end)["drain-the-node/cordon"] == "skipped"


def test_inner_steps_are_chosen_by_their_ids(upgrade, tmp_path, run):
    end = run(upgrade, "--from", "drain-the-node/evict")
    assert end.returncode == 2  # it needs what cordon captures
    assert "cordoned" in end.stderr and "drain-the-node/cordon" in end.stderr

    end = run(upgrade, "--from", "drain-the-node/cordon", "--skip", "end")
    assert end.returncode == 0, end.stdout + end.stderr
    assert [line.split()[0] for line in log(tmp_path)] == ["cordon", "evict", "empty"]

    (tmp_path / "log").unlink()
    end = run(upgrade, "--skip", "drain-the-node")
    assert end.returncode == 0, end.stdout + end.stderr
    assert [line.split()[0] for line in log(tmp_path)] == ["begin", "end"]


SECRETS = """
    # Hands a secret over

    **Required Access**: env:LOG

    ## Inputs
    - `token` (secret, from `env:TOKEN`): Lets us in

    ## Steps
    1. [Log in](parts/login.md)
       - `password`: `{{ token }}`
"""

LOGIN = """
    # Log in

    ## Inputs
    - `password` (secret, required)
    - `otp` (secret, required)

    ## Steps
    1. Use both
       ```sh {capture=used}
       printf '%s %s' "$password" "$otp" > used; echo "$password $otp ${token-unknown}"
       ```
       Rollback:
       ```sh
       echo "$password $otp"
       ```
    2. Fail
       ```sh
       echo "$used" >&2; false
       ```
"""


def test_secrets_are_handed_over_or_asked_of_whoever_starts_the_run(book, tmp_path, run):
    book(LOGIN, "ops/parts/login.md")
    name = book(SECRETS)
    end = run(name, env={"TOKEN": "outer-s3cret"})
    assert end.returncode == 2
    assert "log-in/otp" in end.stderr and "outer-s3cret" not in end.stderr

    env = {"TOKEN": "outer-s3cret", "OTP": "inner-s3cret"}
    end = run(name, "--secret", "log-in/otp=env:OTP", "--store", "runs.db", env=env)
    assert end.returncode == 10 or end.returncode == 11, end.stdout + end.stderr
    assert (tmp_path / "used").read_text() == "outer-s3cret inner-s3cret"
    report = runbook("report", "latest", "--store", "runs.db", "--format", "json", cwd=tmp_path).stdout
    assert "*** *** unknown" in report
    written = end.stdout + end.stderr + report
    stored = b"".join(path.read_bytes() for path in stored_files(tmp_path))
    for secret in ("outer-s3cret", "inner-s3cret"):
        assert secret not in written and secret.encode() not in stored

    shown = runbook("plan", name, cwd=tmp_path, env=env).stdout
    assert "| otp: the secret 'log-in/otp'" in shown and "| password: the secret 'token'" in shown

    end = run(name, "--secret", "log-in/nothing=env:OTP", env=env)
    assert end.returncode == 2 and "log-in/nothing" in end.stderr
    book(SECRETS.replace("`{{ token }}`", "pass-{{ token }}"))
    end = run(name, env=env)
    assert end.returncode == 2 and "the secret 'password' is given something that is no secret here" in end.stderr


def test_a_link_to_a_pipe_is_not_waited_for(book, tmp_path):
    os.mkfifo(tmp_path / "pipe.md")
    book("""
        # Outer

        ## Steps
        1. [Never](pipe.md)
    """, "outer.md")
    for command in ("plan", "lint"):
        end = runbook(command, "outer.md", cwd=tmp_path, timeout=20)
        assert "pipe.md: is no regular file" in end.stdout + end.stderr


def test_lint_of_a_folder_finds_what_is_wrong_and_nothing_else(upgrade, book, tmp_path):
    def codes():
        found = runbook("lint", "ops", "--format", "json", cwd=tmp_path).stdout
        return {line["code"] for line in map(json.loads, found.splitlines())}

    usual = {"mutating-without-verification"}  # the outer runbook has no verification

    assert codes() == usual
    book(UPGRADE.replace("`seconds`: 5", "`seconds`: many"))
    assert codes() == usual | {"runbook-inputs"}


def test_show_as_markdown_says_the_same(upgrade, tmp_path):
    shown = runbook("show", upgrade, "--markdown", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "[Drain the node](parts/drain%20it.md)" in shown.stdout
    (tmp_path / "ops/again.md").write_text(shown.stdout)
    models = []
    for name in (upgrade, "ops/again.md"):
        models.append(json.loads(runbook("show", name, "--json", cwd=tmp_path).stdout))
    assert models[0] == models[1]
    plans = [json.loads(runbook("plan", name, "--json", cwd=tmp_path, env={"LOG": "x"}).stdout)
             for name in (upgrade, "ops/again.md")]
    assert [s["id"] for s in plans[0]["steps"]] == [s["id"] for s in plans[1]["steps"]]


def test_links_are_relative_to_the_document_wherever_the_command_is_started(upgrade, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in (os.path.join("..", upgrade), str(tmp_path / upgrade)):
        end = runbook("run", name, cwd=elsewhere, env={"LOG": str(tmp_path / "log")})
        assert end.returncode == 0, end.stdout + end.stderr
    assert log(tmp_path)[1] == "cordon web-1 none in elsewhere, host unknown"
