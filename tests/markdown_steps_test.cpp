// Which parts of a document are steps, and what they are called.
#include "support/document.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

std::vector<std::string> ids(const std::vector<Step>& steps) {
  std::vector<std::string> out;
  for (const Step& step : steps) out.push_back(step.id);
  return out;
}

using Names = std::vector<std::string>;

} // namespace

TEST_CASE("steps: the items of a numbered list are steps in order") {
  const Runbook b =
      book(steps("1. Stop the server\n   ```sh\n   systemctl stop web\n   ```\n2. Start it\n   ```bash\n   "
                 "systemctl start web\n   sleep 1\n   ```\n"));
  REQUIRE(b.steps.size() == 2);
  CHECK(b.steps[0].id == "stop-the-server");
  CHECK(b.steps[0].title == "Stop the server");
  REQUIRE(b.steps[0].actions.size() == 1);
  CHECK(b.steps[0].actions[0].handler == "shell");
  CHECK(param(b.steps[0].actions[0], "script") == "systemctl stop web");
  CHECK(param(b.steps[0].actions[0], "shell") == "sh");
  CHECK(param(b.steps[1].actions[0], "script") == "systemctl start web\nsleep 1");
  CHECK(param(b.steps[1].actions[0], "shell") == "bash");
  CHECK_FALSE(b.steps[0].actions[0].effect.has_value());
}

TEST_CASE("steps: spans name lines and columns of the document") {
  const Runbook b = book(steps("1. Über\n   ```sh\n   true\n   ```\n"));
  CHECK(b.steps[0].span == SourceSpan{5, 1, 8, 7});
  CHECK(b.steps[0].actions[0].span == SourceSpan{6, 4, 8, 7});
}

TEST_CASE("steps: numbered headings and headings that hold a fence are steps") {
  const Runbook b = book(steps("### 1. Drain the node\n\n```sh\ndrain\n```\n\n### Step 2: Patch it\n\nBy hand.\n\n"
                               "### Step 3 - Reboot\n\n### Put it back\n\n```sh\nuncordon\n```\n"));
  CHECK(ids(b.steps) == Names{"drain-the-node", "patch-it", "reboot", "put-it-back"});
  CHECK(b.steps[1].actions[0].handler == "confirm");
  CHECK(param(b.steps[1].actions[0], "prompt") == "Patch it\n\nBy hand.");
}

TEST_CASE("steps: a heading without number and block is prose and a note says so") {
  const Parsed p = read(steps("### Background\n\nWords.\n\n### 1. Do it\n\n```sh\ntrue\n```\n"));
  CHECK(p.ok());
  CHECK(ids(p.runbook.steps) == Names{"do-it"});
  CHECK(finds(p, "book.md:5:1: note: 'Background' has no number"));
}

TEST_CASE("steps: lists below headings that only group them are steps too") {
  const Runbook b = book(steps("### On the primary\n\n1. A\n2. B\n\n### On the replica\n\n1. C\n"));
  CHECK(ids(b.steps) == Names{"a", "b", "c"});
}

TEST_CASE("steps: a heading above a numbered list is no step even where the blocks are not indented") {
  const Runbook b = book(steps("### On the primary\n\n1. A\n```sh\na\n```\n2. B\n```sh\nb\n```\n"));
  CHECK(ids(b.steps) == Names{"a", "b"});
}

TEST_CASE("steps: an item without a fence is a manual step and its whole text is asked") {
  const Runbook b =
      book(steps("1. Call the [on-call engineer](https://pager.example/1)\n\n   Ask for **both** keys.\n"));
  REQUIRE(b.steps.size() == 1);
  CHECK(b.steps[0].title == "Call the on-call engineer");
  CHECK(b.steps[0].actions[0].handler == "confirm");
  CHECK(param(b.steps[0].actions[0], "prompt") ==
        "Call the on-call engineer (https://pager.example/1)\n\nAsk for **both** keys.");
  CHECK(b.steps[0].notes == "Ask for **both** keys.");
}

TEST_CASE("steps: prose around the fences is kept as notes") {
  const Runbook b = book(steps(
      "1. Deploy\n\n   Takes *long*:\n\n   - first\n   - second\n\n   ```sh\n   deploy\n   ```\n\n   > Careful.\n"));
  CHECK(b.steps[0].notes == "Takes *long*:\n\n- first\n- second\n\n> Careful.");
}

TEST_CASE("steps: the id stands at the end of the title or on the fence") {
  const Runbook b = book(steps("1. Unpack it {#unpack_1}\n2. Move\n   ```sh {id=move.it}\n   true\n   ```\n"
                               "3. Use `{#code}`\n4. Show {{ version }}\n5. Set {a,b}\n"));
  CHECK(ids(b.steps) == Names{"unpack_1", "move.it", "use-code", "show-version", "set-a-b"});
  CHECK(b.steps[0].title == "Unpack it");
  CHECK(b.steps[2].title == "Use {#code}");
  CHECK(b.steps[3].title == "Show {{ version }}");
  CHECK(b.steps[4].title == "Set {a,b}");
}

TEST_CASE("steps: a heading carries its id too") {
  const Runbook b = book(steps("### 1. Drain {#drain} ###\n\n### Step 2: Go {#go}\n"));
  CHECK(ids(b.steps) == Names{"drain", "go"});
  CHECK(b.steps[0].title == "Drain");
}

TEST_CASE("steps: equal titles get numbers and ids are unique over all sections") {
  const Runbook b = book("# T\n## Prerequisites\n- Check\n## Steps\n1. Check\n2. Check\n3. Other {#check-2}\n"
                         "## Verification\n- Check\n## Rollback\n- Check\n");
  CHECK(ids(b.prerequisites) == Names{"check"});
  CHECK(ids(b.steps) == Names{"check-3", "check-4", "check-2"});
  CHECK(ids(b.verification) == Names{"check-5"});
  CHECK(ids(b.rollback) == Names{"check-6"});
}

TEST_CASE("steps: an id that is stated twice is an error with both places") {
  const Parsed p = read(steps("1. A {#x}\n2. B\n   ```sh {id=x}\n   true\n   ```\n"));
  CHECK(finds(p, "book.md:7:11: error: step 'b': the id 'x' is taken in line 5"));
}

TEST_CASE("steps: a title without letters gives an id by number") {
  const Runbook b = book(steps("1. \xE5\x8D\x87\xE7\xBA\xA7\n2. \xF0\x9F\x9A\x80\n"));
  CHECK(ids(b.steps) == Names{"step-1", "step-2"});
}

TEST_CASE("steps: a long title is cut at a word for its id") {
  const Runbook b =
      book(steps("1. Check the status of every single pod in every namespace that the operator owns today\n"));
  CHECK(b.steps[0].id == "check-the-status-of-every-single-pod-in-every-namespace-that");
}

TEST_CASE("steps: titles over several lines become one line") {
  const Runbook b = book(steps("1. Check the pods\n   that have not\n   started:\n   ```sh\n   true\n   ```\n"));
  CHECK(b.steps[0].title == "Check the pods that have not started");
}

TEST_CASE("steps: task boxes are no part of a title") {
  const Runbook b =
      book("# T\n## Prerequisites\n- [ ] Know it\n- [x] Have it\n* [X] Want it\n## Steps\n1. [ ] Do it\n");
  CHECK(b.prerequisites[0].title == "Know it");
  CHECK(b.prerequisites[1].title == "Have it");
  CHECK(b.prerequisites[2].title == "Want it");
  CHECK(b.steps[0].title == "Do it");
}

TEST_CASE("steps: a fence as the first thing of an item is run and a note asks for a title") {
  const Parsed p = read(steps("1. ```sh\n   true\n   ```\n"));
  CHECK(p.ok());
  CHECK(p.runbook.steps[0].id == "steps-1");
  CHECK(count(p, "no-title") == 1);
}

TEST_CASE("steps: sections have synonyms whatever their level and case") {
  for (const char* heading : {"# STEPS", "#### procedure:", "## Instructions", "## 3. Remediation", "###### Mitigation",
                              "## Resolution", "Steps\n=====", "## **Steps**"}) {
    const Runbook b = book("# T\n\n" + std::string(heading) + "\n\n1. A\n");
    CHECK_MESSAGE(b.steps.size() == 1, heading);
  }
  const Runbook b = book("# T\n## Requirements\n- p\n## Before you begin\n- q\n## Pre-requisites\n- r\n## Steps\n1. "
                         "s\n## Validation\n- v\n"
                         "## Verify\n- w\n## Backout\n- x\n## Revert\n- y\n");
  CHECK(ids(b.prerequisites) == Names{"p", "q", "r"});
  CHECK(ids(b.verification) == Names{"v", "w"});
  CHECK(ids(b.rollback) == Names{"x", "y"});
}

TEST_CASE("steps: a numbered heading below the steps is a step whatever it is called") {
  const Runbook b = book(steps("### 1. Verify\n```sh\ntrue\n```\n### 2. Rollback\n```sh\ntrue\n```\n"));
  CHECK(ids(b.steps) == Names{"verify", "rollback"});
  CHECK(b.verification.empty());
}

TEST_CASE("steps: a section below the steps ends and the steps go on after it") {
  const Runbook b = book(steps("### 1. A\n```sh\ntrue\n```\n### Verification\n- v\n### 2. B\n```sh\ntrue\n```\n"));
  CHECK(ids(b.steps) == Names{"a", "b"});
  CHECK(ids(b.verification) == Names{"v"});
}

TEST_CASE("steps: prerequisites and verification are pure unless they say otherwise") {
  const Runbook b =
      book("# T\n## Prerequisites\n- A\n  ```sh\n  true\n  ```\n- B\n## Steps\n1. S\n## Verification\n1. C\n"
           "   ```sh {idempotent}\n   true\n   ```\n2. D\n   Check:\n   ```sh\n   true\n   ```\n");
  CHECK(b.prerequisites[0].actions[0].effect == Effect::pure);
  CHECK(b.prerequisites[1].actions[0].handler == "confirm");
  CHECK(b.prerequisites[1].actions[0].effect == Effect::pure);
  CHECK(b.verification[0].actions[0].effect == Effect::idempotent);
  REQUIRE(b.verification[1].actions.size() == 1);
  CHECK(b.verification[1].actions[0].effect == Effect::pure);
  CHECK_FALSE(b.steps[0].actions[0].effect.has_value());
}

TEST_CASE("steps: a document without steps is an error") {
  CHECK(finds(read("# T\n\nWords.\n"), "book.md:1:1: error: the document has no section with steps"));
  CHECK(finds(read("# T\n## Steps\nWords.\n"), "error: the section with the steps has none"));
  CHECK(finds(read("# T\n## Diagnosis\n```yaml\na: 1\n```\n"), "error: the document has no section with steps"));
}

TEST_CASE("steps: a list without numbers and blocks is prose and is said to be so") {
  const Parsed p = read(steps("- Think about it\n- And about that\n\n1. A\n"));
  CHECK(ids(p.runbook.steps) == Names{"a"});
  CHECK(finds(p, "book.md:5:1: warning: a list without numbers in the steps section is prose"));
}

TEST_CASE("steps: a list without numbers whose items hold blocks is done in order and a warning says so") {
  const Parsed p = read(steps("- Do this\n  ```sh\n  a\n  ```\n- Do that\n"));
  CHECK(p.ok());
  CHECK(ids(p.runbook.steps) == Names{"do-this", "do-that"});
  CHECK(finds(p, "book.md:5:1: warning: the list has no numbers; its items are done as steps"));
}

TEST_CASE("steps: a list of tasks is steps") {
  const Parsed p = read(steps("- [ ] Call them\n- [x] Do it\n  ```sh\n  a\n  ```\n"));
  CHECK(p.diagnostics.empty());
  CHECK(ids(p.runbook.steps) == Names{"call-them", "do-it"});
}

TEST_CASE("steps: a block that is not indented belongs to the item in front of it") {
  const Parsed p = read(steps("1. A\n```sh\na\n```\n2. B\n\n```sh\nb\n```\n```sh\nbb\n```\n3. C\n"));
  CHECK(p.ok());
  CHECK(ids(p.runbook.steps) == Names{"a", "b", "c"});
  CHECK(param(p.runbook.steps[0].actions.at(0), "script") == "a");
  CHECK(p.runbook.steps[1].actions.size() == 2);
  CHECK(p.runbook.steps[1].span == SourceSpan{9, 1, 16, 4});
  CHECK(finds(p, "book.md:6:1: note: the block is not indented"));
  CHECK(count(p, "not-indented") == 2);
}

TEST_CASE("steps: labels that are not indented belong to the item in front of them") {
  const Runbook b = book(steps("1. A\n```sh\na\n```\n**Rollback:**\n```sh\nu\n```\nExpected:\n```\nx\n```\n"
                               "\nCheck:\n\n- one\n  ```sh\n  c\n  ```\n\n2. B\n"));
  REQUIRE(b.steps.size() == 2);
  CHECK(param(b.steps[0].undo.at(0), "script") == "u");
  CHECK(b.steps[0].undo[0].expect->text == "x");
  CHECK(param(b.steps[0].checks.at(0), "script") == "c");
}

TEST_CASE("steps: what stands between two items belongs to the first if the numbers go on") {
  const Runbook b = book(steps("1. A\n\nFirst this:\n\n```sh\na\n```\n\nThen words.\n\n- x\n- y\n\n2. B\n\nAfter "
                               "the list:\n\n```sh\nc\n```\n"));
  CHECK(ids(b.steps) == Names{"a", "b", "after-the-list"});
  CHECK(b.steps[0].notes == "First this:\n\nThen words.\n\n- x\n- y");
  CHECK(param(b.steps[0].actions.at(0), "script") == "a");
  CHECK(b.steps[1].actions.at(0).handler == "confirm");
  CHECK(param(b.steps[2].actions.at(0), "script") == "c");
}

TEST_CASE("steps: a block that no item takes is a step with the paragraph in front of it as its title") {
  const Parsed p = read(steps("Some words.\n\nStop it:\n\n```sh\na\n```\n```sh\nb\n```\n\nIt takes a while.\n\n<!-- c "
                              "-->\n\nStart it\n<!-- d -->\n```sh\nc\n```\n"));
  CHECK(p.ok());
  CHECK(ids(p.runbook.steps) == Names{"stop-it", "start-it"});
  CHECK(p.runbook.steps[0].actions.size() == 2);
  CHECK(p.runbook.steps[0].notes == "It takes a while.");
  CHECK(finds(p, "book.md:9:1: note: the block stands in none of the section's items"));
  const Runbook b = book("# T\n## Mitigation\n```sh\na\n```\n## Verification\n```sh\nb\n```\n");
  CHECK(b.steps.at(0).title == "Mitigation");
  CHECK(b.verification.at(0).title == "Verification");
  CHECK(b.verification.at(0).actions.at(0).effect == Effect::pure);
}

TEST_CASE("steps: a label outside of all items has nothing to speak of and its block is an error") {
  const Parsed p = read(steps("Rollback:\n\n```sh\nu\n```\n\n1. A\n"));
  CHECK(
      finds(p, "book.md:7:1: error: this block is not run: it stands in the section Steps, but in none of its items"));
  CHECK(ids(p.runbook.steps) == Names{"a"});
}

TEST_CASE("steps: a numbered list inside of a step with a block is shown as a part of it") {
  const Parsed p = read(steps("1. Outer\n   ```sh\n   a\n   ```\n   1. Words\n   2. More\n"));
  CHECK(p.ok());
  CHECK(p.runbook.steps[0].notes == "1. Words\n2. More");
  CHECK(p.runbook.steps[0].steps.empty());
  CHECK(count(p, "nested-list") == 1);
}

TEST_CASE("steps: a step that is a link to a runbook runs that") {
  const Runbook b = book(steps("1. [Restore](../my%20restore.md#fast)\n   Rollback:\n   ```sh\n   u\n   ```\n2. "
                               "[Wiki](https://example.org/restore.md)\n3. See [Restore](restore.md)\n"));
  CHECK(b.steps[0].id == "restore");
  CHECK(b.steps[0].actions.at(0).handler == "runbook");
  CHECK(param(b.steps[0].actions[0], "file") == "../my restore.md");
  CHECK(b.steps[0].undo.size() == 1);
  CHECK(b.steps[1].actions.at(0).handler == "confirm");
  CHECK(b.steps[2].actions.at(0).handler == "confirm");
  for (const char* address : {"mailto:a.md", "//example.org/a.md", "file:///a.md"}) { // no documents beside this one
    CHECK(book(steps("1. [A](" + std::string(address) + ")\n")).steps[0].actions.at(0).handler == "confirm");
  }
  const Runbook colon = book(steps("1. [A](a/b:c.md)\n2. [B](b%3Ac.md)\n"));
  CHECK(param(colon.steps[0].actions.at(0), "file") == "a/b:c.md");
  CHECK(param(colon.steps[1].actions.at(0), "file") == "b:c.md");
}

TEST_CASE("steps: a condition in the title of a step that runs is pointed out") {
  CHECK(finds(read(steps("1. If it hangs, kill it\n   ```sh\n   kill 1\n   ```\n")),
              "book.md:5:4: warning: step 'if-it-hangs-kill-it': the title speaks of a condition"));
  CHECK(read(steps("1. If it hangs, call them\n")).diagnostics.empty());
}

TEST_CASE("steps: empty items are reported") {
  CHECK(finds(read(steps("1. A\n2.\n3. C\n")), "book.md:6:1: warning: the item is empty"));
}
