"""Secrets: given, found and never shown."""

import pytest

import runbook as rb

HIDDEN = "s3cr3t-t0ken"

DOCUMENT = """\
# Log in

#### Inputs
- `token` (secret, required): What lets us in

#### Steps
1. Use it
   ```sh
   printf %s "$token" > seen; echo "it is $token"
   ```
2. Call
   ```call
   x
   ```
"""


@pytest.fixture
def handlers():
    handlers = rb.builtin_handlers()

    @handlers.add("call", languages=["call"])
    def call(ctx):
        assert "token" not in ctx.values
        ctx.log(f"calling with {ctx.secrets['token']}")
        raise ValueError(f"no access with {ctx.secrets['token']}")

    return handlers


@pytest.fixture
def plan(handlers):
    return rb.make_plan(rb.parse(DOCUMENT, handler_languages=["call"]).runbook, handlers)


def text_of(result, store):
    parts = [str(result.reason), repr(result)]
    for event in result.events:
        parts.append(str(event.to_json()))
    parts.append(rb.make_report(result.events).to_markdown())
    return "\n".join(parts)


@pytest.mark.parametrize("value", [HIDDEN, HIDDEN.encode(), lambda: HIDDEN])
def test_it_is_given_when_the_run_starts(handlers, plan, tmp_path, value):
    store = rb.memory_store()
    with rb.Executor(handlers, store=store) as executor:
        result = executor.run(plan, directory=tmp_path, secrets={"token": value})
    assert (tmp_path / "seen").read_text() == HIDDEN
    assert "no access with ***" in result.reason
    assert HIDDEN not in text_of(result, store)


def test_a_plan_says_where_it_comes_from(handlers, tmp_path, monkeypatch):
    monkeypatch.setenv("RUNBOOK_TEST_TOKEN", HIDDEN)
    book = rb.parse(DOCUMENT, handler_languages=["call"]).runbook
    plan = rb.make_plan(book, handlers, secrets={"token": "env:RUNBOOK_TEST_TOKEN"})
    assert plan.secrets == {"token": "env:RUNBOOK_TEST_TOKEN"}
    assert book.inputs[0].type == rb.InputType.SECRET
    with rb.Executor(handlers) as executor:
        executor.run(plan, directory=tmp_path)
    assert (tmp_path / "seen").read_text() == HIDDEN


def test_no_exception_repeats_a_value(handlers, plan, tmp_path):
    book = plan.runbook
    with pytest.raises(rb.InputError) as raised:
        rb.make_plan(book, handlers, {"token": HIDDEN})
    assert HIDDEN not in str(raised.value)
    with pytest.raises(ValueError) as raised:
        rb.make_plan(book, handlers, secrets={"token": HIDDEN})
    assert HIDDEN not in str(raised.value)
    with rb.Executor(handlers) as executor:
        for secrets in ({}, {"token": "abc"}):
            with pytest.raises(rb.Error) as raised:
                executor.run(plan, directory=tmp_path, secrets=secrets)
            assert raised.value.code == "secret_unavailable"
            assert "abc" not in str(raised.value)
    assert not (tmp_path / "seen").exists()
