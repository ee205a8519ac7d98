import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import runbook as rb


@pytest.fixture
def handlers() -> rb.HandlerRegistry:
    return rb.builtin_handlers()


@pytest.fixture
def log() -> list[str]:
    """What handlers did, in order."""
    return []


@pytest.fixture
def notes(handlers: rb.HandlerRegistry, log: list[str]) -> rb.HandlerRegistry:
    """Handlers for books built in code: `note` writes its text to the log, `fail` does so and raises."""

    @handlers.add("note")
    def note(ctx: rb.StepContext) -> str:
        log.append(ctx.params["text"])
        return ctx.params["text"]

    @handlers.add("fail")
    def fail(ctx: rb.StepContext) -> None:
        log.append(ctx.params["text"])
        raise ValueError("no such node")

    return handlers


class Child:
    """An interpreter of its own that runs a script; its lines are waited for, never slept for."""

    def __init__(self, script: str, *arguments: object, cwd: Path) -> None:
        package = Path(rb.__file__).parent.parent
        self.process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(script), *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": str(package)},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for_line(self, line: str) -> None:
        for found in self.process.stdout:
            if found.rstrip() == line:
                return
        raise AssertionError(f"the child ended without printing {line!r}: {self.process.stderr.read()}")

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def finish(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.fixture
def child(tmp_path: Path):
    children = []

    def start(script: str, *arguments: object) -> Child:
        children.append(Child(script, *arguments, cwd=tmp_path))
        return children[-1]

    yield start
    for one in children:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        one.process.stdout.close()
        one.process.stderr.close()
