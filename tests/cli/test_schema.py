"""docs/runbook.schema.json says what `runbook lint` accepts: the one is read by an independent validator, the other asked."""

import copy
import json
import pathlib
import random

import jsonschema
import pytest

from command import runbook

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "runbook.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
REFUSED = {"19-prose-only.md", "28-placeholders-and-yaml.md"}  # documents with errors have no form to show
SAMPLES = sorted([*(ROOT / "examples").rglob("*.md"), *(ROOT / "tests" / "data").rglob("*.md")])
OBJECTS = {"runbook": SCHEMA, **SCHEMA["$defs"]}

# What a schema can say. The rest (a step with nothing to do, an unknown handler …) is for lint alone.
SHAPE = {"invalid-json", "wrong-type", "unknown-member", "missing-member", "unknown-word", "out-of-range", "input-name",
         "invalid-id", "empty-id", "capture-name", "no-handler", "timeout", "retries", "retry-delay"}

ACTION = {"handler": "confirm", "params": {"prompt": "?"}, "effect": "pure", "timeout_ms": 5000,
          "retry": {"retries": 3, "delay_ms": 1, "max_delay_ms": 2, "jitter_percent": 20}, "capture": "out",
          "expect": {"kind": "regex", "text": "x"}, "until": "true"}
STEP = {"id": "a", "title": "A", "notes": "n", "actions": [ACTION], "checks": [], "undo": [], "probe": [], "steps": [],
        "when": "true", "foreach": {"over": "[1]", "as": "x", "parallel": 2}, "needs": ["b"], "irreversible": True,
        "isolated": True, "on_failure": "stop", "on_doubt": "retry"}
FULL = {"title": "T", "purpose": "P", "frequency": "daily", "risk_level": "low", "required_access": ["sudo"],
        "metadata": {"k": [1]}, "inputs": [{"name": "n", "type": "path", "required": True, "default": "x", "pattern": "x",
                                            "description": "d", "from": "env:X"}],
        "prerequisites": [], "steps": [STEP], "verification": [], "rollback": [], "state": [],
        "related": [{"text": "t", "target": "u"}]}
PLACES = {"runbook": [], "step": ["steps", 0], "action": ["steps", 0, "actions", 0],
          "retry": ["steps", 0, "actions", 0, "retry"], "expectation": ["steps", 0, "actions", 0, "expect"],
          "loop": ["steps", 0, "foreach"], "input": ["inputs", 0], "link": ["related", 0]}
MEMBERS = [(name, member) for name, rules in OBJECTS.items() for member in rules["properties"]]
VALUES = [None, True, 0, 1, -1, 1.5, 2.0, 1e30, 2**33, "", "word", "a b", "1x", [], ["x"], [1], [{}], {}, {"x": 1}]


@pytest.fixture
def findings(tmp_path):
    """What lint finds wrong with the shape of a document."""

    def ask(document):
        (tmp_path / "book.json").write_text(json.dumps(document), encoding="utf-8")
        end = runbook("lint", "--format", "json", "book.json", cwd=tmp_path)
        assert end.returncode in (0, 2), end.stderr
        found = [json.loads(line) for line in end.stdout.splitlines()]
        return [f for f in found if f["severity"] == "error" and f["code"] in SHAPE]

    return ask


def changed(name, change):
    """The full document after a change of one of its objects."""
    document = copy.deepcopy(FULL)
    place = document
    for key in PLACES[name]:
        place = place[key]
    change(place)
    return document


def rules_of(name, member):
    rules = OBJECTS[name]["properties"][member]
    return SCHEMA["$defs"][rules["$ref"].rsplit("/", 1)[1]] if "$ref" in rules else rules


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"]
    for name, member in MEMBERS:
        assert OBJECTS[name]["properties"][member]["description"], (name, member)
    for name, rules in OBJECTS.items():
        assert rules["additionalProperties"] is False, name


def test_a_document_with_every_member_is_accepted_by_both(findings):
    for name, place in PLACES.items():
        value = FULL
        for key in place:
            value = value[key]
        assert set(value) == set(OBJECTS[name]["properties"]), name
    assert list(VALIDATOR.iter_errors(FULL)) == []
    assert findings(FULL) == []


@pytest.mark.parametrize("name", OBJECTS)
def test_both_know_the_same_members(name, findings):
    document = changed(name, lambda place: place.update(zzzzzzzzzzzz=1))
    assert not VALIDATOR.is_valid(document)
    (found,) = findings(document)
    assert found["code"] == "unknown-member"
    known = found["hint"].removeprefix("the members known here are ").split(", ")
    assert sorted(known) == sorted(OBJECTS[name]["properties"])


@pytest.mark.parametrize("name, member", [m for m in MEMBERS if "enum" in rules_of(*m)])
def test_both_know_the_same_words(name, member, findings):
    words = rules_of(name, member)["enum"]
    for word in words:
        document = changed(name, lambda place: place.update({member: word}))
        assert VALIDATOR.is_valid(document) and findings(document) == []
    document = changed(name, lambda place: place.update({member: "zzzzzzzzzzzz"}))
    assert not VALIDATOR.is_valid(document)
    (found,) = findings(document)
    assert found["hint"].removeprefix("use one of ").split(", ") == words


@pytest.mark.parametrize("name, member", MEMBERS)
def test_both_accept_the_same_values(name, member, findings):
    for value in VALUES:
        document = changed(name, lambda place: place.update({member: value}))
        if member == "parallel" and value == 0:
            continue  # the schema alone says that nothing can run no times at once
        valid, found = VALIDATOR.is_valid(document), findings(document)
        assert valid == (found == []), (value, found)


@pytest.mark.parametrize("name, member", MEMBERS)
def test_both_miss_the_same_members(name, member, findings):
    document = changed(name, lambda place: place.pop(member))
    assert VALIDATOR.is_valid(document) == (findings(document) == [])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_the_json_form_of_a_sample_is_valid(sample, tmp_path):
    shown = runbook("show", "--json", sample, cwd=tmp_path)
    if sample.name in REFUSED:
        assert shown.returncode == 2 and ": error: " in shown.stderr
        return
    assert shown.returncode == 0, shown.stderr
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(shown.stdout))] == []


class Documents:
    """Random documents that the schema allows."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.count = 0

    def object(self, rules, depth):
        required = rules.get("required", [])
        members = [m for m in rules["properties"] if m in required or self.random.random() < 0.5]
        return {member: self.value(rules["properties"][member], depth, member) for member in members}

    def value(self, rules, depth, member):
        if "$ref" in rules:
            return self.object(SCHEMA["$defs"][rules["$ref"].rsplit("/", 1)[1]], depth + 1)
        if "enum" in rules:
            return self.random.choice(rules["enum"])
        kind = rules.get("type")
        if kind == "array":
            return [self.value(rules["items"], depth, member) for _ in range(self.random.randrange(3) if depth < 4 else 0)]
        if kind == "integer":
            return self.random.choice([rules.get("minimum", 1), rules["maximum"], 7])
        if kind == "string" and member in ("id", "name", "capture", "handler"):
            self.count += 1
            return f"{self.random.choice(['x', 'some_', '_'])}{self.count}"
        if member == "from":
            return self.random.choice(["env:X", "file: a b", "COMMAND:x | y"])
        return {"boolean": self.random.random() < 0.5, "string": self.random.choice(["", "é ", "{ x", "a\nb", "1"]),
                "object": {"k": [None, 1.5, {"": "x"}]}, None: self.random.choice([None, 1, "x", [True]])}[kind]


@pytest.mark.parametrize("seed", range(25))
def test_random_documents_are_accepted_by_both(seed, findings):
    document = Documents(seed).object(SCHEMA, 0)
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    assert findings(document) == []
