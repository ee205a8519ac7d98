"""Drives the real `runbook` command: as a child process, or on a pseudo-terminal as a person would."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

BINARY = os.environ.get("RUNBOOK_BIN", "")
PATIENCE = 20.0  # seconds until something that should happen counts as not happening


def environment(extra=None):
    env = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    # What a sanitizer is told goes on to the command.
    env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
    env.update({"LANG": "C.UTF-8", "TERM": "xterm-256color"})
    env.update(extra or {})
    return env


def runbook(*args, cwd, env=None, stdin=subprocess.DEVNULL, timeout=PATIENCE):
    """Runs the command without a terminal and returns its end, its output and its errors."""
    return subprocess.run(
        [BINARY, *map(str, args)], cwd=cwd, env=environment(env), stdin=stdin, capture_output=True, timeout=timeout,
        encoding="utf-8", errors="surrogateescape",
    )


def start(*args, cwd, env=None, **options):
    """Starts the command without a terminal."""
    return subprocess.Popen(
        [BINARY, *map(str, args)], cwd=cwd, env=environment(env), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )


def wait_for(condition, what):
    """Waits until the condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


def stored_files(folder):
    """The files of the store `runs.db`: its own, and what a supervisor has left beside it."""
    return [path for path in folder.rglob("*") if path.is_file() and "runs.db" in str(path.relative_to(folder))]


def processes_with(mark):
    """The processes whose command line holds the mark, as `pid: command`."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                line = file.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if mark in line and int(pid) != os.getpid():
            found.append(f"{pid}: {line}")
    return found


class Terminal:
    """The command on a pseudo-terminal of its own, with an emulator that knows what a person would see."""

    def __init__(self, *args, cwd, env=None, columns=100, rows=200, stdout=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [BINARY, *map(str, args)], cwd=cwd, env=environment(env), stdin=slave,
            stdout=slave if stdout is None else stdout, stderr=slave, preexec_fn=take_terminal,
        )
        os.close(slave)
        self.raw = b""
        self.seen = 0  # up to here of the raw text was expected already
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)

    def read(self, timeout):
        """Takes in what the command has printed; false at the end."""
        if not select.select([self.master], [], [], timeout)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:  # nobody has the other side open any more
            return False
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    def expect(self, text):
        """Reads until the text (or, if it is compiled, the pattern) appears in what is new."""
        pattern = re.compile(re.escape(text.encode())) if isinstance(text, str) else text
        end = time.monotonic() + PATIENCE
        while True:
            if found := pattern.search(self.raw, self.seen):
                self.seen = found.end()
                return
            assert time.monotonic() < end, f"'{text}' did not appear in:\n{self.shown()}"
            assert self.read(0.1), f"the command ended without '{text}':\n{self.shown()}"

    def type(self, text):
        os.write(self.master, text.encode())

    def interrupt(self):
        self.type("\x03")

    def hang_up(self):
        os.close(self.master)
        self.master = -1

    def end(self):
        """Reads to the end; returns the exit code."""
        end = time.monotonic() + PATIENCE
        while self.read(0.1):
            assert time.monotonic() < end, f"the command does not end:\n{self.shown()}"
        return self.process.wait(PATIENCE)

    def lines(self):
        """The lines that a person sees."""
        return [line.rstrip() for line in self.screen.display if line.strip()]

    def shown(self):
        return "\n".join(self.lines())

    def text(self):
        """Everything that was printed, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.raw.decode(errors="replace"))


def signal_group(process, number):
    os.killpg(process.pid, number)


SIGINT, SIGTERM, SIGHUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
