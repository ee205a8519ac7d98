"""Runs that were left: taken up again, answered and cancelled from elsewhere."""

import pytest

import runbook as rb


@pytest.fixture
def plan(notes):
    book = rb.Runbook("Ask")
    book.step("first").use("note", {"text": "first"}).rollback("note", {"text": "undo first"})
    book.step("sure").use("confirm", {"prompt": "Are you sure?"})
    book.step("last").use("note", {"text": "last"})
    return rb.make_plan(book, notes)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.db"


@pytest.fixture
def parked(notes, plan, path):
    """The id of a run that waits for an answer."""
    with rb.Executor(notes, path) as ex:
        result = ex.run(plan)
    assert result.status == "parked"
    return result.run


def test_a_parked_run_goes_on_in_another_executor(notes, path, parked, log):
    with rb.Executor(notes, path, approver=lambda question: True) as ex:
        run = ex.resume(parked)
        assert run.id == parked
        assert [event.seq for event in run] == list(range(1, len(run.wait().events) + 1))
        assert run.wait().ok
        with pytest.raises(rb.Error, match="has ended: succeeded") as refused:
            ex.resume(parked, take_over=True)
    assert refused.value.code == "invalid_argument"
    assert log == ["first", "last"]


def test_a_no_undoes_what_the_former_owner_did(notes, path, parked, log):
    with rb.Executor(notes, path) as ex:
        run = ex.resume(parked)
        for event in run:
            if event.type == "wait_opened" and event.fence == 2:
                run.answer("sure", False, who="ada")
    assert log == ["first", "undo first"]


def test_a_message_is_taken_up(notes, path, parked):
    store = rb.open_sqlite(path)
    assert store.post(parked, token="sure", yes=True, who="bob", note="by phone") == 1
    assert store.post(parked, token="sure", who="eve") == 2
    with rb.Executor(notes, path) as ex:
        result = ex.resume(parked).wait()
    assert result.ok
    ((who, message),) = [(e.data["who"], e.data["message"]) for e in result.events if e.type == "wait_answered"]
    assert (who, message) == ("bob", 1)
    with pytest.raises(rb.Error) as refused:
        store.post(parked)
    assert refused.value.code == "invalid_argument"
    with pytest.raises(rb.Error) as refused:
        store.post("nobody")
    assert refused.value.code == "not_found"


def test_a_message_without_a_token_cancels_a_run_that_goes_on(notes, plan, path, log):
    with rb.Executor(notes, path) as ex:
        run = ex.start(plan)
        for event in run:
            if event.type == "wait_opened":
                rb.open_sqlite(path).post(run.id, who="bob")
        assert run.wait().reason == "cancelled by bob"
    assert log == ["first", "undo first"]


def test_a_run_whose_owner_lives_and_one_that_is_not_there_are_refused(notes, plan, path):
    with rb.Executor(notes, path) as owner, rb.Executor(notes, path) as ex:
        run = owner.start(plan)
        with pytest.raises(rb.Error, match="lives") as refused:
            ex.resume(run.id)
        assert refused.value.code == "invalid_argument"
        with pytest.raises(rb.Error) as refused:
            ex.resume("nobody")
        assert refused.value.code == "not_found"


def test_the_plan_of_a_run_is_made_again(notes, plan, path, parked):
    store = rb.open_sqlite(path)
    assert rb.plan_of_run(store, parked, notes).digest == plan.digest
    others = rb.builtin_handlers()
    with pytest.raises(rb.UnknownHandlerError):
        rb.plan_of_run(store, parked, others)
    for name in ("note", "fail"):
        others.add(name, lambda ctx: None, effect=rb.Effect.PURE)
    with pytest.raises(rb.Error, match="cannot be made again as it was"):
        rb.plan_of_run(store, parked, others)


def test_secrets_are_given_again(notes, path):
    book = rb.parse("""# Secret
## Inputs
| Name | Type | Required |
|---|---|---|
| token | secret | yes |

## Steps
1. Sure {#sure}
2. Use {#use}
   ```sh pure
   test "$token" = hunter2-and-more
   ```
""").runbook
    with rb.Executor(notes, path) as ex:
        run = ex.run(rb.make_plan(book, notes), secrets={"token": "hunter2-and-more"}).run
    with rb.Executor(notes, path, approver=lambda question: True) as ex:
        with pytest.raises(rb.Error) as refused:
            ex.resume(run)
        assert refused.value.code == "secret_unavailable"
        assert ex.resume(run, secrets={"token": lambda: "hunter2-and-more"}).wait().ok
