"""`--help` tells what a person needs to go on."""

import pytest

from command import runbook

COMMANDS = ["run", "plan", "lint", "show", "fmt", "handlers", "runs", "report", "verify", "export"]


def test_help_lists_the_commands_and_the_exit_codes(tmp_path):
    end = runbook("--help", cwd=tmp_path)
    assert end.returncode == 0 and end.stderr == ""
    for word in COMMANDS:
        assert f"\n  {word} " in end.stdout
    for code, status in [(10, "rolled_back"), (11, "partially_rolled_back"), (12, "failed"), (13, "cancelled"),
                         (14, "parked")]:
        assert f"  {code}  {status}" in end.stdout


@pytest.mark.parametrize("word", COMMANDS)
def test_help_of_a_command_shows_an_example(tmp_path, word):
    end = runbook(word, "--help", cwd=tmp_path)
    assert end.returncode == 0
    assert "Example" in end.stdout
    assert f"\n  runbook {word} " in end.stdout


def test_help_touches_no_file(tmp_path):
    runbook("run", "--help", cwd=tmp_path, env={"RUNBOOK_STORE": "runs.db"})
    assert list(tmp_path.iterdir()) == []


def test_version(tmp_path):
    end = runbook("--version", cwd=tmp_path)
    assert end.returncode == 0
    assert end.stdout.startswith("runbook ")
