"""Audits, how runs stand, and what an executor is told about its programs and its lease."""

import pytest

import runbook as rb

BOOK = """
# Two files

## Steps
1. First
   ```sh
   echo one
   ```
"""


@pytest.fixture
def store(tmp_path):
    return rb.open_sqlite(tmp_path / "runs.db")


def run(store, **options):
    handlers = rb.builtin_handlers()
    plan = rb.make_plan(rb.parse(BOOK).runbook, handlers)
    with rb.Executor(handlers, store=store, **options) as executor:
        return executor.run(plan)


def test_a_run_is_verified_and_its_head_is_kept(store):
    result = run(store)
    head, findings = store.verify(result.run)
    assert len(head) == 64 and findings == []
    assert store.verify(result.run, head) == (head, [])
    assert store.verify(result.run, "0" * 64)[1] != []
    assert store.standing(result.run) == "ended"
    with pytest.raises(rb.Error):
        store.verify("nope")


def test_programs_outlive_the_interpreter_or_end_with_it_as_it_is_said(store, tmp_path):
    def supervised(result):
        return [event.data.get("supervised", False) for event in result.events if event.type == "claimed"]

    assert supervised(run(store, supervised=True)) == [True]
    assert supervised(run(store, supervised=False, lease=0)) == [False]
    assert supervised(run(store)) == [True]
    with pytest.raises(rb.Error, match="no folder"):
        run(rb.memory_store(), supervised=True)


def test_a_server_that_is_not_there_is_an_error_of_the_store(tmp_path):
    with pytest.raises(rb.StoreError):
        rb.open_postgres(f"host={tmp_path} dbname=postgres", patience=0.5)
