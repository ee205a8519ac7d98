"""`fmt` and the forms of `show`: files are replaced whole or not at all, and only if their layout changes."""

import json
import os
import stat
import subprocess

import pytest

from command import BINARY, environment, runbook

MESSY = """Title
=====

## Steps
1.  One

    ~~~  sh timeout="5m"
    printf 'a  \\tb'  
    ~~~
1.  Two
"""
NEAT = """# Title

## Steps

1. One

   ```sh {timeout=5m}
   printf 'a  \\tb'  
   ```
2. Two
"""


@pytest.fixture
def messy(tmp_path):
    path = tmp_path / "book.md"
    path.write_text(MESSY)
    return path


def test_a_file_is_laid_out_and_named(messy, tmp_path):
    end = runbook("fmt", "book.md", cwd=tmp_path)
    assert (end.returncode, end.stdout, end.stderr) == (0, "book.md\n", "")
    assert messy.read_text() == NEAT
    again = runbook("fmt", "book.md", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "")


def test_check_changes_nothing_and_names_what_would_change(messy, tmp_path):
    (tmp_path / "neat.md").write_text(NEAT)
    end = runbook("fmt", "--check", "book.md", "neat.md", cwd=tmp_path)
    assert (end.returncode, end.stdout) == (2, "book.md\n")
    assert messy.read_text() == MESSY
    assert runbook("fmt", "--check", "neat.md", cwd=tmp_path).returncode == 0


def test_standard_input_goes_to_standard_output(tmp_path):
    end = subprocess.run([BINARY, "fmt", "-"], input=MESSY, cwd=tmp_path, env=environment(), capture_output=True,
                         text=True, timeout=20)
    assert (end.returncode, end.stdout) == (0, NEAT)


def test_the_mode_stays_and_a_link_stays_a_link(messy, tmp_path):
    messy.chmod(0o640)
    (tmp_path / "link.md").symlink_to("book.md")
    assert runbook("fmt", "link.md", cwd=tmp_path).returncode == 0
    assert (tmp_path / "link.md").is_symlink()
    assert messy.read_text() == NEAT
    assert stat.S_IMODE(messy.stat().st_mode) == 0o640
    assert sorted(os.listdir(tmp_path)) == ["book.md", "link.md"]


def test_one_file_that_cannot_be_laid_out_does_not_keep_the_others(messy, tmp_path):
    (tmp_path / "bad.md").write_bytes(b"# T\n\xff\n")
    end = runbook("fmt", "missing.md", "bad.md", "book.md", cwd=tmp_path)
    assert end.returncode == 2
    assert "missing.md: error: cannot be read: No such file or directory" in end.stderr
    assert "bad.md:2:1: error: the document is not valid UTF-8" in end.stderr
    assert messy.read_text() == NEAT
    assert (tmp_path / "bad.md").read_bytes() == b"# T\n\xff\n"


def test_a_document_over_the_limit_is_refused_and_stays_whole(tmp_path):
    big = tmp_path / "big.md"
    big.write_text("# T\n" + "x\n\n\n" * (5 * 1024 * 1024))
    size = big.stat().st_size
    end = runbook("fmt", "big.md", cwd=tmp_path)
    assert end.returncode == 2
    assert "16 MiB" in end.stderr
    assert big.stat().st_size == size


def test_json_documents_are_laid_out_too(tmp_path):
    path = tmp_path / "book.json"
    path.write_text('{"title":"T","steps":[]}')
    assert runbook("fmt", "book.json", cwd=tmp_path).returncode == 0
    assert path.read_text() == '{\n  "title": "T"\n}\n'


def test_a_document_goes_to_json_and_back(messy, tmp_path):
    there = runbook("show", "book.md", "--json", cwd=tmp_path)
    assert there.returncode == 0, there.stderr
    assert json.loads(there.stdout)["steps"][0]["title"] == "One"
    (tmp_path / "book.json").write_text(there.stdout)
    back = runbook("show", "book.json", "--markdown", cwd=tmp_path)
    assert back.returncode == 0, back.stderr
    (tmp_path / "back.md").write_text(back.stdout)
    assert runbook("show", "back.md", "--json", cwd=tmp_path).stdout == there.stdout
    assert runbook("fmt", "--check", "back.md", cwd=tmp_path).returncode == 0


def test_what_markdown_cannot_say_is_named(tmp_path):
    (tmp_path / "drain.json").write_text(
        '{"title": "T", "steps": [{"id": "a", "actions": [{"handler": "drain", "params": {"node": 1}}]}]}')
    end = runbook("show", "drain.json", "--markdown", cwd=tmp_path)
    assert (end.returncode, end.stdout) == (2, "")
    assert "drain.json: error: /steps/0/actions/0/params" in end.stderr


def test_one_form_is_shown_at_a_time(messy, tmp_path):
    end = runbook("show", "book.md", "--json", "--markdown", cwd=tmp_path)
    assert (end.returncode, end.stdout) == (2, "")
    assert "--json" in end.stderr
