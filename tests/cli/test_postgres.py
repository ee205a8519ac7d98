"""The command with a PostgreSQL server as its store: a real one, reached through a Unix socket."""

import glob
import os
import signal
import subprocess
import tempfile
import time

import pytest

import books
from command import PATIENCE, runbook


def unprivileged():
    """PostgreSQL does not run as root. Whatever is started dies with this process."""
    command = ["setpriv", "--pdeathsig", "KILL"]
    return command + (["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else [])


def newest(program):
    return max(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"), key=lambda path: int(path.split("/")[4]))


@pytest.fixture(scope="module")
def server():
    """The URI of a server, with a password that it does not ask for."""
    with tempfile.TemporaryDirectory(prefix="runbook-test-") as folder:
        os.chmod(folder, 0o777)
        subprocess.run([*unprivileged(), newest("initdb"), "-D", f"{folder}/data", "-A", "trust", "-U", "postgres", "-N",
                        "--no-locale", "-E", "UTF8"], check=True, stdout=subprocess.DEVNULL)
        process = subprocess.Popen([*unprivileged(), newest("postgres"), "-D", f"{folder}/data", "-k", folder,
                                    "-c", "listen_addresses=", "-c", "fsync=off"], stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + PATIENCE
        while "ready to accept connections" not in process.stderr.readline():
            assert time.monotonic() < end and process.poll() is None
        yield f"postgresql://postgres:s3cret@/postgres?host={folder}"
        process.send_signal(signal.SIGQUIT)
        process.communicate()


def test_a_run_is_kept_on_a_server_and_reported_from_it(server, document, tmp_path):
    refused = runbook("runs", "--store", server, cwd=tmp_path)
    assert refused.returncode == 2 and "holds no runs in the schema 'runbook'" in refused.stderr
    end = runbook("run", document(books.SUCCEEDS), cwd=tmp_path, env={"RUNBOOK_STORE": server})
    assert end.returncode == 0, end.stderr
    report = runbook("report", "latest", "--store", server, cwd=tmp_path)
    assert report.returncode == 0 and "**Succeeded.**" in report.stdout
    listed = runbook("runs", cwd=tmp_path, env={"RUNBOOK_STORE": server.replace("postgresql:", "postgres:")})
    assert "succeeded" in listed.stdout
    over = runbook("cancel", "latest", "--store", server, cwd=tmp_path)
    assert over.returncode == 2 and "has ended" in over.stderr
    assert not list(tmp_path.glob("*postgres*"))
    for said in (refused, end, report, listed, over):
        assert "s3cret" not in said.stdout + said.stderr


@pytest.mark.parametrize("uri", [
    "postgresql://me:s3cret@/base?host={folder}", "postgres://me:s3c@ret@localhost/base",
    "postgresql://me:s3c/ret@localhost/base", "postgresql:///base?host={folder}&password=s3cret", "postgresql://%zzs3cret",
])
def test_a_server_that_cannot_be_used_refuses_the_run_and_its_password_is_not_shown(uri, document, tmp_path):
    end = runbook("run", document(books.SUCCEEDS), "--store", uri.format(folder=tmp_path), cwd=tmp_path)
    assert end.returncode == 2
    assert "PostgreSQL" in end.stderr
    assert "s3c" not in end.stdout + end.stderr and "ret@" not in end.stdout + end.stderr
