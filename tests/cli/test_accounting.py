"""No block of code in a document is lost: checked against a Markdown parser that is not the one the reader uses."""

import json
import os
import subprocess
import sys

import command

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
READER = os.path.join(os.path.dirname(os.path.abspath(command.BINARY)), "..", "..", "tests", "read_document")


def accounting(*folders, reader=READER):
    script = os.path.join(ROOT, "tests", "accounting")
    return subprocess.run([sys.executable, script, "--reader", str(reader), *map(str, folders)],
                          capture_output=True, text=True, env=command.environment(), timeout=300)


def test_every_block_of_the_documents_in_this_project_is_accounted_for():
    done = accounting(*(os.path.join(ROOT, folder) for folder in ("tests/data", "examples", "docs")))
    assert done.returncode == 0, done.stdout + done.stderr
    count = int(done.stdout.split("\n")[-2].split(" ")[0])
    assert count > 20, done.stdout


def lying_reader(tmp_path, answer, ending=""):
    """A reader that says the same of every document."""
    path = tmp_path / "reader"
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(answer)}\nEND\n{ending}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_lost_block_is_found(tmp_path, document):
    document("""
        # T
        ## Steps
        1. A
           ```sh
           one
           two
           ```
        """)
    silent = lying_reader(tmp_path, {"actions": [], "findings": []})
    done = accounting(tmp_path, reader=silent)
    assert done.returncode == 1 and "book.md:4: the block is lost" in done.stdout
    action = {"line": 4, "handler": "shell", "params": {"script": "one"}}
    half = lying_reader(tmp_path, {"actions": [action], "findings": []})
    assert accounting(tmp_path, reader=half).returncode == 1
    action["params"]["script"] = "one\ntwo"
    assert accounting(tmp_path, reader=lying_reader(tmp_path, {"actions": [action], "findings": []})).returncode == 0
    finding = {"line": 4, "severity": "note", "code": "x"}
    assert accounting(tmp_path, reader=lying_reader(tmp_path, {"actions": [], "findings": [finding]})).returncode == 0


def test_a_reader_that_crashes_is_found(tmp_path, document):
    document("# T\n")
    crashing = lying_reader(tmp_path, {"actions": [], "findings": []}, ending="kill -SEGV $$")
    done = accounting(tmp_path, reader=crashing)
    assert done.returncode == 1 and "the reader ended with signal 11" in done.stdout
