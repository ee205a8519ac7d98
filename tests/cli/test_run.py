"""`runbook run` without a terminal: exit codes, lines, JSON."""

import json
import os
import re
import time

import pytest

import books
from command import SIGHUP, SIGINT, SIGTERM, processes_with, runbook, start, wait_for


def test_a_run_that_succeeds_ends_with_0(document, tmp_path):
    end = runbook("run", document(books.SUCCEEDS), cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert (tmp_path / "first").read_text() == "one\n"
    assert "risk low" in end.stdout
    assert re.search(r"^step  first-file  started$", end.stdout, re.M)
    assert re.search(r"^step  first-file  ok  \d\.\ds$", end.stdout, re.M)
    assert re.search(r"^succeeded in \d\.\ds$", end.stdout, re.M)


def test_a_run_that_is_undone_ends_with_10(document, tmp_path):
    end = runbook("run", document(books.ROLLS_BACK), cwd=tmp_path)
    assert end.returncode == 10, end.stderr
    assert not (tmp_path / "made").exists()
    assert (tmp_path / "undone").exists()
    assert "  failed  " in end.stdout
    assert "    | looking\n" in end.stdout and "    | no such thing\n" in end.stdout
    assert re.search(r"^undo  make-a-file  ok  ", end.stdout, re.M)


def test_a_run_with_residue_ends_with_11_and_names_it(document, tmp_path):
    end = runbook("run", document(books.PARTLY_ROLLS_BACK), cwd=tmp_path)
    assert end.returncode == 11, end.stderr
    assert "- Make a file (make-a-file): its undo failed" in end.stdout
    assert "    | cannot\n" in end.stdout


def test_a_run_that_is_not_to_be_undone_ends_with_12(document, tmp_path):
    end = runbook("run", document(books.ROLLS_BACK), "--rollback", "never", cwd=tmp_path)
    assert end.returncode == 12, end.stderr
    assert (tmp_path / "made").exists()
    assert "it was not to be undone" in end.stdout


@pytest.mark.parametrize("number", [SIGINT, SIGTERM, SIGHUP])
def test_a_signal_cancels_and_rolls_back(document, tmp_path, number):
    mark = f"1{os.getpid()}{number:d}"
    run = start("run", document(books.waits(mark)), cwd=tmp_path)
    wait_for((tmp_path / "waiting").exists, "the step that waits")
    run.send_signal(number)
    out, err = run.communicate(timeout=20)
    assert run.returncode == 10, out + err
    assert "cancel  requested by " in out
    assert (tmp_path / "undone").exists()
    assert processes_with("1000" + mark) == []


def test_a_cancelled_run_that_is_not_to_be_undone_ends_with_13(document, tmp_path):
    mark = f"2{os.getpid()}"
    run = start("run", document(books.waits(mark)), "--rollback", "never", cwd=tmp_path)
    wait_for((tmp_path / "waiting").exists, "the step that waits")
    run.send_signal(SIGINT)
    out, err = run.communicate(timeout=20)
    assert run.returncode == 13, out + err
    assert not (tmp_path / "undone").exists()


def test_a_signal_that_was_ignored_at_the_start_stays_ignored(document, tmp_path):
    text = books.SUCCEEDS.replace("echo one > first", "echo one > first; until test -e go; do sleep 0.02; done")
    run = start("run", document(text), cwd=tmp_path, preexec_fn=lambda: __import__("signal").signal(SIGHUP, 1))
    wait_for((tmp_path / "first").exists, "the first step")
    run.send_signal(SIGHUP)
    (tmp_path / "go").touch()
    out, err = run.communicate(timeout=20)
    assert run.returncode == 0, out + err
    assert "cancel" not in out


def test_programs_start_with_signals_as_usual(document, tmp_path):
    # A blocked or ignored SIGPIPE or SIGINT would be inherited by every step.
    end = runbook("run", document("""
        # Signals
        ## Steps
        1. Look
           ```sh {pure}
           grep -E '^Sig(Blk|Ign)' /proc/self/status > signals
           ```
        """), cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    masks = dict(line.split() for line in (tmp_path / "signals").read_text().splitlines())
    for name, mask in masks.items():
        for number in (1, 2, 13, 15):
            assert not int(mask, 16) & (1 << (number - 1)), f"{name} {mask} holds signal {number}"


def test_a_question_without_a_terminal_parks(document, tmp_path):
    end = runbook("run", document(books.MANUAL), cwd=tmp_path)
    assert end.returncode == 14, end.stderr
    assert "nobody can be asked: standard input and standard error are no terminal" in end.stdout
    assert "  Waits for a person: Tell the channel\n" in end.stdout
    assert (tmp_path / "made").exists()
    assert not (tmp_path / "told").exists()


def test_input_that_is_no_terminal_is_no_answer(document, tmp_path):
    (tmp_path / "answers").write_text("yes\n" * 10)
    with open(tmp_path / "answers") as answers:
        end = runbook("run", document(books.MANUAL), cwd=tmp_path, stdin=answers)
    assert end.returncode == 14, end.stderr


def test_yes_is_recorded_as_who_answered(document, tmp_path):
    end = runbook("run", document(books.MANUAL), "--yes", "--actor", "ann", "--json", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    events = [json.loads(line) for line in end.stdout.splitlines()]
    answers = [e for e in events if e["type"] == "wait_answered"]
    assert [(e["yes"], e["who"]) for e in answers] == [(True, "--yes (ann)")]


def test_yes_does_not_give_a_rollback_up(document, tmp_path):
    mark = f"3{os.getpid()}"
    undo = "echo undoing > undoing; until test -e go; do sleep 0.02; done; echo undone > undone"
    run = start("run", document(books.waits(mark, undo)), "--yes", cwd=tmp_path)
    wait_for((tmp_path / "waiting").exists, "the step that waits")
    run.send_signal(SIGINT)
    wait_for((tmp_path / "undoing").exists, "the rollback")
    run.send_signal(SIGINT)
    time.sleep(0.2)  # a wrong yes would have ended the undo by now
    (tmp_path / "go").touch()
    out, err = run.communicate(timeout=20)
    assert run.returncode == 10, out + err
    assert (tmp_path / "undone").exists()
    assert "question  run:stop-rollback  nobody can be asked" in out


def test_a_third_signal_gives_the_rollback_up(document, tmp_path):
    mark = f"4{os.getpid()}"
    undo = f"echo undoing > undoing; sleep 1000{mark}"
    run = start("run", document(books.waits(mark, undo)), cwd=tmp_path)
    wait_for((tmp_path / "waiting").exists, "the step that waits")
    run.send_signal(SIGINT)
    wait_for((tmp_path / "undoing").exists, "the rollback")
    run.send_signal(SIGINT)
    time.sleep(0.2)
    assert run.poll() is None
    run.send_signal(SIGINT)
    out, err = run.communicate(timeout=20)
    assert run.returncode == 11, out + err
    assert processes_with("1000" + mark) == []


def test_json_is_one_event_per_line_without_gaps_and_nothing_else(document, tmp_path):
    for book, code in ((books.SUCCEEDS, 0), (books.ROLLS_BACK, 10), (books.MANUAL, 14)):
        end = runbook("run", document(book), "--json", cwd=tmp_path)
        assert end.returncode == code, end.stderr
        events = [json.loads(line) for line in end.stdout.splitlines()]
        assert [e["seq"] for e in events] == list(range(1, len(events) + 1))
        assert events[0]["type"] == "run_created"
        assert events[-1]["type"] in ("run_closed", "run_parked")


def test_json_events_name_the_step(document, tmp_path):
    end = runbook("run", document(books.SUCCEEDS), "--json", cwd=tmp_path)
    events = [json.loads(line) for line in end.stdout.splitlines()]
    intents = [e["step"] for e in events if e["type"] == "step_intent"]
    assert intents == ["first-file", "second-file"]


def test_the_last_line_says_that_the_journal_is_gone(document, tmp_path):
    end = runbook("run", document(books.SUCCEEDS), cwd=tmp_path)
    assert "in memory" in end.stderr.splitlines()[-1]
    kept = runbook("run", document(books.SUCCEEDS), "--store", "runs.db", cwd=tmp_path)
    assert kept.returncode == 0 and kept.stderr == ""


def test_steps_start_in_the_directory_that_is_named(document, tmp_path):
    (tmp_path / "there").mkdir()
    end = runbook("run", document(books.SUCCEEDS), "--directory", "there", cwd=tmp_path)
    assert end.returncode == 0, end.stderr
    assert (tmp_path / "there" / "first").exists() and not (tmp_path / "first").exists()


def test_inputs_reach_the_steps_as_they_are(document, tmp_path):
    book = document("""
        # Inputs
        ## Inputs
        - `word` (string, required): A word
        ## Steps
        1. Write it
           ```sh
           printf %s "$word" > word
           ```
           Rollback:
           ```sh
           rm word
           ```
        """)
    for value in ("plain", "a=b=c", "", "[a,b]", "$(touch hacked) `id` \"'\\", "-x", "two words", "ümläut 你好"):
        end = runbook("run", book, "-i", f"word={value}", cwd=tmp_path)
        assert end.returncode == 0, end.stderr
        assert (tmp_path / "word").read_text() == value
    assert not (tmp_path / "hacked").exists()


def test_a_reader_that_goes_away_does_not_end_the_run(document, tmp_path):
    read, write = os.pipe()
    os.close(read)
    from command import BINARY, environment
    import subprocess

    end = subprocess.run([BINARY, "run", document(books.SUCCEEDS), "--json"], cwd=tmp_path, env=environment(),
                         stdin=subprocess.DEVNULL, stdout=write, stderr=subprocess.PIPE, timeout=20)
    os.close(write)
    assert end.returncode == 1, end.stderr  # it succeeded, but nobody could be told
    assert (tmp_path / "second").exists()


def test_a_reader_that_does_not_read_does_not_stop_the_run(document, tmp_path):
    steps = "".join(f"{i}. Print {i}\n     ```sh {{pure}}\n     true\n     ```\n" for i in range(1, 400))
    book = document(f"# Many steps\n\n## Steps\n{steps}400. The end\n     ```sh\n     touch ended\n     ```\n")
    run = start("run", book, "--json", cwd=tmp_path)
    # The pipe holds 64 KiB, the events are more.
    wait_for((tmp_path / "ended").exists, "the last step")
    out, _ = run.communicate(timeout=20)
    assert len(out) > 65536 and run.returncode == 0


def test_closed_standard_descriptors_are_no_files_of_the_run(document, tmp_path):
    from command import BINARY, environment
    import subprocess

    end = subprocess.run(["sh", "-c", f"'{BINARY}' run {document(books.ROLLS_BACK)} --store runs.db <&- >&- 2>&-"],
                         cwd=tmp_path, env=environment(), timeout=20)
    assert end.returncode == 10
    listed = runbook("runs", "--store", "runs.db", "--json", cwd=tmp_path)
    assert json.loads(listed.stdout)["status"] == "rolled_back"
