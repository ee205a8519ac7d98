"""`runbook run` on a terminal: what a person sees, is asked and can stop."""

import json
import os
import re
import time

import pytest

import books
from command import Terminal, processes_with, runbook, wait_for

PROMPT = "Type yes or no: "


def events(tmp_path):
    end = runbook("report", "latest", "--store", "runs.db", "--format", "json", cwd=tmp_path)
    return end.stdout


def test_every_step_ends_as_one_line(document, tmp_path):
    with Terminal("run", document(books.SUCCEEDS), "--store", "runs.db", cwd=tmp_path) as terminal:
        assert terminal.end() == 0
        lines = terminal.lines()
    assert lines[0] == "Two files  risk: low"
    assert re.fullmatch(r"run \S+ by \S+@\S+", lines[1])
    assert lines[2] == "Steps"
    assert re.fullmatch(r"  ✓ First file\s+\d\.\ds", lines[3])
    assert re.fullmatch(r"  ✓ Second file\s+\d\.\ds", lines[4])
    assert re.fullmatch(r"succeeded in \d\.\ds", lines[5])
    assert re.fullmatch(r"  Report: runbook report \S+ --store runs.db", lines[6])
    assert len(lines) == 7


def test_the_live_line_shows_the_last_output_and_the_time(document, tmp_path):
    book = document("""
        # Slow
        ## Steps
        1. Work
           ```sh {pure}
           echo first of all; printf 'halfway there'; until test -e go; do sleep 0.02; done
           ```
        """)
    with Terminal("run", book, cwd=tmp_path) as terminal:
        terminal.expect("halfway there")
        terminal.expect(re.compile(rb"[1-9]\.\ds"))  # the time goes on
        assert re.match(r"  \S Work +\d+\.\ds  halfway there$", terminal.lines()[-1]), terminal.shown()
        (tmp_path / "go").touch()
        assert terminal.end() == 0
        assert "halfway" not in terminal.shown()


def test_a_failure_shows_why_and_the_last_output(document, tmp_path):
    with Terminal("run", document(books.PARTLY_ROLLS_BACK), cwd=tmp_path) as terminal:
        assert terminal.end() == 11
        shown = terminal.shown()
    assert re.search(r"  ✗ Look for what is not there +\d\.\ds  failed\n      \S", shown)
    assert "Rolling back: " in shown
    assert re.search(r"  ✗ Undo: Make a file +\d\.\ds  failed\n", shown)
    assert "      │ cannot" in shown
    assert "partially_rolled_back in " in shown
    assert "- Make a file (make-a-file): its undo failed" in shown


@pytest.mark.parametrize("arguments, variables", [(["--no-color"], {}), ([], {"NO_COLOR": "1"})])
def test_colours_can_be_refused(document, tmp_path, arguments, variables):
    with Terminal("run", document(books.SUCCEEDS), *arguments, cwd=tmp_path, env=variables) as terminal:
        assert terminal.end() == 0
        assert not re.search(rb"\x1b\[[0-9;]*m", terminal.raw)
    with Terminal("run", "book.md", cwd=tmp_path) as terminal:
        assert terminal.end() == 0
        assert re.search(rb"\x1b\[32m", terminal.raw)


def test_a_dumb_terminal_gets_plain_lines(document, tmp_path):
    with Terminal("run", document(books.MANUAL), cwd=tmp_path, env={"TERM": "dumb"}) as terminal:
        terminal.expect(PROMPT)
        terminal.type("yes\n")
        assert terminal.end() == 0
        assert b"\x1b" not in terminal.raw
        assert "step  make-a-file  ok" in terminal.shown()


def test_a_terminal_without_utf8_gets_ascii(document, tmp_path):
    with Terminal("run", document(books.SUCCEEDS), cwd=tmp_path, env={"LANG": "C"}) as terminal:
        assert terminal.end() == 0
        assert terminal.raw.isascii()


def test_yes_typed_out_goes_on_and_is_recorded(document, tmp_path):
    book = document(books.MANUAL)
    with Terminal("run", book, "--store", "runs.db", "--actor", "ann", cwd=tmp_path) as terminal:
        terminal.expect("Tell the channel")
        terminal.expect(PROMPT)
        assert not (tmp_path / "told").exists()
        terminal.type("yes\n")
        assert terminal.end() == 0
        assert re.search(r"  ✓ Tell the channel +\d+\.\ds  yes, ann", terminal.shown())
    assert '"ann"' in events(tmp_path)


def test_no_fails_the_step_and_rolls_back(document, tmp_path):
    with Terminal("run", document(books.MANUAL), cwd=tmp_path) as terminal:
        terminal.expect(PROMPT)
        terminal.type("no\n")
        assert terminal.end() == 11  # nobody knows what the person did: no undo is stated for it
    assert (tmp_path / "undone").exists()
    assert not (tmp_path / "told").exists()


def test_nothing_but_yes_and_no_is_an_answer(document, tmp_path):
    with Terminal("run", document(books.MANUAL), cwd=tmp_path) as terminal:
        terminal.expect(PROMPT)
        for text in ("\n", "y\n", "yes please\n", "   \n", "YES\x7f\x7f\n", "x" * 3000 + "\n"):
            terminal.type(text)
            terminal.expect("Please type yes or no: ")
        assert not (tmp_path / "told").exists()
        terminal.type(" Yes \n")
        assert terminal.end() == 0


def test_what_was_typed_before_the_question_is_no_answer(document, tmp_path):
    text = books.MANUAL.replace("echo made > made", "echo made > made; until test -e go; do sleep 0.02; done")
    with Terminal("run", document(text), cwd=tmp_path) as terminal:
        wait_for((tmp_path / "made").exists, "the first step")
        terminal.type("yes\nyes\n")
        (tmp_path / "go").touch()
        terminal.expect(PROMPT)
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            assert terminal.read(0.05)
        assert not (tmp_path / "told").exists()
        terminal.type("yes\n")
        assert terminal.end() == 0


def test_the_end_of_input_is_no_answer_but_parks(document, tmp_path):
    with Terminal("run", document(books.MANUAL), "--store", "runs.db", cwd=tmp_path) as terminal:
        terminal.expect(PROMPT)
        terminal.type("\x04")
        assert terminal.end() == 14
        assert "nobody can be asked: end of input on the terminal" in terminal.shown()
    assert (tmp_path / "made").exists() and not (tmp_path / "told").exists()


def test_questions_are_put_while_events_go_to_a_file(document, tmp_path):
    with open(tmp_path / "events", "wb") as out:
        with Terminal("run", document(books.MANUAL), "--json", cwd=tmp_path, stdout=out) as terminal:
            terminal.expect(PROMPT)
            terminal.type("yes\n")
            assert terminal.end() == 0
    lines = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
    assert lines[-1]["type"] == "run_closed"


def test_ctrl_c_cancels_rolls_back_and_leaves_no_process(document, tmp_path):
    mark = f"5{os.getpid()}"
    with Terminal("run", document(books.waits(mark)), cwd=tmp_path) as terminal:
        wait_for((tmp_path / "waiting").exists, "the step that waits")
        assert len(processes_with("1000" + mark)) >= 2
        terminal.interrupt()
        assert terminal.end() == 10
        shown = terminal.shown()
    assert "Cancel requested by " in shown and "(Ctrl-C)" in shown
    assert re.search(r"  ✗ Wait for ever +\d+\.\ds  cancelled", shown)
    assert (tmp_path / "undone").exists()
    assert processes_with("1000" + mark) == []


def test_a_question_gives_way_to_ctrl_c(document, tmp_path):
    with Terminal("run", document(books.MANUAL), cwd=tmp_path) as terminal:
        terminal.expect(PROMPT)
        terminal.type("ye")
        terminal.interrupt()
        code = terminal.end()
        shown = terminal.shown()
    assert code in (10, 11), shown
    assert "Cancel requested by " in shown
    assert (tmp_path / "undone").exists()


UNDO = "echo undoing > undoing; until test -e go; do sleep 0.02; done; echo undone > undone"


def cancelled_twice(document, tmp_path, mark):
    terminal = Terminal("run", document(books.waits(mark, UNDO)), cwd=tmp_path)
    wait_for((tmp_path / "waiting").exists, "the step that waits")
    terminal.interrupt()
    wait_for((tmp_path / "undoing").exists, "the rollback")
    terminal.interrupt()
    terminal.expect("Give the rollback up? " + PROMPT)
    return terminal


def test_a_second_ctrl_c_asks_and_no_lets_the_rollback_go_on(document, tmp_path):
    with cancelled_twice(document, tmp_path, f"6{os.getpid()}") as terminal:
        terminal.type("no\n")
        terminal.expect("no, ")
        (tmp_path / "go").touch()
        assert terminal.end() == 10
    assert (tmp_path / "undone").exists()


def test_a_second_ctrl_c_asks_and_yes_gives_the_rollback_up(document, tmp_path):
    with cancelled_twice(document, tmp_path, f"7{os.getpid()}") as terminal:
        terminal.type("yes\n")
        assert terminal.end() == 11
        assert "the rollback was given up" in terminal.shown() or "its undo failed" in terminal.shown()
    assert not (tmp_path / "undone").exists()


def test_the_question_goes_when_the_rollback_is_done(document, tmp_path):
    with cancelled_twice(document, tmp_path, f"8{os.getpid()}") as terminal:
        (tmp_path / "go").touch()
        assert terminal.end() == 10


def test_a_third_ctrl_c_gives_the_rollback_up(document, tmp_path):
    with cancelled_twice(document, tmp_path, f"9{os.getpid()}") as terminal:
        terminal.interrupt()
        assert terminal.end() == 11


def test_a_terminal_that_goes_away_cancels(document, tmp_path):
    mark = f"10{os.getpid()}"
    with Terminal("run", document(books.waits(mark)), "--store", "runs.db", cwd=tmp_path) as terminal:
        wait_for((tmp_path / "waiting").exists, "the step that waits")
        terminal.hang_up()
        assert terminal.process.wait(20) == 10
    assert (tmp_path / "undone").exists()
    assert processes_with("1000" + mark) == []


def test_a_terminal_that_goes_away_at_a_question_cancels(document, tmp_path):
    for _ in range(5):
        with Terminal("run", document(books.MANUAL), "--store", "runs.db", cwd=tmp_path) as terminal:
            terminal.expect("Done? Type yes or no: ")
            terminal.hang_up()
            assert terminal.process.wait(20) in (10, 11)


def test_a_terminal_that_is_held_does_not_hold_the_run(document, tmp_path):
    book = document("""
        # Prints much
        ## Steps
        1. Print
           ```sh {pure}
           i=0; while [ $i -lt 60 ]; do echo "line $i"; i=$((i+1)); sleep 0.01; done; exit 1
           ```
        2. Never
        """)
    with Terminal("run", book, "--store", "runs.db", cwd=tmp_path) as terminal:
        terminal.expect("Print")
        terminal.type("\x13")  # Ctrl-S

        def status():
            end = runbook("runs", "--store", "runs.db", "--json", cwd=tmp_path)
            return json.loads(end.stdout)["status"]

        wait_for(lambda: status() != "running", "the end of the run")
        terminal.type("\x11")
        assert terminal.end() in (10, 12)


HOSTILE = r"""
    # Hostile \x1b[31mtitle

    ## Steps
    1. Print
       ```sh {pure}
       printf '\033[2J\033[H\033[1A  \342\234\223 Forged step  0.0s\n'
       printf '\r  + Forged by return  0.0s\r'
       printf '\033]0;title\007\033]52;c;aGFja2Vk\007\302\233\063\061m\302\205\n'
       printf '\342\200\256desrever\n'
       printf 'a\314\201\314\201\314\201\314\201\314\201\314\201\314\201\314\201\n'
       printf '\344\275\240\345\245\275%.0s' $(seq 200); printf '\n'
       printf '\377\376\000binary\b\b\b\b\n'
       until test -e go; do sleep 0.02; done
       exit 1
       ```
"""


def test_output_cannot_forge_what_the_command_prints(document, tmp_path):
    with Terminal("run", document(HOSTILE), cwd=tmp_path, columns=80) as terminal:
        terminal.expect("binary")
        (tmp_path / "go").touch()
        assert terminal.end() == 12
        lines = terminal.lines()
        raw = terminal.raw
    # Of escape sequences only colours and the erasing of a line are the command's own.
    assert set(re.findall(rb"\x1b(?:\[[0-9;]*[A-Za-z]|.)", raw)) <= {
        b"\x1b[K", b"\x1b[0m", b"\x1b[1m", b"\x1b[2m", b"\x1b[31m", b"\x1b[32m", b"\x1b[33m", b"\x1b[36m"}
    text = raw.decode()
    assert "\u202e" not in text and "\u009b" not in text and "\u0085" not in text and "\b" not in text
    assert text.count("\u0301") <= 4 * text.count("a\u0301")
    # A line of output can only stand behind the bar that marks it.
    for line in lines:
        if "Forged" in line:
            assert line.startswith("      │ ") or "Print" in line, line
    assert all(len(line) <= 80 for line in lines)


def test_one_line_of_a_megabyte_neither_floods_nor_stops(document, tmp_path):
    book = document("""
        # Much
        ## Steps
        1. Print
           ```sh {pure}
           head -c 1000000 /dev/zero | tr '\\\\0' x; echo; exit 1
           ```
        """)
    with Terminal("run", book, cwd=tmp_path) as terminal:
        assert terminal.end() == 12
        assert sum(line.count("x") for line in terminal.lines()) < 2000
        assert len(terminal.raw) < 20000
    plain = runbook("run", book, cwd=tmp_path)
    assert plain.returncode == 12 and len(plain.stdout) < 4000
    assert all(not line.startswith("x") for line in plain.stdout.splitlines())


def test_a_narrow_terminal_is_not_overrun(document, tmp_path):
    book = document("""
        # A title that is a good deal longer than this narrow terminal is wide
        ## Steps
        1. A step with a title that is a good deal longer than this terminal too
           ```sh {pure}
           echo 'output that is long as well, longer than the terminal'; until test -e go; do sleep 0.02; done
           ```
        """)
    with Terminal("run", book, cwd=tmp_path, columns=30) as terminal:
        terminal.expect(re.compile(rb"[1-9]\.\ds"))
        assert len([line for line in terminal.lines() if "A step" in line]) == 1, terminal.shown()
        (tmp_path / "go").touch()
        assert terminal.end() == 0
        assert len([line for line in terminal.lines() if "A step" in line]) == 1, terminal.shown()


def test_documents_are_harmless_on_a_terminal(tmp_path):
    (tmp_path / "evil.md").write_text("# Evil \x1b]0;x\x07 \u202etitle\n\n## Steps\n1. A\n   ```sh\n   echo \x1b[2J\n   ```\n")
    for command in ("show", "plan", "lint", "run"):
        with Terminal(command, "evil.md", cwd=tmp_path) as terminal:
            terminal.end()
            left = re.sub(rb"\x1b\[([0-9;]*m|K)", b"", terminal.raw)
        assert b"\x1b" not in left and "\u202e".encode() not in left, command
