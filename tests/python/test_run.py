"""A document and a book built in code run, fail and are undone."""

import pytest

import runbook as rb

DOCUMENT = """\
# Publish a page

**Risk Level**: Low

#### Inputs
- `name` (string, required): Who is greeted. Pattern: `^[a-z]+$`

#### Steps
1. Write the page
   ```sh
   printf 'hello %s\\n' "$name" > page.txt
   ```
   Rollback:
   ```sh
   rm page.txt
   ```
2. Read it
   ```sh {capture=page pure}
   cat page.txt
   ```

#### Verification
- It greets
  ```sh
  test "$page" = "hello $name"
  ```
"""


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "publish.md"
    path.write_text(DOCUMENT)
    return path


def test_a_document_runs_and_succeeds(document, handlers, tmp_path):
    plan = rb.make_plan(rb.load(document), handlers, {"name": "ada"})
    with rb.Executor(handlers) as ex:
        result = ex.run(plan, actor="pytest", directory=tmp_path)
    assert result.status == "succeeded", result.reason
    assert result.status is rb.RunStatus.SUCCEEDED
    assert result.ok and result.reason == "" and result.residue == [] and result.error is None
    assert (tmp_path / "page.txt").read_text() == "hello ada\n"
    created = result.events[0].data
    assert (created["actor"], created["inputs"]) == ("pytest", {"name": "ada"})


def test_a_failed_verification_is_undone(document, handlers, tmp_path):
    document.write_text(DOCUMENT.replace('"hello $name"', "goodbye"))
    plan = rb.make_plan(rb.load(document), handlers, {"name": "ada"})
    with rb.Executor(handlers) as ex:
        result = ex.run(plan, directory=tmp_path)
    assert result.status == "rolled_back", result.reason
    assert not (tmp_path / "page.txt").exists()
    assert [e.step for e in result.events if e.type == "step_intent" and e.data["kind"] == "undo"] == ["write-the-page"]


def test_a_python_handler_that_fails_is_undone_too(notes, log):
    book = rb.Runbook("Move a node")
    book.step("drain").use("note", {"text": "drain"}).rollback("note", {"text": "undrain"})
    book.step("move").use("fail", {"text": "move"}).rollback("note", {"text": "move back"})
    book.step("never").use("note", {"text": "never"})
    with rb.Executor(notes) as ex:
        result = ex.run(rb.make_plan(book, notes))
    assert log == ["drain", "move", "move back", "undrain"]
    assert result.status == "rolled_back"
    assert not result.ok
    assert "ValueError: no such node" in result.reason


def test_a_handlers_traceback_is_in_the_journal(notes):
    book = rb.Runbook("Fail")
    book.step("fail").use("fail", {"text": "x"})
    with rb.Executor(notes) as ex:
        result = ex.run(rb.make_plan(book, notes))
        report = rb.make_report(result.events, store=ex.store)
    (output,) = [e for e in result.events if e.type == "step_output"]
    printed = ex.store.output(result.run, output.seq).decode()
    assert printed.startswith("Traceback") and printed.endswith("ValueError: no such node\n")
    assert "in fail" in printed
    assert "no such node" in report.to_markdown()


def test_an_undo_that_fails_is_residue_and_the_others_run(notes, log):
    book = rb.Runbook("Residue")
    book.step("one").use("note", {"text": "1"}).rollback("note", {"text": "undo 1"})
    book.step("two").use("note", {"text": "2"}).rollback("fail", {"text": "undo 2"})
    book.step("three").use("fail", {"text": "3"}, effect="pure")
    with rb.Executor(notes) as ex:
        result = ex.run(rb.make_plan(book, notes))
    assert log == ["1", "2", "3", "undo 2", "undo 1"]
    assert result.status == rb.RunStatus.PARTIALLY_ROLLED_BACK
    (left,) = result.residue
    assert (left.step, left.cause) == ("two", rb.ResidueCause.UNDO_FAILED)


def test_rollback_never_leaves_things_as_they_are(notes, log):
    book = rb.Runbook("Leave it")
    book.step("one").use("note", {"text": "1"}).rollback("note", {"text": "undo 1"})
    book.step("two").use("fail", {"text": "2"}, effect="pure")
    with rb.Executor(notes) as ex:
        result = ex.run(rb.make_plan(book, notes), rollback="never")
    assert log == ["1", "2"]
    assert result.status == "failed"
    assert [(r.step, r.cause) for r in result.residue] == [("one", "undo_declined")]


def test_many_runs_at_once(handlers):
    @handlers.add("square")
    def square(ctx):
        return ctx.params["n"] ** 2

    def plan(n):
        book = rb.Runbook(f"Square {n}")
        book.step("square").use("square", {"n": n}, capture="result")
        return rb.make_plan(book, handlers)

    with rb.Executor(handlers) as ex:
        runs = [ex.start(plan(n)) for n in range(50)]
        results = [run.wait(timeout=10) for run in runs]
    captured = [e.data["captured"] for r in results for e in r.events if e.type == "step_outcome"]
    assert captured == [n**2 for n in range(50)]


FLOW = """\
# Flow

#### Steps
1. List {#list}
   ```sh pure
   printf 'a\\nb\\n'
   ```
2. Each {#each foreach="steps.list.stdout" parallel=2}
   ```sh pure
   echo "$item" > "seen-$item"
   ```
3. Never {#never when="1 > 2"}
   ```sh
   false
   ```
"""


def test_a_loop_and_a_condition(tmp_path):
    handlers = rb.builtin_handlers()
    plan = rb.make_plan(rb.parse(FLOW).runbook, handlers)
    with rb.Executor(handlers) as ex:
        result = ex.run(plan, directory=tmp_path, parallel=2)
    assert result.status is rb.RunStatus.SUCCEEDED
    assert (tmp_path / "seen-b").read_text() == "b\n"
    types = [event.type for event in result.events]
    assert types.count("loop_begun") == 1 and types.count("step_settled") == 1
    assert any("each[2] ok" in str(event) for event in result.events)
    assert any("never skipped: not true: 1 > 2" in str(event) for event in result.events)


def test_a_run_has_an_end_of_its_time(tmp_path):
    handlers = rb.builtin_handlers()
    book = rb.Runbook("Slow")
    book.step("slow").use("shell", {"script": "sleep 1000"}).rollback("shell", {"script": "touch undone"})
    with rb.Executor(handlers) as ex:
        result = ex.run(rb.make_plan(book, handlers), directory=tmp_path, timeout=0.3)
    assert result.status is rb.RunStatus.ROLLED_BACK
    assert result.reason == "not done after 300 ms"
    assert (tmp_path / "undone").exists()


def test_steps_are_chosen(tmp_path):
    handlers = rb.builtin_handlers()
    plan = rb.make_plan(rb.parse(FLOW).runbook, handlers)
    chosen = rb.choose(plan, only=["list"])
    assert chosen.digest != plan.digest
    with rb.Executor(handlers) as ex:
        ex.run(chosen, directory=tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(rb.Error, match="the result of step 'list', which is left out"):
        rb.choose(plan, from_="each")


def test_a_run_goes_on_where_another_has_failed(tmp_path):
    handlers = rb.builtin_handlers()
    book = rb.Runbook("Rest")
    book.step("a").use("shell", {"script": "echo a >> log"})
    book.step("b").use("shell", {"script": "[ -e fixed ]; echo b >> log"})
    plan = rb.make_plan(book, handlers)
    with rb.Executor(handlers) as ex:
        failed = ex.run(plan, directory=tmp_path, rollback="never")
        (tmp_path / "fixed").touch()
        assert ex.run(rb.continue_from(plan, failed.events), directory=tmp_path).ok
        with pytest.raises(rb.Error, match="was of another plan"):
            rb.continue_from(rb.choose(plan, skip=["a"]), failed.events)
    assert (tmp_path / "log").read_text() == "a\nb\n"
