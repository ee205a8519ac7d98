"""The linter as Python sees it."""

from pathlib import Path

import pytest

import runbook as rb

DESTROYS = (Path(__file__).parents[1] / "data" / "destroys.md").read_text()

UNLABELLED = "# Ü\n\n## Steps\n1. Say it\n   ```sh\n   echo 1\n   ```\n   ```\n   1\n   ```\n"


def codes(report):
    return [d.code for d in report.diagnostics]


def test_findings_have_code_severity_and_place():
    report = rb.lint(DESTROYS, "book.md")
    (found,) = report.diagnostics
    assert (found.code, found.severity, found.path) == ("destructive-without-undo", rb.Severity.WARNING, "book.md")
    assert (found.span.line, found.span.column) == (6, 4)
    assert report.ok and report.is_runbook
    assert report.runbook.title == "Clean up"
    assert "Clean up" in repr(report)


def test_a_suppression_keeps_its_reason():
    comment = "<!-- runbook-lint-ignore-file destructive-without-undo: it fills itself again -->\n\n"
    report = rb.lint(comment + DESTROYS)
    assert report.diagnostics == []
    assert [s.reason for s in report.suppressed] == ["it fills itself again"]
    assert report.suppressed[0].diagnostic.code == "destructive-without-undo"


def test_fixed_is_the_document_with_its_repairs():
    report = rb.lint(UNLABELLED)
    assert report.fixes == 1
    fixed = report.fixed()
    assert fixed == UNLABELLED.replace("   ```\n   1", "   Expected:\n   ```\n   1").encode()
    assert rb.lint(fixed).diagnostics == []


def test_bad_text_is_a_diagnostic_and_a_missing_file_an_exception(tmp_path):
    assert "not-utf8" in codes(rb.lint(b"# \xff"))
    with pytest.raises(rb.FileError):
        rb.lint_file(tmp_path / "gone.md")
    with pytest.raises(TypeError, match="str or bytes"):
        rb.lint(3)


def test_links_are_checked_from_the_folder_of_the_file(tmp_path):
    (tmp_path / "book.md").write_text(DESTROYS + "\n## See also\n- [Next](gone.md)\n")
    assert "dead-link" in codes(rb.lint_file(tmp_path / "book.md"))


def test_a_handler_of_python_is_known():
    handlers = rb.builtin_handlers()
    handlers.add("drain", effect="mutating", languages=["drain"])(lambda ctx: None)
    text = DESTROYS.replace("```sh\n   rm -rf /srv/cache", "```drain\n   web-1")
    assert "unknown-language" in codes(rb.lint(text))
    assert codes(rb.lint(text, handlers=handlers)) == []


def test_rules_and_sarif():
    rules = {rule.code: rule for rule in rb.lint_rules()}
    assert rules["unlabelled-output"].fixable and rules["placeholder"].severity is rb.Severity.ERROR
    log = rb.to_sarif([rb.lint(DESTROYS, "my book.md")])
    (result,) = log["runs"][0]["results"]
    assert result["ruleId"] == "destructive-without-undo"
    assert log["runs"][0]["artifacts"][0]["location"]["uri"] == "my%20book.md"
