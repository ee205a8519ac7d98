"""Questions that want more than yes, asked on a terminal."""

import json
import termios

from command import Terminal, runbook, stored_files, wait_for

BOOK = """
    # Switches

    ## Steps
    1. Note the ticket
       ```confirm {answer=text pattern="OPS-[0-9]+" capture=ticket}
       Which ticket?
       ```
    2. Choose where to go
       ```confirm {answer=choice choices="blue, light green" capture=colour}
       Which half is to serve?
       ```
    3. Switch
       ```sh
       printf '%s %s' "$ticket" "$colour" > switched
       ```
"""

NUMBERS = """
    # Counts

    ## Steps
    1. Choose
       ```confirm {answer=choice choices="3, 2, 1" capture=count}
       How many?
       ```
    2. Write
       ```sh
       printf %s "$count" > count
       ```
"""


def answers(tmp_path):
    end = runbook("report", "latest", "--store", "runs.db", "--format", "json", cwd=tmp_path)
    return [(q["wants"], q["answer"], q["value"], q["who"]) for q in json.loads(end.stdout)["questions"]]


def test_text_and_a_choice_are_typed_and_what_is_no_answer_is_explained(document, tmp_path):
    with Terminal("run", document(BOOK), "--store", "runs.db", "--actor", "ann", cwd=tmp_path) as terminal:
        terminal.expect("Which ticket?")
        terminal.expect("Type the answer: ")
        terminal.type("12\n")
        terminal.expect("That is no answer: it must match the pattern OPS-[0-9]+.")
        terminal.expect("Type the answer: ")
        terminal.type("OPS-1\x1b[D\n")
        terminal.expect("it holds characters that cannot be seen")
        terminal.expect("Type the answer: ")
        terminal.type(" OPS-12 \n")
        terminal.expect("1. blue")
        terminal.expect("2. light green")
        terminal.expect("Type a number or a name: ")
        for wrong in ("3", "0", "green", "99999999999999999999999"):
            terminal.type(wrong + "\n")
            terminal.expect("it must be one of: blue, light green.")
            terminal.expect("Type a number or a name: ")
        terminal.type("2\n")
        assert terminal.end() == 0, terminal.shown()
        assert "OPS-12, ann" in terminal.shown()
    assert (tmp_path / "switched").read_text() == "OPS-12 light green"
    assert answers(tmp_path) == [("text", True, "OPS-12", "ann"), ("choice", True, "light green", "ann")]


def test_an_empty_line_asks_whether_that_means_no(document, tmp_path):
    with Terminal("run", document(BOOK), "--store", "runs.db", cwd=tmp_path) as terminal:
        terminal.expect("Type the answer: ")
        terminal.type("  \n")
        terminal.expect("Decline to answer? Type yes or no: ")
        terminal.type("perhaps\n")
        terminal.expect("Please type yes or no: ")
        terminal.type("no\n")
        terminal.expect("Type the answer: ")
        terminal.type("OPS-1\n")
        terminal.expect("Type a number or a name: ")
        terminal.type("\n")
        terminal.expect("Decline to answer? Type yes or no: ")
        terminal.type("yes\n")
        assert terminal.end() == 12
    assert not (tmp_path / "switched").exists()
    assert [entry[:3] for entry in answers(tmp_path)] == [("text", True, "OPS-1"), ("choice", False, None)]


def test_a_choice_that_is_a_number_is_typed_as_it_is(document, tmp_path):
    with Terminal("run", document(NUMBERS), cwd=tmp_path) as terminal:
        terminal.expect("- 3")
        terminal.expect("Type a name: ")
        terminal.type("1\n")
        assert terminal.end() == 0
    assert (tmp_path / "count").read_text() == "1"


def test_yes_makes_no_answer_up(document, tmp_path):
    book = document(BOOK)
    end = runbook("run", book, "--yes", "--store", "runs.db", cwd=tmp_path)
    assert end.returncode == 14, end.stderr
    assert answers(tmp_path) == [("text", None, None, "")]
    with Terminal("run", book, "--yes", cwd=tmp_path) as terminal:
        terminal.expect("Type the answer: ")
        terminal.type("OPS-7\n")
        terminal.expect("Type a number or a name: ")
        terminal.type("blue\n")
        assert terminal.end() == 0
    assert (tmp_path / "switched").read_text() == "OPS-7 blue"


def test_a_plan_says_what_is_asked_for(document, tmp_path):
    end = runbook("plan", document(BOOK), cwd=tmp_path)
    assert "ask a person for a text [pattern: OPS-[0-9]+]" in end.stdout
    assert "ask a person to choose" in end.stdout and "- light green" in end.stdout


SECRET = """
    # Asks for a secret

    ## Steps
    1. Ask
       ```confirm {answer=secret capture=token}
       What is the token?
       ```
    2. Use it
       ```sh
       echo "it is $token"; printf %s "$token" > used; until test -e go; do sleep 0.02; done
       ```
"""


def echoes(terminal):
    return bool(termios.tcgetattr(terminal.master)[3] & termios.ECHO)


def test_a_secret_is_typed_unseen_and_shown_nowhere(document, tmp_path):
    with Terminal("run", document(SECRET), "--store", "runs.db", "--actor", "ann", cwd=tmp_path) as terminal:
        terminal.expect("Type the secret, which is not shown: ")
        assert not echoes(terminal)
        terminal.type("abc\n")
        terminal.expect("That is no answer: it is shorter than 4 characters")
        terminal.expect("Type the secret, which is not shown: ")
        terminal.type("\n")
        terminal.expect("Decline to answer? Type yes or no: ")
        assert echoes(terminal)
        terminal.type("no\n")
        terminal.expect("Type the secret, which is not shown: ")
        terminal.type("hunter2-and-more\n")
        wait_for((tmp_path / "used").exists, "the second step")
        assert echoes(terminal)
        (tmp_path / "go").touch()
        assert terminal.end() == 0, terminal.shown()
        assert b"hunter2" not in terminal.raw
        assert b"abc" not in terminal.raw
    assert (tmp_path / "used").read_text() == "hunter2-and-more"
    assert answers(tmp_path) == [("secret", True, None, "ann")]
    assert b"hunter2" not in b"".join(path.read_bytes() for path in stored_files(tmp_path))


def test_a_cancel_while_a_secret_is_asked_for_leaves_the_terminal_as_it_was(document, tmp_path):
    with Terminal("run", document(SECRET), cwd=tmp_path) as terminal:
        terminal.expect("Type the secret, which is not shown: ")
        terminal.type("hunt")
        terminal.interrupt()
        assert terminal.end() == 13
        assert echoes(terminal)
        assert b"hunt" not in terminal.raw
