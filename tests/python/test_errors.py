"""What goes wrong is an exception with its place."""

import pickle

import pytest

import runbook as rb

BROKEN = """\
# Broken

#### Steps
1. Delete the pod
   ```sh
   kubectl delete pod <pod-name>
   ```
2. And again
   ```sh {timout=5s}
   true
   ```
"""


def test_a_bad_document_raises_with_every_place(tmp_path):
    path = tmp_path / "broken.md"
    path.write_text(BROKEN)
    with pytest.raises(rb.DocumentError) as raised:
        rb.load(path)
    error = raised.value
    assert isinstance(error, rb.Error)
    assert error.code == "invalid_document"
    assert [d.line for d in error.diagnostics if d.severity == "error"] == [6, 9]
    for diagnostic in error.diagnostics:
        assert str(diagnostic) in str(error)
        assert str(diagnostic).startswith(f"{path}:{diagnostic.line}:{diagnostic.column}: ")


def test_parse_never_raises_for_a_bad_document():
    parsed = rb.parse(BROKEN, "broken.md")
    assert not parsed.ok
    assert [d.line for d in parsed.diagnostics if d.severity is rb.Severity.ERROR] == [6, 9]


def test_errors_can_be_pickled(tmp_path):
    path = tmp_path / "broken.md"
    path.write_text(BROKEN)
    with pytest.raises(rb.DocumentError) as raised:
        rb.load(path)
    copy = pickle.loads(pickle.dumps(raised.value))
    assert type(copy) is rb.DocumentError
    assert (copy.code, copy.diagnostics, str(copy)) == ("invalid_document", raised.value.diagnostics, str(raised.value))


def test_every_bad_input_is_named(handlers):
    book = rb.parse("# T\n\n#### Inputs\n- `port` (integer, required): P\n\n#### Steps\n1. A\n   ```sh\n   true\n   ```\n")
    with pytest.raises(rb.InputError) as raised:
        rb.make_plan(book.runbook, handlers, {"prot": 1})
    assert "prot" in str(raised.value) and "'port'" in str(raised.value)
    assert raised.value.code == "invalid_input"
    with pytest.raises(rb.InputError):
        rb.make_plan(book.runbook, handlers, {"port": "many"})


def test_an_unknown_handler():
    book = rb.Runbook("Unknown")
    book.step("one").use("drain")
    with pytest.raises(rb.UnknownHandlerError, match="drain"):
        rb.make_plan(book, rb.builtin_handlers())


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(OSError) as raised:
        rb.load(tmp_path / "none.md")
    assert isinstance(raised.value, rb.FileError)
    assert "none.md" in str(raised.value)


def test_a_store_that_is_none(tmp_path):
    path = tmp_path / "runs.db"
    path.write_text("this is no database, and it is long enough to be taken for one " * 20)
    with pytest.raises(rb.StoreError, match="runs.db"):
        rb.open_sqlite(path)


def test_inputs_that_json_cannot_hold_are_named_with_their_place(handlers):
    book = rb.Runbook("T")
    with pytest.raises(TypeError, match=r"inputs\['hosts'\]\[1\]: a value of type 'set'"):
        rb.make_plan(book, handlers, {"hosts": ["a", {1}]})
    with pytest.raises(TypeError, match=r"a key that is no string: int"):
        rb.make_plan(book, handlers, {"a": {1: 2}})
    with pytest.raises(ValueError, match="not finite"):
        rb.make_plan(book, handlers, {"a": float("nan")})
    with pytest.raises(ValueError, match="more than 64 bits"):
        rb.make_plan(book, handlers, {"a": 2**64})
    endless: list = []
    endless.append(endless)
    with pytest.raises(ValueError, match="nested more than 64 deep"):
        rb.make_plan(book, handlers, {"a": endless})
    with pytest.raises(TypeError, match="inputs: a dict is needed"):
        rb.make_plan(book, handlers, ["a=1"])


def test_a_name_that_no_enum_has(handlers):
    book = rb.Runbook("T")
    book.step("one").use("shell", {"script": "true"})
    with rb.Executor(handlers) as ex:
        with pytest.raises(ValueError, match="'sometimes' is no RollbackMode; it is one of 'auto', 'ask', 'never'"):
            ex.run(rb.make_plan(book, handlers), rollback="sometimes")


def test_a_closed_executor_starts_nothing(handlers):
    book = rb.Runbook("T")
    book.step("one").use("shell", {"script": "true"})
    plan = rb.make_plan(book, handlers)
    ex = rb.Executor(handlers)
    ex.close()
    ex.close()
    with pytest.raises(rb.Error, match="closed"):
        ex.run(plan)
