"""Documents and plans as Python sees them."""

import pathlib
import types

import pytest

import runbook as rb

DOCUMENT = """\
# Restart a service

**Purpose**: Bring it back
**Frequency**: Weekly
**Risk Level**: High

#### Inputs
- `service` (string, required): What to restart
- `port` (integer, default `8080`): Where it listens

#### Prerequisites
- [ ] The on-call engineer knows

#### Steps
1. Restart it
   ```sh {timeout=5m retries=2}
   systemctl restart "$service"
   ```
   Rollback:
   ```sh
   systemctl stop "$service"
   ```

#### Verification
- It answers
  ```sh
  curl -f "http://127.0.0.1:$port"
  ```

#### Related Runbooks
- [Stop it](stop.md)
"""


def test_the_attributes_of_a_runbook():
    parsed = rb.parse(DOCUMENT, "restart.md")
    assert parsed.ok, parsed.diagnostics
    book = parsed.runbook
    assert (book.title, book.purpose, book.frequency) == ("Restart a service", "Bring it back", "Weekly")
    assert book.risk_level is rb.RiskLevel.HIGH
    assert [(i.name, i.type, i.required, i.default) for i in book.inputs] == [
        ("service", rb.InputType.STRING, True, None),
        ("port", "integer", False, 8080),
    ]
    (step,) = book.steps
    assert step.title == "Restart it"
    (action,) = step.actions
    assert (action.handler, action.timeout, action.retry.retries) == ("shell", 300.0, 2)
    assert action.params["script"].strip() == 'systemctl restart "$service"'
    assert step.undo[0].params["script"].strip() == 'systemctl stop "$service"'
    assert step.span.line == 15
    assert [p.title for p in book.prerequisites] == ["The on-call engineer knows"]
    assert [v.title for v in book.verification] == ["It answers"]
    assert [link.target for link in book.related] == ["stop.md"]
    assert (book.path, book.source) == ("restart.md", DOCUMENT.encode())


def test_the_yaml_form_is_text_and_comes_back():
    book = rb.Runbook("T")
    book.step("a").use("shell", {"script": "echo a\n\techo b\n", "shell": "sh"})
    text = book.to_yaml()
    assert "script: |\n" in text
    parsed = rb.parse(text, "book.yaml")
    assert parsed.ok
    assert parsed.runbook.to_json() == book.to_json()


def test_the_json_form_is_plain_values_and_comes_back():
    book = rb.parse(DOCUMENT).runbook
    form = book.to_json()
    assert form["title"] == "Restart a service"
    assert rb.Runbook.from_json(form).to_json() == form


def test_steps_stay_valid_when_others_are_added(handlers):
    book = rb.Runbook("Steps")
    first = book.step("first")
    for n in range(100):
        book.step(f"s{n}").use("shell", {"script": "true"})
    first.use("shell", {"script": "echo hi"}).titled("The first")
    assert (book.steps[0].title, len(book.steps[0].actions)) == ("The first", 1)
    assert "The first" in str(rb.make_plan(book, handlers))


def test_a_plan_shows_what_would_happen(handlers):
    plan = rb.make_plan(rb.parse(DOCUMENT, "restart.md").runbook, handlers, {"service": "nginx"})
    assert str(plan) == plan.to_text()
    assert "Restart it" in str(plan)
    assert plan.inputs == {"service": "nginx", "port": 8080}
    assert len(plan.digest) == len(plan.document_digest) == 64
    assert plan.to_json()["inputs"]["port"] == 8080
    again = rb.make_plan(plan.runbook, handlers, {"service": "apache"})
    assert again.document_digest == plan.document_digest
    assert again.digest != plan.digest


@pytest.mark.parametrize("inputs", [types.MappingProxyType({"service": "nginx"}), {"service": pathlib.Path("nginx")}])
def test_inputs_may_be_any_mapping_and_paths(handlers, inputs):
    assert rb.make_plan(rb.parse(DOCUMENT).runbook, handlers, inputs).inputs["service"] == "nginx"


def test_a_string_is_accepted_for_an_integer_input(handlers):
    plan = rb.make_plan(rb.parse(DOCUMENT).runbook, handlers, {"service": "nginx", "port": "81"})
    assert plan.inputs["port"] == 81


def test_the_enums_are_text():
    assert rb.Effect.IDEMPOTENT == "idempotent"
    assert f"{rb.Effect.IDEMPOTENT} {rb.RunStatus.ROLLED_BACK!s}" == "idempotent rolled_back"
    assert rb.RunStatus("parked") is rb.RunStatus.PARKED
