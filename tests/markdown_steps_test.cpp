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
  CHECK(finds(read("# T\n## Diagnosis\n```sh\nls\n```\n"),
              "book.md:3:1: warning: this block is not run: it stands in the section 'Diagnosis'"));
}

TEST_CASE("steps: a list without numbers is not run and is said to be prose") {
  const Parsed p = read(steps("- Do this\n  ```sh\n  ls\n  ```\n\n1. A\n"));
  CHECK(finds(p, "book.md:5:1: warning: a list without numbers"));
  CHECK(
      finds(p, "book.md:6:3: error: this block is not run: it stands in the section Steps, but in none of its items"));
}

TEST_CASE("steps: a block that is not indented under its item is an error") {
  const Parsed p = read(steps("1. Do this\n\n```sh\nls\n```\n\n2. And that\n"));
  CHECK(finds(p, "book.md:7:1: error: this block is not run"));
  CHECK(p.runbook.steps.size() == 2);
}

TEST_CASE("steps: blocks in lists inside of a step are refused and not left out") {
  const Parsed p = read(steps(
      "1. Outer\n   1. Inner\n      ```sh\n      ls\n      ```\n   2. More\n      ```yaml\n      a: 1\n      ```\n"));
  CHECK(finds(p, "book.md:7:7: error: step 'outer': this block is not run: it is in a list inside of the step"));
  CHECK(finds(p, "book.md:11:7: warning: step 'outer': a block of language 'yaml'"));
}

TEST_CASE("steps: a numbered list without blocks inside of a step is asked as a whole") {
  const Parsed p = read(steps("1. Outer\n   1. Inner\n   2. More\n"));
  CHECK(p.ok());
  CHECK(param(p.runbook.steps[0].actions[0], "prompt") == "Outer\n\n1. Inner\n2. More");
  CHECK(count(p, "nested-list") == 1);
}

TEST_CASE("steps: blocks below a heading inside of a step are refused") {
  const Parsed p = read(steps("### 1. Outer\n\n```sh\na\n```\n\n#### More\n\n```sh\nb\n```\n"));
  CHECK(finds(
      p, "book.md:13:1: error: step 'outer': this block is not run: it stands below a heading inside of the step"));
}

TEST_CASE("steps: a step that is a link to a runbook is refused in this version") {
  CHECK(finds(read(steps("1. [Restore](restore.md#fast)\n")),
              "book.md:5:4: error: step 'restore': a step that runs another runbook"));
  CHECK(read(steps("1. [Wiki](https://example.org/restore.md)\n")).ok());
  CHECK(read(steps("1. See [Restore](restore.md)\n")).ok());
}

TEST_CASE("steps: empty items are reported") {
  CHECK(finds(read(steps("1. A\n2.\n3. C\n")), "book.md:6:1: warning: the item is empty"));
}
