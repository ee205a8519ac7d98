"""The rollback stack by itself."""

import gc
import traceback

import pytest

import runbook as rb


def test_an_exception_undoes_newest_first():
    done = []
    with pytest.raises(KeyError):
        with rb.RollbackStack() as undo:
            undo.arm("one", done.append, 1)
            undo.arm("two", lambda: done.append(2))
            undo.arm("three", done.extend, [3, 4])
            assert len(undo) == 3
            raise KeyError("x")
    assert done == [3, 4, 2, 1]
    assert undo.failures == [] and len(undo) == 0


def test_without_an_exception_nothing_is_undone():
    done = []
    with rb.RollbackStack() as undo:
        undo.arm("one", done.append, 1)
    assert done == [] and len(undo) == 0


def test_an_undo_that_fails_does_not_keep_the_others_from_running():
    done = []
    with pytest.raises(KeyError) as raised:
        with rb.RollbackStack() as undo:
            undo.arm("one", done.append, 1)
            undo.arm("two", int, "no number")
            undo.arm("three", done.append, 3)
            raise KeyError("x")
    assert done == [3, 1]
    (failure,) = undo.failures
    assert failure.name == "two" and isinstance(failure.error, ValueError)
    if hasattr(BaseException, "add_note"):
        assert "undo 'two' failed" in "".join(traceback.format_exception(raised.value))


def test_unwind_and_commit_by_hand():
    done = []
    undo = rb.RollbackStack()
    undo.arm("one", done.append, 1)
    undo.commit()
    undo.arm("two", done.append, 2)
    assert undo.unwind() == [] and undo.unwind() == []
    assert done == [2]
    undo.arm("three", int, "x")
    assert [f.name for f in undo.unwind()] == ["three"]


def test_keyword_arguments_and_what_cannot_be_called():
    done = []
    undo = rb.RollbackStack()
    undo.arm("one", lambda *args, **named: done.append((args, named)), 1, volume="vol-1")
    with pytest.raises(TypeError, match="undo 'two' cannot be called"):
        undo.arm("two", 2)
    assert undo.unwind() == []
    assert done == [((1,), {"volume": "vol-1"})]


def test_a_stack_that_goes_armed_warns():
    undo = rb.RollbackStack()
    undo.arm("one", print)
    with pytest.warns(ResourceWarning, match="never run"):
        del undo
        gc.collect()
