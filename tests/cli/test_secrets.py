"""Secrets on the command line: where they come from, and that no byte that the command writes holds one."""

import base64
import json
import os
import re
import shlex
import sys
import termios
import urllib.parse

import pytest

from command import Terminal, runbook, stored_files

SECRET = "S3cr3t/it's+a \"p%ss\" w\u00f6rd!"

PRINTS = r"""
# Prints a secret

## Inputs
- `token` (secret, from `env:DEPLOY_TOKEN`): What lets us in

## Steps
1. In every encoding
   ```sh
   python3 encode.py
   printf '%s\n' "$token"
   printf '%s' "$token" | base64 -w 9 >&2
   printf '%s' "$token" | od -An -tx1
   printf 'user:%s' "$token" | base64
   set -x
   : "$token"
   set +x
   ```
   Rollback:
   ```bash
   printf '%q\n' "$token"; declare -p token; echo "${token@Q}" >&2
   ```
2. Look at the processes
   ```bash
   cat /proc/[0-9]*/cmdline > cmdlines 2>/dev/null || true
   export AUTH="Bearer $token" AGAIN=$(printf '%s' "$token" | base64 -w0)
   ```
3. Take it
   ```sh {capture=taken}
   echo "$token"
   ```
4. Ask somebody
   ```http
   POST http://127.0.0.1:9/{{ token }}?t={{ token }}
   Authorization: Bearer {{ token }}

   {"token": "{{ token }}"}
   ```
"""

ENCODE = r"""
import base64, json, os, shlex, sys, time, urllib.parse
token = os.environ["token"]
raw = token.encode()
for shift in range(3):
    print(base64.b64encode(b"x" * shift + raw + b"tail").decode(), base64.urlsafe_b64encode(b"y" * shift + raw).decode())
print(raw.hex(), raw.hex().upper(), raw.hex(":"))
print(urllib.parse.quote(token), urllib.parse.quote(token, safe=""), urllib.parse.quote_plus(token), urllib.parse.quote(token, safe="!'*()").lower())
print("".join("%%%02x" % b for b in raw))
print(json.dumps({"a": token}), json.dumps({"a": token}, ensure_ascii=False), shlex.quote(token), repr(token))
for byte in raw:
    sys.stdout.flush()
    os.write(1, bytes([byte]))
    time.sleep(0.002)
"""


def encodings(secret):
    raw = secret.encode()
    whole = len(raw) - len(raw) % 3
    found = {
        raw,
        base64.b64encode(raw),
        base64.urlsafe_b64encode(raw),
        raw.hex().encode(),
        raw.hex().upper().encode(),
        json.dumps(secret)[1:-1].encode(),
        json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        shlex.quote(secret)[1:-1].encode(),
        secret.replace("'", "'\\''").encode(),
    }
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            found.add(encode(b"x" * shift + raw + b"..")[4 * bool(shift) :][: whole])
    for quote in (urllib.parse.quote, urllib.parse.quote_plus):
        for safe in ("", "/", "!'*()"):
            found.add(quote(secret, safe=safe).encode())
    return {text for text in found if len(text) > 8}


def assert_clean(data, where):
    for text in encodings(SECRET):
        assert text not in data, f"{where} holds {text!r}"
    # Nor most of it, however it is written.
    assert b"S3cr3t" not in data, where


@pytest.fixture
def book(document, tmp_path):
    (tmp_path / "encode.py").write_text(ENCODE)
    return document(PRINTS)


@pytest.fixture
def env():
    return {"DEPLOY_TOKEN": SECRET, "PATH": os.path.dirname(sys.executable) + ":" + os.environ["PATH"]}


def test_no_byte_that_is_written_holds_the_secret(book, tmp_path, env):
    plain = runbook("run", book, "--store", "runs.db", cwd=tmp_path, env=env)
    assert plain.returncode == 11, plain.stderr + plain.stdout
    events = runbook("run", book, "--store", "runs.db", "--json", cwd=tmp_path, env=env)
    assert events.returncode == 11, events.stderr
    written = {"stdout": plain.stdout, "stderr": plain.stderr, "events": events.stdout, "their stderr": events.stderr}
    for form in ("md", "json", "text"):
        written[form] = runbook("report", "latest", "--store", "runs.db", "--format", form, cwd=tmp_path).stdout
    written["runs"] = runbook("runs", "--store", "runs.db", cwd=tmp_path).stdout
    written["plan"] = runbook("plan", book, cwd=tmp_path, env=env).stdout
    written["plan as JSON"] = runbook("plan", book, "--json", cwd=tmp_path, env=env).stdout
    for where, text in written.items():
        assert_clean(text.encode("utf-8", "surrogateescape"), where)
    files = [*stored_files(tmp_path), tmp_path / "cmdlines"]
    assert {"runs.db", "cmdlines"} <= {path.name for path in files}
    for path in files:
        assert_clean(path.read_bytes(), path.name)
    kept = (tmp_path / "runs.db").read_bytes()
    assert b"***" in kept and b"'AUTH' holds a secret" in kept and b"'AGAIN' holds a secret" in kept
    assert "***" in written["json"] and "***" in written["stdout"]


def test_a_value_on_the_command_line_is_refused_and_not_repeated(book, tmp_path, env):
    for words in (["-i", "token=hunter2hunter2"], ["--secret", "token=hunter2hunter2"], ["--secret", "hunter2hunter2"]):
        end = runbook("run", book, *words, cwd=tmp_path, env=env)
        assert end.returncode == 2
        assert "env:NAME" in end.stderr and "hunter2" not in end.stderr + end.stdout
    assert not (tmp_path / "cmdlines").exists()


ASKS = """
# Asks

## Inputs
- `token` (secret, required): What lets us in

## Steps
1. Use it
   ```sh
   printf '%s' "$token" > used
   ```
"""


def test_a_secret_comes_from_where_it_is_said(document, tmp_path):
    (tmp_path / "key").write_text("from a file\n")
    name = document(ASKS)
    for source, value in (("file:key", "from a file"), ("env:ELSEWHERE", "from env"), ("command:echo from $((1 + 1))", "from 2")):
        end = runbook("run", name, "--secret", f"token={source}", cwd=tmp_path, env={"ELSEWHERE": "from env"})
        assert end.returncode == 0, end.stderr
        assert (tmp_path / "used").read_text() == value
    for source, why in (("env:NOWHERE", "is not there"), ("file:/", "Is a directory"), ("command:exit 4", "exit code 4"), ("command:printf %s a bc", "shorter than 4")):
        end = runbook("run", name, "--secret", f"token={source}", "--store", "runs.db", cwd=tmp_path)
        assert end.returncode == 2
        assert source in end.stderr and why in end.stderr and "abc" not in end.stderr
    assert runbook("runs", "--store", "runs.db", cwd=tmp_path).stdout.count("Asks") == 0


def test_without_a_source_and_a_terminal_nothing_runs(document, tmp_path):
    end = runbook("run", document(ASKS), cwd=tmp_path)
    assert end.returncode == 2
    assert "--secret token=env:NAME" in end.stderr
    assert not (tmp_path / "used").exists()


def test_what_is_typed_is_not_shown(document, tmp_path):
    with Terminal("run", document(ASKS), cwd=tmp_path) as terminal:
        terminal.expect("token (What lets us in), not shown: ")
        terminal.type("abc\r")
        terminal.expect("shorter than 4 characters")
        terminal.expect("not shown: ")
        terminal.type("wrong\x15typed \u00fc\x7f\x7fsecret\r")
        assert terminal.end() == 0
        assert (tmp_path / "used").read_text() == "typedsecret"
        assert "typed" not in terminal.text() and "wrong" not in terminal.text()


def test_who_gives_up_leaves_the_terminal_as_it_was(document, tmp_path):
    with Terminal("run", document(ASKS), cwd=tmp_path) as terminal:
        usual = termios.ECHO | termios.ICANON | termios.ISIG
        terminal.expect("not shown: ")
        assert termios.tcgetattr(terminal.master)[3] & usual == 0
        terminal.interrupt()
        terminal.expect(re.compile(rb"the secret 'token' is not given"))
        assert terminal.end() == 2
        assert termios.tcgetattr(terminal.master)[3] & usual == usual
        assert not (tmp_path / "used").exists()
