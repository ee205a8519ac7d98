"""`runbook lint`: documents and trees of them, its formats, its repairs."""

import json
import os
import stat
import sys
import urllib.parse
from pathlib import Path

import books
from command import runbook

DESTROYS = (Path(__file__).parents[1] / "data" / "destroys.md").read_text()

SUPPRESSED = DESTROYS.replace("1. Remove", """<!-- runbook-lint-ignore destructive-without-undo: it fills itself again -->
1. Remove""")

UNLABELLED = """
    # Look

    ## Steps
    1. Say it
       ```sh
       echo ü
       ```

       ```
       ü
       ```
"""

PROSE = "# About\n\nWords, and [a link](gone.md).\n"


def lines(end):
    return [json.loads(line) for line in end.stdout.splitlines()]


def codes(end):
    return [finding["code"] for finding in lines(end)]


def test_a_tree_is_walked_in_order_and_ends_with_a_summary(document, tmp_path):
    for folder in ("b/deep", "a", ".hidden", "node_modules"):
        (tmp_path / "docs" / folder).mkdir(parents=True)
    for name in ("docs/b/deep/one.md", "docs/a/two.markdown", "docs/zero.md", "docs/.hidden/no.md",
                 "docs/node_modules/no.md", "docs/.no.md", "docs/a/no.txt"):
        document(DESTROYS, name)
    document(PROSE, "docs/about.md")
    end = runbook("lint", "docs", cwd=tmp_path)
    assert end.returncode == 0, end.stdout + end.stderr
    found = [line.split(":")[0] for line in end.stdout.splitlines()]
    assert found[:3] == ["docs/a/two.markdown", "docs/b/deep/one.md", "docs/zero.md"]
    assert end.stdout.splitlines()[3:] == [
        "3 runbooks, 1 document without anything to do: 0 errors, 3 warnings, 0 notes",
        "most frequent: destructive-without-undo 3",
    ]


def test_of_this_folder_the_paths_are_short(document, tmp_path):
    document(DESTROYS)
    assert runbook("lint", ".", cwd=tmp_path).stdout.startswith("book.md:6:4: ")


def test_a_document_that_is_named_must_be_a_runbook(document, tmp_path):
    document(PROSE)
    assert runbook("lint", ".", cwd=tmp_path).returncode == 0
    end = runbook("lint", "book.md", cwd=tmp_path)
    assert end.returncode == 2
    assert "[no-steps]" in end.stdout and "[dead-link]" in end.stdout


def test_links_between_folders_in_a_circle_do_no_harm(document, tmp_path):
    (tmp_path / "docs/a").mkdir(parents=True)
    document(DESTROYS, "docs/a/one.md")
    (tmp_path / "docs/a/again").symlink_to(tmp_path / "docs")
    (tmp_path / "docs/broken.md").symlink_to(tmp_path / "nowhere")
    end = runbook("lint", "docs", cwd=tmp_path)
    assert end.returncode == 0
    assert end.stdout.count("[destructive-without-undo]") == 1


def test_what_cannot_be_read_is_told_and_makes_2(document, tmp_path):
    end = runbook("lint", "absent.md", document(DESTROYS), cwd=tmp_path)
    assert end.returncode == 2
    assert "absent.md: error: cannot be read: No such file" in end.stderr
    assert "1 runbook, 1 unreadable: 0 errors, 1 warning, 0 notes" in end.stdout


def test_hundreds_of_documents_are_linted_as_one_by_one(document, tmp_path):
    (tmp_path / "docs").mkdir()
    for i in range(300):
        document(DESTROYS.replace("Clean up", f"Clean {i}"), f"docs/{i:03}.md")
    end = runbook("lint", "docs", "--format", "json", cwd=tmp_path)
    assert [finding["path"] for finding in lines(end)] == [f"docs/{i:03}.md" for i in range(300)]


def test_strict_makes_warnings_count(document, tmp_path):
    assert runbook("lint", document(DESTROYS), cwd=tmp_path).returncode == 0
    assert runbook("lint", document(DESTROYS), "--strict", cwd=tmp_path).returncode == 2
    assert runbook("lint", document(UNLABELLED), "--strict", cwd=tmp_path).returncode == 0


def test_a_suppression_is_counted(document, tmp_path):
    end = runbook("lint", document(SUPPRESSED), "--strict", cwd=tmp_path)
    assert end.stdout == "book.md: 0 errors, 0 warnings, 0 notes, 1 suppressed\n"
    assert end.returncode == 0


def test_findings_as_json_have_their_codes(document, tmp_path):
    one = runbook("lint", document(DESTROYS), "--format", "json", cwd=tmp_path)
    assert codes(one) == ["destructive-without-undo"]


# Repairs.


def test_fix_changes_the_file_once_and_keeps_its_mode(document, tmp_path):
    path = tmp_path / document(UNLABELLED)
    path.chmod(0o640)
    before = path.read_text()
    end = runbook("lint", "book.md", "--fix", cwd=tmp_path)
    assert end.stdout == "book.md: 0 errors, 0 warnings, 0 notes, 1 fixed\n"
    assert path.read_text() == before.replace("\n   ```\n   ü", "\n   Expected:\n   ```\n   ü")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["book.md"]
    changed = path.stat().st_mtime_ns, path.stat().st_ino
    assert runbook("lint", "book.md", "--fix", cwd=tmp_path).stdout == "book.md: 0 errors, 0 warnings, 0 notes\n"
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == changed


def test_fix_of_a_link_changes_what_it_leads_to(document, tmp_path):
    document(UNLABELLED, "real.md")
    (tmp_path / "book.md").symlink_to("real.md")
    assert "1 fixed" in runbook("lint", "book.md", "--fix", cwd=tmp_path).stdout
    assert (tmp_path / "book.md").is_symlink()
    assert "Expected:" in (tmp_path / "real.md").read_text()


def test_fix_leaves_what_is_no_runbook_alone(document, tmp_path):
    document(PROSE)
    assert runbook("lint", ".", "--fix", cwd=tmp_path).returncode == 0
    assert (tmp_path / "book.md").read_text() == PROSE


# SARIF: what a reader of it relies on, read independently of what writes it.

LEVELS = {"none", "note", "warning", "error"}


def sarif(*args, cwd):
    end = runbook("lint", "--format", "sarif", *args, cwd=cwd)
    log = json.loads(end.stdout)
    check_log(log)
    return log["runs"][0]


def check_log(log):
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    assert set(log) <= {"$schema", "version", "runs"}
    for run in log["runs"]:
        assert set(run) <= {"tool", "columnKind", "invocations", "artifacts", "results"}
        assert run["columnKind"] == "unicodeCodePoints"
        driver = run["tool"]["driver"]
        assert driver["name"] == "runbook" and driver["version"]
        rules = driver["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for rule in rules:
            assert rule["shortDescription"]["text"]
            assert rule["defaultConfiguration"]["level"] in LEVELS
        for artifact in run["artifacts"]:
            check_uri(artifact["location"])
        for invocation in run["invocations"]:
            assert isinstance(invocation["executionSuccessful"], bool)
        for result in run["results"]:
            check_result(result, rules, run["artifacts"])


def check_uri(location):
    uri = location["uri"]
    assert uri.isascii() and " " not in uri and "\\" not in uri
    if not uri.startswith("file:///"):
        assert not urllib.parse.urlsplit(uri).scheme and not uri.startswith("/")
        assert location["uriBaseId"] == "%SRCROOT%"


def check_region(region):
    assert region["startLine"] >= 1 and region["startColumn"] >= 1
    end = (region.get("endLine", region["startLine"]), region.get("endColumn", sys.maxsize))
    assert end >= (region["startLine"], region["startColumn"])


def check_result(result, rules, artifacts):
    assert set(result) <= {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints", "suppressions",
                           "fixes"}
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in LEVELS and result["message"]["text"]
    for location in result["locations"]:
        place = location["physicalLocation"]
        assert artifacts[place["artifactLocation"]["index"]]["location"]["uri"] == place["artifactLocation"]["uri"]
        check_uri(place["artifactLocation"])
        if "region" in place:
            check_region(place["region"])
    for suppression in result.get("suppressions", []):
        assert suppression["kind"] == "inSource" and suppression["justification"]
    for fix in result.get("fixes", []):
        assert fix["description"]["text"]
        for change in fix["artifactChanges"]:
            for replacement in change["replacements"]:
                check_region(replacement["deletedRegion"])


def test_sarif_names_the_rule_the_place_and_the_text(document, tmp_path):
    (tmp_path / "my docs").mkdir()
    document(DESTROYS, "my docs/größe #1.md")
    run = sarif("my docs", cwd=tmp_path)
    (result,) = run["results"]
    assert result["ruleId"] == "destructive-without-undo" and result["level"] == "warning"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20docs/gr%C3%B6%C3%9Fe%20%231.md"
    assert place["region"] == {"startLine": 6, "startColumn": 4, "endLine": 6, "endColumn": 21}
    assert result["locations"][0]["logicalLocations"][0]["name"] == "remove-the-cache"
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_sarif_of_an_absolute_path_is_a_file_uri(document, tmp_path):
    document(DESTROYS)
    run = sarif(tmp_path / "book.md", cwd="/")
    assert run["artifacts"][0]["location"]["uri"] == f"file://{urllib.parse.quote(str(tmp_path))}/book.md"


def test_sarif_holds_suppressions_with_their_reason(document, tmp_path):
    (result,) = sarif(document(SUPPRESSED), cwd=tmp_path)["results"]
    assert result["suppressions"] == [{"kind": "inSource", "justification": "it fills itself again"}]


def test_sarif_holds_fixes_and_columns_of_code_points(document, tmp_path):
    name = document(UNLABELLED.replace("echo ü", 'echo ü "$nme"'))
    by_rule = {result["ruleId"]: result for result in sarif(name, cwd=tmp_path)["results"]}
    region = by_rule["undeclared-variable"]["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (13, 16)
    (fix,) = by_rule["unlabelled-output"]["fixes"]
    (replacement,) = fix["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"]["text"] == "   Expected:\n"
    assert replacement["deletedRegion"] == {"startLine": 9, "startColumn": 1, "endLine": 9, "endColumn": 1}


def test_sarif_tells_what_could_not_be_read(document, tmp_path):
    run = sarif("absent.md", document(books.SUCCEEDS), cwd=tmp_path)
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (told,) = invocation["toolExecutionNotifications"]
    assert "No such file" in told["message"]["text"]


def test_sarif_fingerprints_outlive_new_lines_above(document, tmp_path):
    before = [r["partialFingerprints"] for r in sarif(document(DESTROYS), cwd=tmp_path)["results"]]
    after = [r["partialFingerprints"] for r in sarif(document("\n\n" + DESTROYS.replace("## Steps", "Words.\n\n## Steps")),
                                                     cwd=tmp_path)["results"]]
    assert before == after
