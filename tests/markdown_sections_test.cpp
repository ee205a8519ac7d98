// Which headings open which section, and documents that name no steps.
#include "support/document.hpp"

#include "markdown/headings.hpp"

using namespace runbook;
using namespace runbook::testing;
using markdown::numbered_title;
using markdown::section_named;
using markdown::SectionKind;

namespace {

std::string titles(const std::vector<Step>& steps) {
  std::string out;
  for (const Step& step : steps) out += (out.empty() ? "" : " | ") + step.title;
  return out;
}

constexpr std::string_view fence = "\n```sh\na\n```\n\n";

} // namespace

TEST_CASE("sections: headings are known by their usual names") {
  const std::vector<std::pair<SectionKind, std::vector<const char*>>> all{
      {SectionKind::steps, {"Steps", "Mitigation steps", "Resolution", "How to fix", "Step-by-step instructions"}},
      {SectionKind::rollback, {"Rollback plan", "Roll-back", "Back-out plan", "Undo", "How to roll back", "Revert"}},
      {SectionKind::verification,
       {"Verify the fix", "Post-checks", "Post-deployment checks", "Validate", "Smoke test"}},
      {SectionKind::prerequisites, {"Pre-requisites", "Pre-flight checks", "Prechecks", "What you'll need", "PREREQS"}},
      {SectionKind::inputs, {"Input parameters", "Variables", "Arguments"}},
      {SectionKind::related, {"See also", "Related runbooks", "References", "Further reading"}},
      {SectionKind::state, {"State"}},
  };
  for (const auto& [kind, names] : all) {
    for (const char* name : names) CHECK_MESSAGE(section_named(name) == kind, name);
  }
}

TEST_CASE("sections: numbers, emoji, remarks, tags and colons do not count") {
  for (const char* name : {"3. Rollback:", "\xF0\x9F\x94\x99 Rollback", ":rewind: Rollback", "Rollback (if needed)",
                           "<a name=\"back\"></a>Rollback", "2) rollback", "Rollback / Revert", "Rollback and Undo",
                           "1\xEF\xB8\x8F\xE2\x83\xA3 Rollback", "Rollback \xE2\x9C\x85", "Rollback<!-- x -->"}) {
    CHECK_MESSAGE(section_named(name) == SectionKind::rollback, name);
  }
}

TEST_CASE("sections: words that only contain a name open no section") {
  for (const char* name : {"Steps to reproduce", "Rollback and Verification", "Step 3: Verification",
                           "Mitigation history", "Verify step 3", "Diagnosis", "Troubleshooting", "", ":", "and",
                           "R\xC3\xA9"
                           "solution"}) {
    CHECK_MESSAGE(!section_named(name).has_value(), name);
  }
}

TEST_CASE("sections: headings may be links, bold or numbered with emoji") {
  const Runbook b = book("# T\n## [**Steps**](#steps)\n### \xF0\x9F\x9A\x80 1. Go\n### 2\xEF\xB8\x8F\xE2\x83\xA3 Stay\n"
                         "### Phase 3 - Rest\n## \xE2\x9C\x85 _Verification_\n- v\n");
  CHECK(titles(b.steps) == "Go | Stay | Rest");
  CHECK(titles(b.verification) == "v");
}

TEST_CASE("sections: an ambiguous name opens the steps only where no other heading does") {
  CHECK(titles(book("# T\n## Actions\n1. A\n").steps) == "A");
  CHECK(titles(book("# T\n## Steps\n1. A\n## Actions\n1. B\n").steps) == "A");
  CHECK(titles(book("# T\n## Workaround\n1. A\n## Solution\n1. B\n").steps) == "A");
}

TEST_CASE("sections: steps below another section's heading are that section's own") {
  const Runbook b =
      book("# T\n## Steps\n### On the primary\n1. A\n### Procedure\n1. B\n### 3. C\n## Rollback\n### Steps\n1. R\n"
           "## Verification\n### Instructions\n1. V\n");
  CHECK(titles(b.steps) == "A | B | C");
  CHECK(titles(b.rollback) == "R");
  CHECK(titles(b.verification) == "V");
}

TEST_CASE("sections: a document without steps has them below its headings with blocks and a warning says so") {
  const Parsed p = read("# T\n\n**Purpose**: x\n\n## About\n\nWords.\n\n## 1. Introduction\n\n- x\n\n## Drain" +
                        std::string(fence) + "### Rollback" + std::string(fence) +
                        "## Step 3: Call them\n\n## Restart\n\n1. Stop\n"
                        "   ```sh\n   s\n   ```\n2. Start\n\n## Verification" +
                        std::string(fence) + "## Prerequisites\n- p\n");
  CHECK(p.ok());
  CHECK(finds(p, "book.md:1:1: warning: the document has no section with steps"));
  CHECK(titles(p.runbook.steps) == "Drain | Call them | Restart");
  CHECK(titles(p.runbook.steps[2].steps) == "Stop | Start");
  CHECK(p.runbook.purpose == "x");
  CHECK(p.runbook.steps[0].undo.size() == 1);
  CHECK(titles(p.runbook.verification) == "Verification");
  CHECK(titles(p.runbook.prerequisites) == "p");
}

TEST_CASE("sections: a document without any heading but its title is read, too") {
  CHECK(titles(book("# Restart\n\n**Risk Level**: High\n" + std::string(fence)).steps) == "Restart");
  CHECK(titles(book("# Restart\n\nStop it:\n" + std::string(fence) + "1. Start\n   ```sh\n   a\n   ```\n").steps) ==
        "Stop it | Start");
  CHECK(titles(book("1. Start\n   ```sh\n   a\n   ```\n").steps) == "Start");
}

TEST_CASE("sections: steps in words only are asked after the blocks that stand elsewhere") {
  const Parsed p = read("# T\n## Diagnosis" + std::string(fence) + "## Mitigation\n\nDepends on what it is.\n");
  CHECK(finds(p, "book.md:1:1: warning: the section with the steps has no items"));
  CHECK(titles(p.runbook.steps) == "Diagnosis | Mitigation");
  CHECK(param(p.runbook.steps[1].actions.at(0), "prompt") == "Mitigation\n\nDepends on what it is.");
  const Parsed with_steps = read("# T\n## Diagnosis" + std::string(fence) + "## Mitigation\n\n1. Do it\n");
  CHECK(titles(with_steps.runbook.steps) == "Do it");
  CHECK(finds(with_steps, "book.md:3:1: warning: this block is not run: it stands in the section 'Diagnosis'"));
}

TEST_CASE("sections: the state is what its blocks print and no part of the steps") {
  const Parsed p =
      read("# T\n## Steps\n1. A\n## State\n" + std::string(fence) + "- Releases\n  ```sh\n  ls\n  ```\n- By hand\n");
  CHECK(p.ok());
  CHECK(titles(p.runbook.state) == "State | Releases");
  CHECK(p.runbook.state[1].actions.at(0).effect == Effect::pure);
  CHECK(finds(p, "warning: step 'by-hand': the item has no block that shows anything of the state"));
  CHECK(titles(p.runbook.steps) == "A");
  CHECK(finds(read("# T\n## Steps\n1. A\n## State\n- B\n  ```sh {mutating}\n  b\n  ```\n"),
              "what shows the state must not change it"));
}

TEST_CASE("sections: every block of code is done, expected or explained wherever it stands") {
  for (const char* text :
       {"> ```sh\n> a\n> ```\n", "<div>\n```sh\na\n```\n</div>\n", "<!--\n```sh\na\n```\n-->\n",
        "[^1]: Note\n\n        code\n", "    ```sh\n    a\n    ```\n", "- x\n\n      ```sh\n      a\n",
        "| a |\n|---|\n```sh\na\n```\n", "Note:\n\n- x\n  ```sh\n  a\n  ```\n", "```sh\na\n```\n",
        "1. A\n\n   - > ```sh\n     > a\n     > ```\n"}) {
    for (const char* heading : {"# T\n## Steps\n1. Z\n\n## Words\n\n", "# T\n## Steps\n1. Z\n\n", "# T\n## Steps\n\n",
                                "# T\n", "# T\n## Verification\n\n", "# T\n## State\n\n", "# T\n## Inputs\n\n"}) {
      const Parsed p = read(heading + std::string(text));
      std::size_t commands = 0;
      const auto count_in = [&](const std::vector<Step>& list, const auto& self) -> void {
        for (const Step& step : list) {
          for (const auto* actions : {&step.actions, &step.checks, &step.undo, &step.probe}) {
            for (const Action& action : *actions) commands += action.handler == "shell" ? 1 : 0;
          }
          self(step.steps, self);
        }
      };
      for (const auto* list : {&p.runbook.steps, &p.runbook.verification, &p.runbook.state, &p.runbook.rollback}) {
        count_in(*list, count_in);
      }
      bool explained = false;
      for (const Diagnostic& d : p.diagnostics) {
        for (const char* code : {"unknown-language", "no-language", "block-not-run", "block-outside-item",
                                 "block-in-html", "indented-code", "block-in-paragraph", "unclosed-fence"}) {
          explained = explained || d.code == code;
        }
      }
      CHECK_MESSAGE((commands > 0 || explained), heading << text << findings(p));
    }
  }
}
