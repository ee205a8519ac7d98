"""Stores: what one process wrote, another reads."""

import textwrap

import pytest

import runbook as rb


def run_into(store, notes, text="hello"):
    @notes.replace("speak")
    def speak(ctx):
        ctx.output(ctx.params["text"])

    book = rb.Runbook("Stored")
    book.step("one").use("speak", {"text": text})
    with rb.Executor(notes, store) as ex:
        return ex.run(rb.make_plan(book, notes), actor="ada")


def test_a_sqlite_store_is_read_by_another_process(notes, tmp_path, child):
    path = tmp_path / "runs.db"
    result = run_into(rb.open_sqlite(path), notes)
    assert result.ok, result.reason
    one = child(
        """
    import runbook as rb, sys

    store = rb.open_sqlite(sys.argv[1], read_only=True)
    (summary,) = store.list()
    events = store.load(summary.run)
    outputs = [store.output(summary.run, e.seq) for e in events if e.type == "step_output"]
    print(summary.run, summary.title, summary.status, summary.actor, [e.seq for e in events], outputs)
    report = rb.make_report(events, store).to_json()
    print([output["text"] for step in report["steps"] for a in step["attempts"] for output in a["outputs"]])
    """,
        path,
    )
    code, out, err = one.finish()
    assert code == 0, err
    seqs = [e.seq for e in result.events]
    assert out.splitlines() == [f"{result.run} Stored succeeded ada {seqs} [b'hello']", "['hello']"]


def test_a_path_is_a_store(notes, tmp_path):
    path = tmp_path / "runs.db"
    first = run_into(path, notes)
    second = run_into(str(path), notes)
    assert [s.run for s in rb.open_sqlite(path).list()] in ([second.run, first.run], [first.run, second.run])


def test_the_document_is_kept(notes, tmp_path):
    document = "# Kept\n\n## Steps\n\n1. One\n   ```sh\n   true\n   ```\n"
    store = rb.memory_store()
    with rb.Executor(notes, store) as ex:
        result = ex.run(rb.make_plan(rb.parse(document).runbook, notes))
    assert store.document(result.run) == document.encode()


def test_a_run_that_is_not_there():
    with pytest.raises(rb.Error, match="nowhere") as raised:
        rb.memory_store().load("nowhere")
    assert raised.value.code == "not_found"


def test_one_store_serves_several_executors(notes):
    store = rb.memory_store()
    runs = {run_into(store, notes).run for _ in range(3)}
    assert {s.run for s in store.list()} == runs


def test_a_read_only_store_is_never_written(notes, tmp_path):
    path = tmp_path / "runs.db"
    run_into(path, notes)
    before = path.read_bytes()
    with pytest.raises(rb.StoreError):
        run_into(rb.open_sqlite(path, read_only=True), notes)
    assert path.read_bytes() == before


FORKING = """
import os, sys, time
import runbook as rb

path = sys.argv[1]
handlers = rb.builtin_handlers()
handlers.add("note", lambda ctx: None)
book = rb.Runbook("Forked")
book.step("one").use("note")
plan = rb.make_plan(book, handlers)
store = rb.open_sqlite(path)
with rb.Executor(handlers, store) as ex:
    first = ex.run(plan).run


def refused(call):
    try:
        call()
    except rb.StoreError as error:
        return "fork" in str(error)
    return False
"""


def test_a_forked_child_that_ends_normally_leaves_the_store_to_its_parent_and_others(tmp_path, child, notes):
    path = tmp_path / "runs.db"
    script = """
    pid = os.fork()
    if pid == 0:
        calls = [store.list, lambda: store.load(first), lambda: store.document(first), lambda: store.output(first, 1)]
        print(all(refused(call) for call in calls), refused(lambda: rb.open_sqlite(path)), flush=True)
        sys.exit(0)
    _, status = os.waitpid(pid, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
    while not os.path.exists(sys.argv[2]):
        time.sleep(0.01)
    with rb.Executor(handlers, store) as ex:
        print(ex.run(plan).status, len(store.list()), flush=True)
    """
    go_on = tmp_path / "go_on"
    one = child(FORKING + textwrap.dedent(script), path, go_on)
    for line in ("True True", "0"):
        one.wait_for_line(line)
    assert run_into(path, notes).ok  # another process, while the parent has the store open
    go_on.touch()
    code, out, err = one.finish()
    assert (code, out.splitlines(), err) == (0, ["succeeded 3"], "")


def test_a_child_forked_before_the_store_is_opened_uses_it(tmp_path, child):
    script = """
    del store, ex
    pid = os.fork()
    with rb.Executor(handlers, rb.open_sqlite(path)) as ex:
        assert ex.run(plan).ok
    if pid != 0:
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), len(rb.open_sqlite(path).list()))
    """
    code, out, err = child(FORKING + textwrap.dedent(script), tmp_path / "runs.db").finish()
    assert (code, out.splitlines(), err) == (0, ["0 3"], "")
