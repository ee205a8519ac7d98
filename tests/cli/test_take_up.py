"""`runbook resume`, `answer` and `cancel`: what is done with a run that was started elsewhere."""

import json
import os
import signal

import pytest

import books
from command import Terminal, runbook, start, wait_for

PROMPT = "Type yes or no: "
STORE = ("--store", "runs.db")
ALONE = {"RUNBOOK_SUPERVISOR": "none"}

TICKET = """
    # It wants a ticket

    ## Steps
    1. Make a file
       ```sh
       echo made > made
       ```
       Rollback:
       ```sh
       rm made; echo undone > undone
       ```
    2. Ticket {#ticket}
       ```confirm capture=ticket answer=text pattern="OPS-[0-9]+"
       Which ticket?
       ```
    3. Note it
       ```sh
       echo "$ticket" > noted
       ```
       Rollback:
       ```sh
       rm noted
       ```
"""

SECRET = """
    # It wants a secret

    ## Steps
    1. Token {#token}
       ```confirm capture=token answer=secret
       Which token?
       ```
    2. Sure {#sure}
    3. Use it
       ```sh pure
       test "$token" = hunter2-and-more
       ```
"""


def events(tmp_path):
    end = runbook("report", "latest", *STORE, "--format", "json", cwd=tmp_path)
    return end.stdout


def park(document, tmp_path, text=books.MANUAL):
    end = runbook("run", document(text), *STORE, cwd=tmp_path)
    assert end.returncode == 14, end.stderr


def refused(tmp_path, *args):
    end = runbook(*args, cwd=tmp_path)
    assert end.returncode == 2, end.stdout + end.stderr
    assert end.stdout == ""
    return end.stderr


def test_a_parked_run_goes_on(document, tmp_path):
    park(document, tmp_path)
    assert (tmp_path / "made").exists() and not (tmp_path / "told").exists()
    os.remove(tmp_path / "book.md")  # the store has it
    (tmp_path / "made").write_text("not made again")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    end = runbook("resume", "latest", "--yes", "--store", "../runs.db", cwd=elsewhere)
    assert end.returncode == 0, end.stderr
    assert "step  make-a-file  ok" in end.stdout  # what was shown before is shown again
    assert "succeeded in " in end.stdout
    assert (tmp_path / "told").exists() and not (elsewhere / "told").exists()
    assert (tmp_path / "made").read_text() == "not made again"
    error = refused(tmp_path, "resume", "latest", *STORE)
    assert "the run has ended: succeeded" in error


def test_a_resumed_run_that_nobody_answers_is_parked_again(document, tmp_path):
    park(document, tmp_path)
    assert runbook("resume", "latest", *STORE, cwd=tmp_path).returncode == 14


def test_a_person_is_asked_on_the_terminal(document, tmp_path):
    park(document, tmp_path)
    with Terminal("resume", "latest", *STORE, "--actor", "ann", cwd=tmp_path) as terminal:
        terminal.expect("Tell the channel")
        terminal.expect(PROMPT)
        terminal.type("no\n")
        assert terminal.end() == 11
    assert (tmp_path / "undone").exists()
    assert '"ann"' in events(tmp_path)


def test_events_of_the_whole_run_are_printed_once(document, tmp_path):
    park(document, tmp_path)
    end = runbook("resume", "latest", "--yes", "--json", *STORE, cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    lines = [json.loads(line) for line in end.stdout.splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[0]["type"] == "run_created" and lines[-1]["type"] == "run_closed"
    assert [line["fence"] for line in lines if line["type"] == "claimed"] == [1, 2]


def test_an_answer_waits_for_the_run_to_be_taken_up(document, tmp_path):
    park(document, tmp_path, TICKET)
    assert "the answer does not count: it " in refused(tmp_path, "answer", "latest", "ticket", "nonsense", *STORE)
    left = runbook("answer", "latest", "ticket", "OPS-12", "--note", "by phone", "--actor", "bob", *STORE, cwd=tmp_path)
    assert left.returncode == 0
    assert left.stdout.startswith("the run is parked: 'runbook resume ")
    end = runbook("resume", "latest", *STORE, cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert (tmp_path / "noted").read_text() == "OPS-12\n"
    record = events(tmp_path)
    assert '"bob"' in record and "by phone" in record


def test_an_answer_may_be_declined(document, tmp_path):
    park(document, tmp_path, TICKET)
    assert runbook("answer", "latest", "ticket", "--decline", *STORE, cwd=tmp_path).returncode == 0
    assert runbook("resume", "latest", *STORE, cwd=tmp_path).returncode == 10
    assert (tmp_path / "undone").exists()


def test_a_parked_run_is_cancelled(document, tmp_path):
    park(document, tmp_path)
    end = runbook("cancel", "latest", "--actor", "bob", *STORE, cwd=tmp_path)
    assert end.returncode == 0 and "runbook resume" in end.stdout
    assert not (tmp_path / "undone").exists()
    end = runbook("resume", "latest", *STORE, cwd=tmp_path)
    assert end.returncode in (10, 11), end.stdout
    assert "cancelled by bob" in end.stdout
    assert (tmp_path / "undone").exists()


def test_an_answer_from_elsewhere_ends_the_question_on_the_terminal(document, tmp_path):
    with Terminal("run", document(books.MANUAL), *STORE, cwd=tmp_path) as terminal:
        terminal.expect(PROMPT)
        terminal.type("ye")
        answer = start("answer", "latest", "tell-the-channel", "yes", "--actor", "bob", *STORE, cwd=tmp_path)
        assert terminal.end() == 0
        assert answer.communicate(timeout=20)[0] == "taken up\n"
        assert answer.returncode == 0
        assert "yes, bob" in terminal.text()
    assert (tmp_path / "told").exists()


def test_a_run_that_goes_on_is_cancelled_but_not_taken_up(document, tmp_path):
    run = start("run", document(books.waits(f"3{os.getpid()}")), *STORE, cwd=tmp_path)
    wait_for((tmp_path / "waiting").exists, "the step that waits")
    for more in ([], ["--take-over"]):
        error = refused(tmp_path, "resume", "latest", *more, *STORE)
        assert "the run goes on: its owner " in error and error.rstrip().endswith(" lives")
    assert "nothing is asked" in refused(tmp_path, "answer", "latest", "ask", "yes", *STORE)
    end = runbook("cancel", "latest", *STORE, cwd=tmp_path)
    assert (end.returncode, end.stdout) == (0, "taken up\n")
    run.communicate(timeout=20)
    assert run.returncode == 10
    assert (tmp_path / "undone").exists()
    assert "has ended" in refused(tmp_path, "cancel", "latest", *STORE)


def test_a_run_that_was_killed_at_a_question_goes_on(document, tmp_path):
    with Terminal("run", document(books.MANUAL), *STORE, cwd=tmp_path) as terminal:
        terminal.expect(PROMPT)
        terminal.process.send_signal(signal.SIGKILL)
        terminal.process.wait()
    end = runbook("resume", "latest", "--yes", *STORE, cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert (tmp_path / "told").exists()


def test_a_run_that_was_killed_in_a_step_asks_what_became_of_it(document, tmp_path):
    text = books.SUCCEEDS.replace("echo two > second", "echo two >> second; test -e once || { touch once; kill -9 $PPID; }")
    run = start("run", document(text), *STORE, cwd=tmp_path, env=ALONE)
    run.communicate(timeout=20)
    assert run.returncode == -signal.SIGKILL
    end = runbook("resume", "latest", "--yes", *STORE, cwd=tmp_path)
    assert end.returncode == 14, end.stdout
    assert (tmp_path / "second").read_text() == "two\n"
    assert "does not count" in refused(tmp_path, "answer", "latest", "doubt/second-file", "yes", *STORE)
    assert runbook("answer", "latest", "doubt/second-file", "not-done", *STORE, cwd=tmp_path).returncode == 0
    end = runbook("resume", "latest", *STORE, cwd=tmp_path)
    assert end.returncode == 0, end.stdout + end.stderr
    assert (tmp_path / "second").read_text() == "two\ntwo\n"


def test_a_step_goes_on_when_its_run_is_killed(document, tmp_path):
    text = books.SUCCEEDS.replace(
        "echo two > second", "echo two >> second; echo begun; touch begun; while test ! -e go; do sleep 0.02; done; echo ended")
    run = start("run", document(text), *STORE, cwd=tmp_path)
    wait_for(lambda: (tmp_path / "begun").exists(), "the step")
    run.kill()
    run.communicate(timeout=20)
    assert "was under way: second-file" in runbook("runs", *STORE, cwd=tmp_path).stdout
    later = start("resume", "latest", *STORE, cwd=tmp_path)
    (tmp_path / "go").touch()
    out, err = later.communicate(timeout=20)
    assert later.returncode == 0, out + err
    assert (tmp_path / "second").read_text() == "two\n"
    report = json.loads(runbook("report", "latest", *STORE, "--format", "json", cwd=tmp_path).stdout)
    printed = [output["text"] for step in report["steps"] for attempt in step["attempts"] for output in attempt["outputs"]]
    assert "begun\nended\n" in printed


def listed(tmp_path):
    """How the newest run stands, for people and for programs."""
    table = runbook("runs", *STORE, cwd=tmp_path).stdout
    line = runbook("runs", "--json", *STORE, cwd=tmp_path).stdout.splitlines()[0]
    return table, json.loads(line)


def test_a_doubt_is_shown_and_somebody_says_how_it_went(document, tmp_path):
    text = books.SUCCEEDS.replace("echo two > second", "echo two >> second; kill -9 $(cat engine)")
    run = start("run", document(text), *STORE, cwd=tmp_path, env=ALONE)
    (tmp_path / "engine").write_text(str(run.pid))
    run.communicate(timeout=20)
    assert run.returncode == -signal.SIGKILL
    table, run = listed(tmp_path)
    assert "abandoned" in table and "was under way: second-file" in table
    assert (run["status"], run["standing"], run["in_doubt"]) == ("running", "abandoned", ["second-file"])
    error = refused(tmp_path, "resolve", "latest", "second-file", "done", *STORE)
    assert "'second-file' of run" in error and "resume" in error
    assert runbook("resume", "latest", *STORE, cwd=tmp_path).returncode == 14
    table, run = listed(tmp_path)
    assert "in_doubt" in table and "in doubt: second-file" in table
    assert (run["status"], run["standing"], run["in_doubt"]) == ("parked", "in_doubt", ["second-file"])
    error = refused(tmp_path, "resolve", "latest", "first-file", "done", *STORE)
    assert "'first-file' of run" in error and "in doubt are: second-file" in error
    end = runbook("resolve", "latest", "second-file", "done", "--note", "I have seen it", "--actor", "ann", *STORE,
                  cwd=tmp_path)
    assert end.returncode == 0 and "the run is parked: 'runbook resume" in end.stdout
    end = runbook("resume", "latest", *STORE, cwd=tmp_path)
    assert end.returncode == 0, end.stdout + end.stderr
    assert (tmp_path / "second").read_text() == "two\n"
    table, run = listed(tmp_path)
    assert (run["status"], run["standing"], run["in_doubt"]) == ("succeeded", "succeeded", [])
    report = runbook("report", "latest", "--format", "text", *STORE, cwd=tmp_path).stdout
    assert "it counts as done, says ann (I have seen it)" in report


def test_what_is_no_run_no_question_and_no_answer_is_refused(document, tmp_path):
    park(document, tmp_path)
    for args in (["resume", "nope"], ["answer", "nope", "x", "yes"], ["cancel", "nope"]):
        assert "the store holds no run 'nope'" in refused(tmp_path, *args, *STORE)
    error = refused(tmp_path, "answer", "latest", "nope", "yes", *STORE)
    assert "has no open question 'nope'; open are: tell-the-channel" in error
    for text in ("y", "YES", ""):
        error = refused(tmp_path, "answer", "latest", "tell-the-channel", text, *STORE)
        assert "the question is answered by yes or no" in error


def test_without_a_store_nothing_is_done(tmp_path):
    for args in (["resume", "latest"], ["answer", "latest", "x", "yes"], ["cancel", "latest"]):
        assert "no store: name it with --store FILE" in refused(tmp_path, *args)
        refused(tmp_path, *args, *STORE)
        assert not (tmp_path / "runs.db").exists()  # none is made


def test_a_store_that_is_read_only_is_refused(document, tmp_path):
    park(document, tmp_path)
    before = (tmp_path / "runs.db").read_bytes()
    for name in os.listdir(tmp_path):
        os.chmod(tmp_path / name, 0o444)
    os.chmod(tmp_path, 0o555)
    if os.access(tmp_path, os.W_OK):
        os.chmod(tmp_path, 0o755)
        pytest.skip("root may write everything")
    for args in (["resume", "latest"], ["answer", "latest", "tell-the-channel", "yes"], ["cancel", "latest"]):
        assert "runs.db" in refused(tmp_path, *args, *STORE)
    os.chmod(tmp_path, 0o755)
    assert (tmp_path / "runs.db").read_bytes() == before


def test_a_secret_is_neither_posted_nor_remembered(document, tmp_path):
    with Terminal("run", document(SECRET), *STORE, cwd=tmp_path) as terminal:
        terminal.expect("Which token?")
        error = refused(tmp_path, "answer", "latest", "token", "hunter2-and-more", *STORE)
        assert "a secret can only be typed where the run is" in error and "hunter2" not in error
        terminal.type("hunter2-and-more\n")
        terminal.expect(PROMPT)
        terminal.process.send_signal(signal.SIGKILL)
        terminal.process.wait()
    assert "a step of the run has asked for a secret" in refused(tmp_path, "resume", "latest", *STORE)
