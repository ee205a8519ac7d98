"""Python functions as handlers."""

import subprocess
import threading

import pytest

import runbook as rb


def run_one(handlers, handler, params=None, **options):
    book = rb.Runbook("One step")
    book.step("one").use(handler, params, **options)
    with rb.Executor(handlers) as ex:
        return ex.run(rb.make_plan(book, handlers))


def outcome(result):
    return [e.data for e in result.events if e.type == "step_outcome"][-1]


VALUES = [None, True, 0, -1, 2**63 - 1, 2**64 - 1, 1.5, "", "ä\0b", "\udcff", [], {}, {"a": [1, {"b": None}]}]


@pytest.mark.parametrize("value", VALUES)
def test_values_go_there_and_back(handlers, value):
    seen = []

    @handlers.add("echo")
    def echo(ctx):
        seen.append(ctx.params["value"])
        return ctx.params["value"]

    result = run_one(handlers, "echo", {"value": value})
    assert result.ok, result.reason
    assert seen == [value]
    assert type(seen[0]) is type(value)


def test_what_a_handler_sees(handlers):
    seen = {}

    @handlers.add("look", effect=rb.Effect.IDEMPOTENT)
    def look(ctx):
        seen.update(
            params=ctx.params, values=ctx.values, run=ctx.run, step=ctx.step, attempt=ctx.attempt,
            key=ctx.idempotency_key, timeout=ctx.timeout, stop=ctx.stop_requested, path=ctx.environment["PATH"],
        )  # fmt: skip

    book = rb.parse("# T\n\n#### Inputs\n- `node` (string, required): N\n\n#### Steps\n1. A\n   ```sh\n   true\n   ```\n").runbook
    book.step("two").use("look", {"text": "at {{ node }}"}, timeout=60)
    with rb.Executor(handlers) as ex:
        result = ex.run(rb.make_plan(book, handlers, {"node": "web-1"}))
    assert result.ok, result.reason
    assert seen["params"] == {"text": "at web-1"}
    assert seen["values"] == {"node": "web-1"}
    assert (seen["step"], seen["attempt"], seen["timeout"], seen["stop"]) == ("two", 1, 60.0, False)
    assert seen["run"] == result.run
    assert seen["key"].startswith(result.run + "/two")
    assert seen["path"]


def test_retries_share_one_idempotency_key(handlers):
    seen = []

    @handlers.add("flaky", effect="idempotent")
    def flaky(ctx):
        seen.append((ctx.attempt, ctx.idempotency_key))
        if ctx.attempt == 1:
            raise OSError("not yet")

    result = run_one(handlers, "flaky", retries=1)
    assert result.ok, result.reason
    assert [attempt for attempt, _ in seen] == [1, 2]
    assert seen[0][1] == seen[1][1]


def test_output_and_log_are_recorded(handlers):
    @handlers.add("speak")
    def speak(ctx):
        ctx.output("text ä\n")
        ctx.output(b"\xff\x00")
        ctx.output("oops\n", stream="err")
        ctx.log("a line")

    book = rb.Runbook("Speak")
    book.step("one").use("speak")
    with rb.Executor(handlers) as ex:
        result = ex.run(rb.make_plan(book, handlers))
        outputs = {e.data["stream"]: ex.store.output(result.run, e.seq) for e in result.events if e.type == "step_output"}
    assert outputs == {"out": "text ä\n".encode() + b"\xff\x00", "err": b"oops\na line\n"}


def test_a_handler_can_run_programs_in_the_steps_environment(handlers):
    handlers.add("greet", lambda ctx: "hello")

    @handlers.add("program")
    def program(ctx):
        done = subprocess.run(["sh", "-c", "echo $greeting"], env=ctx.environment, capture_output=True, text=True)
        return done.stdout

    book = rb.Runbook("Environment")
    book.step("one").use("greet", capture="greeting")
    book.step("two").use("program", capture="printed")
    with rb.Executor(handlers) as ex:
        result = ex.run(rb.make_plan(book, handlers))
    assert outcome(result)["captured"] == "hello\n"


@pytest.mark.parametrize("bad", [{1, 2}, object(), {1: 2}, float("inf")])
def test_a_result_that_json_cannot_hold_is_a_failure(handlers, bad):
    handlers.add("bad", lambda ctx: bad)
    result = run_one(handlers, "bad")
    assert result.status == "failed"
    assert "the handler's result" in result.reason


def test_even_system_exit_is_only_a_failure(handlers):
    def leave(ctx):
        raise SystemExit(3)

    handlers.add("leave", leave)
    result = run_one(handlers, "leave")
    assert not result.ok
    assert "SystemExit: 3" in result.reason


def test_an_exception_without_words(handlers):
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError("no words")

    def mute(ctx):
        raise Mute

    handlers.add("mute", mute)
    assert "Mute" in run_one(handlers, "mute").reason


def test_a_context_cannot_be_used_after_its_step(handlers):
    kept = []
    handlers.add("keep", kept.append)
    assert run_one(handlers, "keep", {"a": 1}).ok
    with pytest.raises(RuntimeError, match="the step has ended"):
        kept[0].log("too late")
    with pytest.raises(RuntimeError, match="the step has ended"):
        kept[0].params


def test_the_deadline_stops_a_handler_that_listens(handlers):
    stopped = []

    @handlers.add("slow")
    def slow(ctx):
        stopped.append(ctx.wait_for_stop(20))

    result = run_one(handlers, "slow", timeout=0.05)
    assert stopped == [True]
    assert outcome(result)["status"] == "timed_out"


def test_handlers_run_at_the_same_time_on_threads_of_their_own(handlers):
    meeting = threading.Barrier(2, timeout=10)
    threads = set()

    @handlers.add("meet")
    def meet(ctx):
        threads.add(threading.get_ident())
        meeting.wait()

    book = rb.Runbook("Meet")
    book.step("one").use("meet")
    plan = rb.make_plan(book, handlers)
    with rb.Executor(handlers) as ex:
        runs = [ex.start(plan), ex.start(plan)]
        assert [run.wait().status for run in runs] == ["succeeded", "succeeded"]
    assert len(threads) == 2 and threading.get_ident() not in threads


def test_what_can_be_registered(handlers):
    @handlers.add("one", description="Does one thing", params=["a", rb.HandlerParam("b")])
    def one(ctx):
        """Not this."""

    assert one.__doc__ == "Not this."  # the decorator gives the function back
    assert "one" in handlers and "two" not in handlers
    assert set(handlers) == {"assert", "confirm", "file", "http", "one", "runbook", "set", "shell", "wait"}
    with pytest.raises(rb.Error, match="registered already"):
        handlers.add("one", one)
    with pytest.raises(TypeError, match="cannot be called"):
        handlers.add("two", 2)

    async def later(ctx):
        pass

    with pytest.raises(TypeError, match="async"):
        handlers.add("later", later)
    book = rb.Runbook("T")
    book.step("s").use("one", {"b": 1, "c": 2})
    with pytest.raises(rb.Error) as raised:
        rb.make_plan(book, handlers)
    assert "'a'" in str(raised.value) and "'c'" in str(raised.value)


def test_a_handler_claims_a_fence_language(handlers, tmp_path):
    seen = []
    handlers.add("query", lambda ctx: seen.append(ctx.params["text"]), languages=["sql"], params=["text"])
    path = tmp_path / "q.md"
    path.write_text("# Q\n\n## Steps\n\n1. Ask\n   ```sql\n   SELECT 1;\n   ```\n")
    book = rb.load(path, handler_languages=handlers.languages())
    with rb.Executor(handlers) as ex:
        assert ex.run(rb.make_plan(book, handlers)).ok
    assert [text.strip() for text in seen] == ["SELECT 1;"]
