// The rollback section: undo of named steps, and the general rollback.
#include "support/document.hpp"

#include "markdown/undo_reference.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

std::string with_rollback(std::string_view items) {
  return "# T\n## Steps\n1. Unpack\n2. Point {#point}\n   ```sh\n   a\n   ```\n3. Tell\n## Rollback Procedure\n" +
         std::string(items);
}

constexpr std::string_view fence = "\n  ```sh\n  u\n  ```\n";

} // namespace

TEST_CASE("rollback: an item that names a step by number becomes its undo") {
  for (const char* title : {"Undo step 2: point back", "undo step 2", "Revert step 2.", "Roll back step 2 now",
                            "Point back (step 2)", "Undo of step 2"}) {
    const Runbook b = book(with_rollback("- " + std::string(title) + std::string(fence)));
    CHECK_MESSAGE(b.steps[1].undo.size() == 1, title);
    CHECK(param(b.steps[1].undo.at(0), "script") == "u");
    CHECK(b.rollback.empty());
  }
}

TEST_CASE("rollback: an item that names a step by id becomes its undo") {
  CHECK(book(with_rollback("- Back {undo=point}" + std::string(fence))).steps[1].undo.size() == 1);
  CHECK(book(with_rollback("- Back {undo=unpack}" + std::string(fence))).steps[0].undo.size() == 1);
  CHECK(finds(read(with_rollback("- Back {undo=pont}" + std::string(fence))),
              "book.md:10:9: error: there is no step 'pont'; did you mean 'point'?"));
}

TEST_CASE("rollback: an item without a block that names a step is asked") {
  const Runbook b = book(with_rollback("1. Undo step 3: tell them [again](https://x)\n"));
  REQUIRE(b.steps[2].undo.size() == 1);
  CHECK(b.steps[2].undo[0].handler == "confirm");
  CHECK(param(b.steps[2].undo[0], "prompt") == "Undo step 3: tell them again (https://x)");
}

TEST_CASE("rollback: the other items are the general rollback in document order") {
  const Runbook b = book(with_rollback(
      "1. Open the gate\n   ```sh\n   g\n   ```\n2. Undo step 1\n   ```sh\n   u\n   ```\n3. Tell everybody\n"));
  REQUIRE(b.rollback.size() == 2);
  CHECK(b.rollback[0].id == "open-the-gate");
  CHECK(b.rollback[1].actions[0].handler == "confirm");
  CHECK(b.steps[0].undo.size() == 1);
}

TEST_CASE("rollback: items may be headings") {
  const Runbook b = book(with_rollback("### Undo step 1\n```sh\nu\n```\n### 2. Close\n```sh\nc\n```\n"));
  CHECK(b.steps[0].undo.size() == 1);
  REQUIRE(b.rollback.size() == 1);
  CHECK(b.rollback[0].title == "Close");
}

TEST_CASE("rollback: several blocks and checks of an item are its undo in order") {
  const Runbook b =
      book(with_rollback("- Undo step 1\n  ```sh\n  a\n  ```\n  ```sh\n  b\n  ```\n  Check:\n  ```sh\n  c\n  ```\n"));
  REQUIRE(b.steps[0].undo.size() == 3);
  CHECK(b.steps[0].undo[2].effect == Effect::pure);
}

TEST_CASE("rollback: numbers are those that the reader sees") {
  const Runbook b = book("# T\n## Steps\n4. A\n4. B\n7. C\n## Rollback\n- Undo step 5" + std::string(fence));
  CHECK(b.steps[1].undo.size() == 1);
  const Runbook h = book("# T\n## Steps\n### 10. A\n### Step 20: B\n## Rollback\n- Undo step 20" + std::string(fence));
  CHECK(h.steps[1].undo.size() == 1);
}

TEST_CASE("rollback: a number that no step or more than one has is an error") {
  CHECK(finds(read(with_rollback("- Undo step 9" + std::string(fence))), "book.md:10:3: error: there is no step 9"));
  CHECK(finds(read("# T\n## Steps\n1. A\n\nWords.\n\n1. B\n## Rollback\n- Undo step 1" + std::string(fence)),
              "error: there are several steps 1, in lines 3 and 7"));
}

TEST_CASE("rollback: an id that several titles give is ambiguous") {
  const std::string text = "# T\n## Steps\n1. A\n2. A\n## Rollback\n- Back {undo=a}" + std::string(fence);
  CHECK(finds(read(text), "several steps have the title that gives the id 'a'"));
  CHECK(read("# T\n## Steps\n1. A\n2. A\n## Rollback\n- Back {undo=a-2}" + std::string(fence)).ok());
  CHECK(read("# T\n## Steps\n1. A\n2. A\n").ok());
}

TEST_CASE("rollback: an inline undo and an item for the same step are an error") {
  const Parsed p = read(
      "# T\n## Steps\n1. A\n   ```sh\n   a\n   ```\n   Rollback:\n   ```sh\n   b\n   ```\n## Rollback\n- Undo step 1" +
      std::string(fence));
  CHECK(finds(p, "book.md:12:3: error: step 'a': the step 'a' in line 3 has a Rollback: of its own"));
}

TEST_CASE("rollback: two items for one step are an error") {
  CHECK(finds(read(with_rollback("- Undo step 1" + std::string(fence) + "- Undo step 1" + std::string(fence))),
              "error: step 'unpack': the step 'unpack' is undone by the item in line 10 already"));
}

TEST_CASE("rollback: an item that names several steps is an error and one that only speaks of a step a warning") {
  for (const char* title : {"Undo steps 1 and 2", "Undo step 1, 2", "Undo step 1-2", "Revert (steps 1 to 3)"}) {
    CHECK_MESSAGE(finds(read(with_rollback("- " + std::string(title) + std::string(fence))),
                        "error: the item names several steps"),
                  title);
  }
  const Parsed p = read(with_rollback("- After step 2 wait" + std::string(fence)));
  CHECK(finds(p, "book.md:10:3: warning: step 'after-step-2-wait': the item speaks of a step"));
  CHECK(p.runbook.rollback.size() == 1);
}

TEST_CASE("rollback: an undo has no id and no undo and a step that is irreversible has none") {
  CHECK(finds(read(with_rollback("- Undo step 1 {#x}" + std::string(fence))),
              "an item that takes a step back has no id of its own"));
  CHECK(finds(read(with_rollback("- Undo step 1\n  ```sh\n  a\n  ```\n  Rollback:\n  ```sh\n  b\n  ```\n")),
              "'Rollback:' has no meaning in the section Rollback"));
  CHECK(finds(read("# T\n## Steps\n1. A {irreversible}\n## Rollback\n- Undo step 1" + std::string(fence)),
              "book.md:3:7: error: step 'a': the step is irreversible and has an undo"));
}

TEST_CASE("rollback: a section without items is pointed out") {
  CHECK(finds(read(with_rollback("Restore the backup.\n")),
              "book.md:9:1: warning: the section 'Rollback Procedure' has no items"));
}

TEST_CASE("rollback: a step inside of a step is named by both numbers or by a letter") {
  const std::string text = "# T\n## Steps\n1. A\n2. B\n   1. C\n      ```sh\n      c\n      ```\n   2. D\n      ```sh\n"
                           "      d\n      ```\n## Rollback\n- ";
  for (const char* title : {"Undo step 2.2", "Undo step 2b", "Back (step 2.b)", "Undo step 2.2: back"}) {
    const Runbook b = book(text + title + std::string(fence));
    CHECK_MESSAGE(b.steps[1].steps[1].undo.size() == 1, title);
    CHECK(b.rollback.empty());
  }
  CHECK(finds(read(text + "Undo step 2.3" + std::string(fence)), "error: there is no step 2.3"));
  CHECK(finds(read(text + "Undo steps 2.1 and 2.2" + std::string(fence)), "error: the item names several steps"));
}

TEST_CASE("rollback: headings that carry two numbers are named by them") {
  const Runbook b = book("# T\n## Steps\n### 2. A\n#### 2.1 B\n```sh\nb\n```\n#### 2. C\n```sh\nc\n```\n## Rollback\n"
                         "- Undo step 2.1\n  ```sh\n  u\n  ```\n- Undo step 2.2\n  ```sh\n  v\n  ```\n");
  CHECK(param(b.steps[0].steps.at(0).undo.at(0), "script") == "u");
  CHECK(param(b.steps[0].steps.at(1).undo.at(0), "script") == "v");
}

TEST_CASE("rollback: what stands in the item of a step is its undo in the document's order") {
  const Runbook b = book(with_rollback("1. Undo step 1\n   1. First\n      ```sh\n      x\n      ```\n   2. By hand\n"
                                       "   3. Last\n      ```sh\n      z\n      ```\n"));
  REQUIRE(b.steps[0].undo.size() == 3);
  CHECK(param(b.steps[0].undo[0], "script") == "x");
  CHECK(param(b.steps[0].undo[1], "prompt") == "By hand");
  CHECK(param(b.steps[0].undo[2], "script") == "z");
  CHECK(b.rollback.empty());
}

TEST_CASE("rollback: items inside of an item may name steps and what is left stays general") {
  const Runbook b =
      book(with_rollback("1. Everything back\n   1. Undo step 1\n      ```sh\n      x\n      ```\n   2. Clean\n"
                         "      ```sh\n      z\n      ```\n2. Only names\n   1. Undo step 2\n      ```sh\n      y\n"
                         "      ```\n"));
  CHECK(param(b.steps[0].undo.at(0), "script") == "x");
  CHECK(param(b.steps[1].undo.at(0), "script") == "y");
  REQUIRE(b.rollback.size() == 1);
  CHECK(b.rollback[0].steps.size() == 1);
}

TEST_CASE("rollback: with lazy numbers the number that is shown counts") {
  const Runbook b = book("# T\n## Steps\n1. A\n1. B\n1. C\n## Rollback\n- Undo step 3" + std::string(fence));
  CHECK(b.steps[2].undo.size() == 1);
}

TEST_CASE("rollback: a step that only holds others has nothing to undo") {
  CHECK(finds(read("# T\n## Steps\n1. A\n   1. B\n      ```sh\n      b\n      ```\n## Rollback\n- Undo step 1" +
                   std::string(fence)),
              "book.md:9:3: error: step 'a': the step 'a' only holds other steps"));
}
