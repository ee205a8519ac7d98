import os
import textwrap

import pytest

import command


def pytest_configure(config):
    if not os.access(command.BINARY, os.X_OK):
        raise pytest.UsageError("RUNBOOK_BIN must name the runbook command to test")


@pytest.fixture
def document(tmp_path):
    """Writes a document into the test's folder and returns its name."""

    def write(text, name="book.md"):
        data = textwrap.dedent(text).lstrip("\n")
        (tmp_path / name).write_text(data, encoding="utf-8")
        return name

    return write
