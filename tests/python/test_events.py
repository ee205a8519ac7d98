"""Events as they become durable, and what is made of them."""

import datetime
import threading

import pytest

import runbook as rb


def book_with(steps):
    book = rb.Runbook("Events")
    for n in range(steps):
        book.step(f"s{n}").use("note", {"text": str(n)}).rollback("note", {"text": f"undo {n}"})
    return book


def test_events_iterate_in_order_and_gapless(notes):
    plan = rb.make_plan(book_with(20), notes)
    with rb.Executor(notes) as ex:
        run = ex.start(plan, actor="pytest")
        events = list(run)
        result = run.wait()
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert events[0].type == "run_created" and events[-1].type == "run_closed"
    assert [e.step for e in events if e.type == "step_intent"] == [f"s{n}" for n in range(20)]
    assert [e.to_json() for e in result.events] == [e.to_json() for e in events]


def test_an_event_is_there_before_the_step_ends(handlers):
    go_on = threading.Event()
    handlers.add("linger", lambda ctx: go_on.wait(10))
    book = rb.Runbook("Live")
    book.step("one").use("linger")
    with rb.Executor(handlers) as ex:
        types = []
        for event in ex.start(rb.make_plan(book, handlers)):
            types.append(event.type)
            if event.type == "step_intent":
                go_on.set()
    assert types.index("step_intent") < types.index("step_outcome")


def test_iterating_again_starts_at_the_first_event(notes):
    with rb.Executor(notes) as ex:
        run = ex.start(rb.make_plan(book_with(3), notes))
        assert [e.seq for e in run] == [e.seq for e in run]


def test_several_threads_see_the_same_events(notes):
    seen = []
    with rb.Executor(notes) as ex:
        run = ex.start(rb.make_plan(book_with(30), notes))
        threads = [threading.Thread(target=lambda: seen.append([e.seq for e in run])) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == 4 and all(one == seen[0] for one in seen)


def test_what_an_event_says(notes):
    book = rb.Runbook("Say")
    book.step("one").use("note", {"text": "x"}, capture="said")
    before = datetime.datetime.now(datetime.timezone.utc)
    with rb.Executor(notes) as ex:
        events = ex.run(rb.make_plan(book, notes), actor="ada").events
    (outcome,) = [e for e in events if e.type == "step_outcome"]
    assert outcome.step == "one"
    assert (outcome.data["status"], outcome.data["value"], outcome.data["captured"]) == ("ok", "x", "x")
    assert str(outcome) == f"{outcome.seq} step_outcome one ok"
    assert abs(outcome.time - before) < datetime.timedelta(minutes=1)
    assert str(events[0]).endswith(": Say by ada")
    assert str(events[-1]).endswith("run_closed succeeded")
    assert outcome.to_json()["type"] == "step_outcome"


def test_a_report_in_every_form(notes):
    book = rb.Runbook("Report me")
    book.step("one").use("note", {"text": "x"})
    book.step("two").use("fail", {"text": "y"})
    with rb.Executor(notes) as ex:
        result = ex.run(rb.make_plan(book, notes), actor="ada")
    report = rb.make_report(result.events)
    assert report.status is result.status
    for text in (report.to_markdown(), report.to_text(), str(report)):
        assert "Report me" in text and "no such node" in text
    assert report.to_json()["status"] == str(result.status)
    assert report.started <= report.ended
    assert rb.make_report(iter(result.events)).to_markdown() == report.to_markdown()
    with pytest.raises(ValueError, match="whole journal"):
        rb.make_report(result.events[1:])
    with pytest.raises(ValueError, match="whole journal"):
        rb.make_report([])
