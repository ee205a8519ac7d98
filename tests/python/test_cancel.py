"""Stopping runs: cancel, exceptions, Ctrl-C."""

import threading
import time
from pathlib import Path

import pytest

import runbook as rb


@pytest.fixture
def started() -> threading.Event:
    return threading.Event()


@pytest.fixture
def plan(notes, started, log):
    @notes.add("block")
    def block(ctx):
        started.set()
        ctx.wait_for_stop(20)
        log.append(f"stopped {ctx.stop_requested}")
        raise InterruptedError("stopped")

    book = rb.Runbook("Block")
    book.step("first").use("note", {"text": "first"}).rollback("note", {"text": "undo first"})
    book.step("block").use("block").rollback("note", {"text": "undo block"})
    return rb.make_plan(book, notes)


ROLLED_BACK = ["first", "stopped True", "undo block", "undo first"]


def test_cancel_from_another_thread_rolls_back(notes, plan, started, log):
    with rb.Executor(notes) as ex:
        run = ex.start(plan)
        canceller = threading.Thread(target=lambda: started.wait(10) and run.cancel("ada"))
        canceller.start()
        result = run.wait(timeout=15)
        canceller.join()
    assert log == ROLLED_BACK
    assert (result.status, result.reason) == ("rolled_back", "cancelled by ada")


def test_cancel_all(notes, plan, started):
    with rb.Executor(notes) as ex:
        runs = [ex.start(plan), ex.start(plan)]
        assert started.wait(10)
        ex.cancel_all("ada")
        assert [run.wait().status for run in runs] == ["rolled_back", "rolled_back"]


def test_an_exception_that_leaves_the_block_cancels(notes, plan, started, log):
    with pytest.raises(LookupError):
        with rb.Executor(notes) as ex:
            run = ex.start(plan)
            assert started.wait(10)
            raise LookupError
    assert log == ROLLED_BACK
    assert run.wait().reason == "cancelled by LookupError"


def living_members(group):
    """The processes of a group, zombies apart: not every system's first process takes those away."""
    living = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):  # it has just gone
            continue
        if int(of_group) == group and state not in "ZX":
            living.append(int(stat.parent.name))
    return living


def test_a_cancelled_shell_step_leaves_no_process(notes, tmp_path):
    book = rb.Runbook("Shell")
    book.step("sleep").use("shell", {"script": "echo $$ > pid; touch ready; sleep 60 & wait"})
    with rb.Executor(notes, grace=1) as ex:
        run = ex.start(rb.make_plan(book, notes), directory=tmp_path)
        while not (tmp_path / "ready").exists():
            assert run.status == "running"
            time.sleep(0.01)
        run.cancel()
        assert run.wait(timeout=10).reason == "cancelled"
    assert living_members(int((tmp_path / "pid").read_text())) == []


def test_a_handler_cannot_wait_for_its_own_run_or_close_its_executor(handlers):
    said = []
    ready = threading.Event()
    box = {}

    @handlers.add("selfish")
    def selfish(ctx):
        assert ready.wait(10)
        for wait in (box["run"].wait, lambda: list(box["run"]), box["ex"].close):
            with pytest.raises(rb.Error) as raised:
                wait()
            said.append(str(raised.value))

    book = rb.Runbook("Selfish")
    book.step("one").use("selfish")
    with rb.Executor(handlers) as ex:
        box.update(ex=ex, run=ex.start(rb.make_plan(book, handlers)))
        ready.set()
        assert box["run"].wait(timeout=10).ok
    assert ["its own" in words for words in said] == [True, True, True]


INTERRUPTED = """
    import runbook as rb, sys

    handlers = rb.builtin_handlers()

    @handlers.add("block")
    def block(ctx):
        print("started", flush=True)
        ctx.wait_for_stop(20)
        raise InterruptedError("stopped")

    handlers.add("say", lambda ctx: print(ctx.params["text"], flush=True))
    book = rb.Runbook("Interrupted")
    book.step("first").use("say", {"text": "first"}).rollback("say", {"text": "undo first"})
    book.step("block").use("block").rollback("say", {"text": "undo block"})
    plan = rb.make_plan(book, handlers)
    store = rb.memory_store()
"""

WAITS = {
    "run": "ex.run(plan)",
    "wait": "ex.start(plan).wait()",
    "iterate": "list(ex.start(plan))",
    "own code": "ex.start(plan); [time.sleep(0.05) for _ in range(400)]",  # see below why not in one wait
    "end of block": "ex.start(plan)",
    "no block": "pass",
}


@pytest.mark.parametrize("how", WAITS)
def test_ctrl_c_rolls_back_wherever_it_comes(child, how):
    if how == "no block":
        body = "    rb.Executor(handlers, store).start(plan).wait()\n"
    else:
        body = f"    with rb.Executor(handlers, store) as ex:\n        {WAITS[how]}\n"
    script = (
        INTERRUPTED.replace("\n    ", "\n")
        + "import time\ntry:\n"
        + body
        + "except KeyboardInterrupt as e:\n"
        + "    (run,) = store.list()\n"
        + "    print('interrupted', run.status, getattr(e, '__notes__', []), flush=True)\n"
    )
    one = child(script)
    one.wait_for_line("started")
    one.interrupt()
    code, out, err = one.finish()
    assert code == 0, err
    lines = out.splitlines()
    assert lines[:2] == ["undo block", "undo first"]
    assert lines[2].startswith("interrupted rolled_back")
    if how in ("run", "wait", "iterate", "no block"):
        assert ": rolled_back" in lines[2] or not hasattr(BaseException, "add_note")


def test_ctrl_c_in_the_approver_cancels(child):
    one = child("""
    import runbook as rb, time

    handlers = rb.builtin_handlers()
    handlers.add("say", lambda ctx: print(ctx.params["text"], flush=True))
    book = rb.Runbook("Interrupted")
    book.step("first").use("say", {"text": "first"}).rollback("say", {"text": "undo first"})
    book.step("sure").use("confirm", {"prompt": "Sure?"})

    def approve(question):
        print("asked", flush=True)
        for _ in range(400):  # in one wait Python may miss a signal that comes just before it
            time.sleep(0.05)

    store = rb.memory_store()
    with rb.Executor(handlers, store, approve) as ex:
        try:
            ex.run(rb.make_plan(book, handlers))
        except KeyboardInterrupt:
            print(store.list()[0].status)
    """)
    one.wait_for_line("asked")
    one.interrupt()
    code, out, err = one.finish()
    assert (code, out.splitlines()) == (0, ["undo first", "partially_rolled_back"]), err


def test_a_second_ctrl_c_asks_and_a_third_gives_up(child):
    one = child("""
    import runbook as rb

    handlers = rb.builtin_handlers()

    @handlers.add("block")
    def block(ctx):
        print(ctx.params["text"], flush=True)
        ctx.wait_for_stop(20)
        raise InterruptedError

    book = rb.Runbook("Interrupted")
    book.step("one").use("block", {"text": "one"}).rollback("block", {"text": "undo one"})
    store = rb.memory_store()

    def approve(question):
        print("asked", question.kind, flush=True)
        return False

    with rb.Executor(handlers, store, approve) as ex:
        try:
            ex.run(rb.make_plan(book, handlers))
        except KeyboardInterrupt:
            print(store.list()[0].status)
    """)
    for line in ("one", "undo one", "asked stop_rollback"):
        one.wait_for_line(line)
        one.interrupt()
    code, out, err = one.finish()
    assert (code, out.splitlines()) == (0, ["partially_rolled_back"]), err
