"""Stores: what one process wrote, another reads."""

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
