"""Documents whose steps run other documents."""

import pytest

import runbook as rb

OUTER = """\
# Greet two people

#### Inputs
- `name` (string, required): Who is greeted first
- `token` (secret, required)

#### Steps
1. [Greet the first](parts/greet.md)
   - `who`: `{{ name }}`
   - `times`: 2
   - `word`: `{{ token }}`
2. [Greet the second](parts/greet.md)
   - `who`: ben
   - `times`: 1
   - `word`: `{{ token }}`
"""

INNER = """\
# Greet somebody

#### Inputs
- `who` (string, required)
- `times` (integer, required)
- `word` (secret, required)

#### Steps
1. Greet
   ```greet {capture=said}
   {{ who }}
   ```
   Rollback:
   ```greet
   sorry {{ said }}
   ```
2. See
   ```see
   {{ said }}
   ```
"""


@pytest.fixture
def document(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "greet.md").write_text(INNER)
    path = tmp_path / "outer.md"
    path.write_text(OUTER)
    return path


@pytest.fixture
def plan(document, handlers, log):
    """Its handlers claim the documents' blocks; `see` fails at the second of the two."""

    @handlers.add("greet", languages=["greet"], params=["text"])
    def greet(ctx):
        text = ctx.params["text"].strip()
        log.append((ctx.step, text, ctx.values["times"], ctx.secrets["word"], "name" in ctx.values))
        return "hello " + text

    @handlers.add("see", languages=["see"], params=["text"], effect=rb.Effect.PURE)
    def see(ctx):
        if "ben" in ctx.params["text"]:
            raise RuntimeError("not him")

    book = rb.load(document, handler_languages=handlers.languages())
    return rb.make_plan(book, handlers, {"name": "ada"})


def test_a_document_runs_another_one_twice_and_both_are_undone(plan, handlers, log):
    ids = [step["id"] for step in plan.to_json()["steps"]]
    assert ids == ["greet-the-first", "greet-the-first/greet", "greet-the-first/see",
                   "greet-the-second", "greet-the-second/greet", "greet-the-second/see"]
    with rb.Executor(handlers) as executor:
        result = executor.run(plan, secrets={"token": "open sesame"})
    assert result.status == "rolled_back"
    assert result.reason == "step 'greet-the-second/see' failed: RuntimeError: not him"
    assert [(step, text) for step, text, *_ in log] == [
        ("greet-the-first/greet", "ada"), ("greet-the-second/greet", "ben"),
        ("greet-the-second/greet", "sorry hello ben"), ("greet-the-first/greet", "sorry hello ada")]
    assert [times for _, _, times, *_ in log] == [2, 1, 1, 2]  # as the other document declares it
    assert all(word == "open sesame" and not name for *_, word, name in log)
    assert not any("open sesame" in str(event) for event in result.events)


def test_what_is_wrong_with_the_other_document_is_an_error_of_its_own_place(document):
    inner = document.parent / "parts" / "greet.md"
    inner.write_text("# No steps\n")
    with pytest.raises(rb.DocumentError) as raised:
        rb.load(document)
    assert str(inner) in str(raised.value)
    inner.unlink()
    with pytest.raises(rb.DocumentError) as raised:
        rb.load(document)
    assert [d.code for d in raised.value.diagnostics] == ["runbook-file", "runbook-file"]


def test_text_alone_has_no_other_documents(handlers):
    book = rb.parse(OUTER).runbook
    with pytest.raises(rb.DocumentError) as raised:
        rb.make_plan(book, handlers, {"name": "ada"})
    assert {d.code for d in raised.value.diagnostics} == {"runbook-not-read"}
