"""The end of the interpreter, of objects, and of forked children: never an abort, never a hang."""

import gc
import threading
import weakref

import pytest

import runbook as rb

SETUP = """
import runbook as rb, threading, os, sys

handlers = rb.builtin_handlers()
handlers.add("say", lambda ctx: print(ctx.params["text"], flush=True))

@handlers.add("slow")
def slow(ctx):
    ctx.wait_for_stop(0.2)
    print("slow", flush=True)

book = rb.Runbook("Exit")
book.step("one").use("slow")
book.step("two").use("say", {"text": "two"})
plan = rb.make_plan(book, handlers)
ask = rb.Runbook("Ask")
ask.step("sure").use("confirm", {"prompt": "Sure?"})
question = rb.make_plan(ask, handlers)
"""

ENDS = {
    "an idle executor": ("ex = rb.Executor(handlers)", []),
    "a run that goes on": ("ex = rb.Executor(handlers); run = ex.start(plan)", ["slow", "two"]),
    "a run whose handle is gone": ("rb.Executor(handlers).start(plan)", ["slow", "two"]),
    "a run that waits for a person": ("ex = rb.Executor(handlers); run = ex.start(question); next(iter(run))", []),
    "a run that its approver could answer": (
        "ex = rb.Executor(handlers, approver=lambda q: print('asked')); run = ex.start(question)",
        [],
    ),
    "an executor that its handler refers to": (
        "box = []; handlers.add('x', lambda ctx: box); ex = rb.Executor(handlers); box.append(ex); del ex",
        [],
    ),
    "a daemon thread that waits": (
        "ex = rb.Executor(handlers); run = ex.start(plan); t = threading.Thread(target=run.wait, daemon=True); t.start()",
        ["slow", "two"],
    ),
    "a daemon thread that never stops following": (
        "ex = rb.Executor(handlers); run = ex.start(plan)\n"
        "def follow():\n"
        "    while True: len([list(run), run.wait(), ex.store.list()])\n"
        "threading.Thread(target=follow, daemon=True).start()",
        ["slow", "two"],
    ),
    "a helper of a handler that waits for ever": (
        "handlers.add('help', lambda ctx: threading.Thread(target=ctx.wait_for_stop, daemon=True).start())\n"
        "book.step('help').use('help'); ex = rb.Executor(handlers); ex.run(rb.make_plan(book, handlers))",
        ["slow", "two"],
    ),
    "an iterator half way": ("ex = rb.Executor(handlers); it = iter(ex.start(plan)); next(it)", ["slow", "two"]),
}


@pytest.mark.parametrize("what", ENDS)
def test_the_interpreter_exits_cleanly_with(child, what):
    code_line, lines = ENDS[what]
    code, out, err = child(SETUP + code_line).finish()
    assert (code, err) == (0, "")
    assert out.splitlines() == lines


def test_the_interpreter_exits_cleanly_after_an_exception(child):
    code, out, err = child(SETUP + "ex = rb.Executor(handlers); run = ex.start(plan); raise SystemExit(7)").finish()
    assert (code, out.splitlines(), err) == (7, ["slow", "two"], "")


def test_a_forked_child_leaves_the_executor_alone(child):
    script = """
ex = rb.Executor(handlers)
run = ex.start(plan)
pid = os.fork()
if pid == 0:
    try:
        ex.run(plan)
    except rb.Error as error:
        print("fork" in str(error), flush=True)
    sys.exit(0)
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status), run.wait().status, flush=True)
"""
    code, out, err = child(SETUP + script).finish()
    assert (code, err) == (0, "")
    assert sorted(out.splitlines()) == sorted(["True", "slow", "two", "0 succeeded"])


def plan_of(handlers, handler):
    book = rb.Runbook("One step")
    book.step("one").use(handler)
    return rb.make_plan(book, handlers)


def test_an_executor_that_goes_while_runs_go_on_waits_for_them(handlers, log):
    @handlers.add("slow")
    def slow(ctx):
        ctx.wait_for_stop(0.1)
        log.append("slow")

    ex = rb.Executor(handlers)
    ex.start(plan_of(handlers, "slow"))
    del ex
    gc.collect()
    assert log == ["slow"]


def test_a_handle_keeps_its_executor(handlers):
    go_on = threading.Event()
    handlers.add("linger", lambda ctx: go_on.wait(10))
    run = rb.Executor(handlers).start(plan_of(handlers, "linger"))
    gc.collect()
    assert run.status == "running"
    go_on.set()
    assert run.wait(timeout=10).ok
    iterator = iter(rb.Executor(handlers).start(plan_of(handlers, "linger")))
    gc.collect()
    assert [event.type for event in iterator][-1] == "run_closed"


def test_the_last_reference_may_go_in_a_handler(child):
    code, out, err = child(
        SETUP
        + """
box = {}
dropped = threading.Event()

@handlers.add("drop")
def drop(ctx):
    box["ready"].wait(10)
    executor = box.pop("ex")  # the last reference: it goes when this function returns
    dropped.set()

book = rb.Runbook("Drop")
book.step("one").use("drop")
book.step("two").use("say", {"text": "two"})
box["ready"] = threading.Event()
box["ex"] = rb.Executor(handlers)
box["ex"].start(rb.make_plan(book, handlers))
box["ready"].set()
dropped.wait(10)
"""
    ).finish()
    assert (code, out.splitlines(), err) == (0, ["two"], "")


def test_a_closed_executor_lets_its_handlers_go():
    class Held:
        def __call__(self, ctx):
            return None

    handlers = rb.HandlerRegistry()
    held = Held()
    gone = weakref.ref(held)
    handlers.add("hold", held)
    plan = plan_of(handlers, "hold")
    ex = rb.Executor(handlers)
    assert ex.run(plan).ok
    del held, handlers
    gc.collect()
    assert gone() is not None
    ex.close()
    assert gone() is None
