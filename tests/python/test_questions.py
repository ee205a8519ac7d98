"""Questions to people: the approver, answers from elsewhere, and nobody."""

import threading

import pytest

import runbook as rb


@pytest.fixture
def plan(notes):
    book = rb.Runbook("Ask")
    book.step("first").use("note", {"text": "first"}).rollback("note", {"text": "undo first"})
    book.step("sure").use("confirm", {"prompt": "Are you sure?"})
    book.step("last").use("note", {"text": "last"})
    return rb.make_plan(book, notes)


def answers_of(result):
    return [(e.data["yes"], e.data["who"]) for e in result.events if e.type == "wait_answered"]


def test_the_approver_is_asked_by_the_thread_that_waits(notes, plan, log):
    asked = []

    def approve(question):
        asked.append((question.step, question.kind, question.text, threading.current_thread()))
        return True

    with rb.Executor(notes, approver=approve) as ex:
        result = ex.run(plan)
        assert (result.run, result.status) == (result.run, "succeeded")
    assert asked == [("sure", rb.QuestionKind.STEP, "Are you sure?", threading.main_thread())]
    assert log == ["first", "last"]
    ((yes, who),) = answers_of(result)
    assert yes and who.endswith("approve")


def test_no_means_undo(notes, plan, log):
    with rb.Executor(notes, approver=lambda question: rb.Answer(False, who="ada", note="not today")) as ex:
        result = ex.run(plan)
    assert log == ["first", "undo first"]
    assert not result.ok
    assert answers_of(result) == [(False, "ada")]


def test_the_approver_is_asked_while_iterating(notes, plan):
    with rb.Executor(notes, approver=lambda question: True) as ex:
        types = [event.type for event in ex.start(plan)]
    assert types.index("wait_opened") < types.index("wait_answered")
    assert types[-1] == "run_closed"


def test_the_end_of_the_block_asks_for_runs_that_nobody_waited_for(notes, plan):
    with rb.Executor(notes, approver=lambda question: True) as ex:
        runs = [ex.start(plan), ex.start(plan)]
    assert [run.status for run in runs] == ["succeeded", "succeeded"]


def test_without_an_approver_the_run_is_parked(notes, plan, log):
    with rb.Executor(notes) as ex:
        result = ex.run(plan)
    assert result.status is rb.RunStatus.PARKED
    assert log == ["first"]
    assert result.events[-1].type == "run_parked"
    assert answers_of(result) == []


def test_a_started_run_waits_for_an_answer_and_parks_at_the_end(notes, plan):
    with rb.Executor(notes) as ex:
        run = ex.start(plan)
        with pytest.raises(TimeoutError, match=run.id):
            run.wait(timeout=0.05)
        assert run.status == "running"
    assert run.status == "parked"


def test_an_answer_from_elsewhere(notes, plan, log):
    with rb.Executor(notes) as ex:
        run = ex.start(plan)
        for event in run:
            if event.type == "wait_opened":
                run.answer(event.data["token"], True, who="ada")
        with pytest.raises(rb.Error, match="sure") as raised:
            run.answer("sure", True)
        assert raised.value.code == "not_found"
        assert answers_of(run.wait()) == [(True, "ada")]
    assert log == ["first", "last"]


@pytest.mark.parametrize("not_an_answer", ["no", 1, [], {}])
def test_nothing_but_true_is_a_yes(notes, plan, log, not_an_answer):
    store = rb.memory_store()
    with rb.Executor(notes, store, lambda question: not_an_answer) as ex:
        with pytest.raises(TypeError, match="an approver returns True, False, None or an Answer"):
            ex.run(plan)
    assert log == ["first"]
    assert [run.status for run in store.list()] == ["parked"]


def test_an_approver_that_gives_none_parks_the_run(notes, plan):
    with rb.Executor(notes, approver=lambda question: None) as ex:
        assert ex.run(plan).status == "parked"


def test_what_an_approver_raises_parks_the_run_and_is_raised(notes, plan):
    def broken(question):
        raise LookupError("nobody there")

    store = rb.memory_store()
    with pytest.raises(LookupError, match="nobody there"):
        with rb.Executor(notes, store, broken) as ex:
            ex.run(plan)
    (summary,) = store.list()
    assert summary.status == "parked"
    reasons = [e.data["reason"] for e in store.load(summary.run) if e.type == "wait_unreachable"]
    assert reasons == ["the approver raised LookupError: nobody there"]


def test_rollback_ask_asks(notes, log):
    book = rb.Runbook("Ask for the rollback")
    book.step("one").use("note", {"text": "1"}).rollback("note", {"text": "undo 1"})
    book.step("two").use("fail", {"text": "2"}, effect="pure")
    asked = []
    with rb.Executor(notes, approver=lambda question: asked.append(question.kind) or False) as ex:
        result = ex.run(rb.make_plan(book, notes), rollback=rb.RollbackMode.ASK)
    assert asked == ["rollback"]
    assert result.status == "failed"
    assert log == ["1", "2"]


def test_ctrl_c_with_a_question_about_the_rollback_open_parks(child):
    """Nobody is left who could answer: the run stands where it is, and the interrupt goes on."""
    one = child("""
    import runbook as rb

    handlers = rb.builtin_handlers()
    handlers.add("say", lambda ctx: None)

    @handlers.add("fail")
    def fail(ctx):
        raise ValueError("no")

    book = rb.Runbook("Interrupted")
    book.step("one").use("say").rollback("say")
    book.step("two").use("fail")
    store = rb.memory_store()
    try:
        with rb.Executor(handlers, store) as ex:
            run = ex.start(rb.make_plan(book, handlers), rollback="ask")
            for event in run:
                if event.type == "wait_opened":
                    break
            print("asked", flush=True)  # the interrupt may come from here on
            run.wait()
    except KeyboardInterrupt:
        print(run.status)
    """)
    one.wait_for_line("asked")
    one.interrupt()
    code, out, err = one.finish()
    assert (code, out.splitlines()) == (0, ["parked"]), err


@pytest.fixture
def typed(notes):
    book = rb.Runbook("Ask for more")
    book.step("ask").use("confirm", {"prompt": "Which?", "answer": "choice", "choices": ["blue", "green"]}, capture="colour")
    book.step("use").use("note", {"text": "{{ colour }}"})
    return rb.make_plan(book, notes)


def test_a_question_says_what_it_wants_and_its_answer_is_a_value(notes, typed, log):
    asked = []

    def approve(question):
        asked.append((question.wants, question.choices, question.pattern))
        return rb.Answer(True, text="green")

    with rb.Executor(notes, approver=approve) as ex:
        result = ex.run(typed)
    assert asked == [(rb.AnswerKind.CHOICE, ["blue", "green"], "")]
    assert log == ["green"]
    assert [e.data["value"] for e in result.events if e.type == "wait_answered"] == ["green"]


def test_what_is_no_answer_to_the_question_leaves_it_open(notes, typed, log):
    with rb.Executor(notes) as ex:
        run = ex.start(typed)
        for event in run:
            if event.type == "wait_opened":
                assert (event.data["answer"], event.data["choices"]) == ("choice", ["blue", "green"])
                for wrong in ({}, {"text": "red"}):
                    with pytest.raises(rb.Error, match="it must be one of: blue, green") as raised:
                        run.answer("ask", True, **wrong)
                    assert raised.value.code == "invalid_argument"
                run.answer("ask", True, text="blue")
        assert run.wait().ok
    assert log == ["blue"]


def test_an_approver_that_says_only_yes_to_a_choice_parks_the_run(notes, typed, log):
    store = rb.memory_store()
    with rb.Executor(notes, store, lambda question: True) as ex:
        with pytest.raises(ValueError, match="it must be one of: blue, green"):
            ex.run(typed)
    assert log == []
    assert [run.status for run in store.list()] == ["parked"]


def test_a_secret_is_there_for_handlers_and_no_event_has_it(notes):
    seen = []
    notes.add("use", lambda ctx: seen.append(ctx.secrets["token"]))
    book = rb.Runbook("Ask for a secret")
    book.step("ask").use("confirm", {"prompt": "Which?", "answer": "secret"}, capture="token")
    book.step("use").use("use").use("note", {"text": "done"})
    with rb.Executor(notes, approver=lambda question: rb.Answer(True, text="hunter2-and-more")) as ex:
        result = ex.run(rb.make_plan(book, notes))
    assert result.ok and seen == ["hunter2-and-more"]
    assert not any("hunter2" in str(event.data) for event in result.events)
    assert "hunter2" not in repr(rb.Answer(True, text="hunter2-and-more"))
