// Front matter, and the other places where a document says things about itself.
#include "support/cpu_time.hpp"
#include "support/document.hpp"

#include <boost/json/array.hpp>

using namespace runbook;
using namespace runbook::testing;

namespace {

constexpr std::string_view rest = "\n## Steps\n1. A\n";

Parsed front(std::string_view yaml, std::string_view below = "# T\n") {
  return read("---\n" + std::string(yaml) + "---\n" + std::string(below) + std::string(rest));
}

Runbook well(std::string_view yaml, std::string_view below = "# T\n") {
  Parsed p = front(yaml, below);
  REQUIRE_MESSAGE(p.diagnostics.empty(), findings(p));
  return std::move(p.runbook);
}

/// "text@line:column" of each.
std::vector<std::string> access_of(const Runbook& b) {
  std::vector<std::string> list;
  for (const Access& a : b.required_access) {
    list.push_back(to_string(a) + '@' + std::to_string(a.span.line) + ':' + std::to_string(a.span.column));
  }
  return list;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("front matter: keys that have a meaning are read however they are written") {
  for (const char* yaml :
       {"purpose: P\nfrequency: weekly\nrisk_level: high\n", "Purpose: P\nFrequency: Weekly\nRisk Level: High\n",
        "purpose: P\nfrequency: weekly\nrisk-level: HIGH\n", "purpose: P\nfrequency: weekly\nrisk: high\n"}) {
    const Runbook b = well(yaml);
    CHECK(b.purpose == "P");
    CHECK(b.frequency.days == 7);
    CHECK(b.risk_level == RiskLevel::high);
    CHECK(b.metadata.empty());
  }
}

TEST_CASE("front matter: the required access is a list or a text with semicolons") {
  CHECK(access_of(well("required_access:\n  - command:curl\n  - \"user: on call\"\n")) ==
        Texts{"command:curl@3:5", "user: on call@4:5"});
  CHECK(access_of(well("required-access: [sudo, file:a:rw]\n")) == Texts{"sudo@2:19", "file:a:rw@2:25"});
  CHECK(access_of(well("required_access: sudo; VPN\n")) == Texts{"sudo@2:1", "VPN@2:1"});
}

TEST_CASE("front matter: other keys are kept with all that they hold") {
  const Runbook b =
      well("owner: team\nTags: [a, b]\nlinks:\n  wiki: https://x\n  n: 7\ndraft: false\ndate: 2024-01-02\nempty:\n");
  CHECK(Value(b.metadata) == Value{{"owner", "team"},
                                   {"Tags", {"a", "b"}},
                                   {"links", {{"wiki", "https://x"}, {"n", 7}}},
                                   {"draft", false},
                                   {"date", "2024-01-02"},
                                   {"empty", nullptr}});
}

TEST_CASE("front matter: lines keep their numbers, whatever ends them") {
  CHECK(well("a: \xC3\xA9\nb: |\n  # no heading\n  1. no step\n").steps.at(0).span.line == 10);
  CHECK(read("\xEF\xBB\xBF---\r\na: b\r\n---\r\n# T\r\n## Steps\r\n1. A\r\n").runbook.steps.at(0).span.line == 6);
  CHECK(book("--- \na: b\n...\n# T" + std::string(rest)).metadata.at("a") == "b");
  CHECK(book("---\n---\n# T" + std::string(rest)).title == "T");
}

TEST_CASE("front matter: it gives the title where no heading does") {
  CHECK(well("title: From above\n", "").title == "From above");
  CHECK(well("title: From above\n", "## Overview\nWords.\n").title == "From above");
  CHECK(well("title: Same\n", "# Same\n").title == "Same");
  const Parsed p = front("title: One\n", "# Two\n");
  CHECK(p.runbook.title == "Two");
  CHECK(finds(p, "book.md:4:1: warning: the title in the front matter is another one: 'One'"));
}

TEST_CASE("front matter: a key that the text has too must say the same there") {
  CHECK(well("purpose: Put it live\nrisk_level: high\nowner: A\n",
             "# T\n**Purpose**: Put it live\n**Risk Level**: High\n**Owner**: A\n")
            .purpose == "Put it live");
  CHECK(access_of(well("required_access: [sudo, VPN]\n", "# T\n**Required Access**: sudo; VPN\n")).size() == 2);
  const Parsed p = front("purpose: a\nowner: x\n", "# T\n**Purpose**: b\n**Owner**: y\n");
  CHECK(finds(p, "book.md:6:1: error: 'Purpose' is there twice, first in line 2; keep one of the two [duplicate-key]"));
  CHECK(finds(p, "book.md:7:1: error: 'Owner' is there twice, first in line 3"));
  CHECK(finds(front("risk_level: low\nrisk-level: low\n"),
              "book.md:3:1: error: 'risk-level' is there twice, first in line 2"));
}

TEST_CASE("front matter: what is wrong in it is an error at its place") {
  CHECK(finds(front("a: b\nc: d: e\n"), "book.md:3:5: error: this is not YAML"));
  CHECK(finds(front("\xC3\xA9: 'x' y\n"), "book.md:2:8: error: this is not YAML"));
  CHECK(finds(front("a: 1\na: 2\n"), "book.md:3:1: error: the key 'a' is there twice, first in line 1"));
  CHECK(finds(front("a: &x 1\n"), "book.md:2:4: error: anchors (&name) are not read"));
  CHECK(
      finds(front("purpose: 1.10\n"), "book.md:2:1: error: 'purpose' is text, and this is none; put quotes around it"));
  CHECK(finds(front("purpose: {a: b}\n"), "book.md:2:1: error: 'purpose' is text, and this is none"));
  CHECK(finds(front("risk_level: hihg\n"), "book.md:2:1: error: 'hihg' is no risk level; did you mean 'High'?"));
  CHECK(finds(front("version: 1.10\n"), "book.md:2:10: note: 1.10 is read as the number 1.1"));
  const Parsed p = front("a: b: c\n");
  CHECK(p.runbook.title == "T");
  CHECK(p.runbook.steps.size() == 1);
}

TEST_CASE("front matter: TOML is named and not read as Markdown") {
  const Parsed p = read("+++\ntitle = \"x\"\n+++\n# T" + std::string(rest));
  CHECK(finds(p, "book.md:1:1: error: front matter in TOML (+++) is not read; write it as YAML between two lines ---"));
  CHECK(p.diagnostics.size() == 1);
  CHECK(p.runbook.title == "T");
}

TEST_CASE("front matter: a rule at the start of a document is none") {
  CHECK(book("---\n\n# T" + std::string(rest)).title == "T");
  CHECK(book("---\n# T" + std::string(rest) + "\n---\nEnd.\n").title == "T");
  CHECK(book("---\n# T\n## Steps\n1. A\n---\n").title == "T");
  CHECK(book("---\nProse.\n\n---\n# T" + std::string(rest)).title == "T");
  CHECK(book("# T\n---\na: b\n---\n" + std::string(rest)).metadata.empty());
}

TEST_CASE("front matter: its cost grows with its length and no faster") {
  std::string keys;
  for (int i = 0; i < 20'000; ++i) keys += "k" + std::to_string(i) + ": v\n";
  Parsed p;
  CHECK(runbook_test::cpu_time([&] { p = front(keys); }) < std::chrono::seconds(5));
  CHECK(p.runbook.metadata.size() == 20'000);
}

TEST_CASE("metadata: a list below a bold key is its value") {
  const Runbook b = book("# T\n**Required Access**:\n- `command:curl`\n- user: on call\n\n**Owners**:\n\n* A\n* B "
                         "*b*\n\n**Purpose**: p\n" +
                         std::string(rest));
  CHECK(access_of(b) == Texts{"command:curl@3:3", "user: on call@4:3"});
  CHECK(b.metadata == Values{{"Owners", {"A", "B b"}}});
  CHECK(b.purpose == "p");
}

TEST_CASE("metadata: the parts of the required access have their own places") {
  CHECK(access_of(book("# T\n**Required Access**: `command:curl`; sudo;;  VPN \n" + std::string(rest))) ==
        Texts{"command:curl@2:22", "sudo@2:38", "VPN@2:46"});
  CHECK(access_of(book("# T\n- **Required Access**:\n  - sudo\n- **Purpose**: x\n" + std::string(rest))) ==
        Texts{"sudo@3:5"});
}

TEST_CASE("metadata: a section Required Access has it as a list") {
  const Runbook b = book("# T\n## Required Access\nYou need:\n- `file:releases:rw`\n- VPN\n" + std::string(rest));
  CHECK(access_of(b) == Texts{"file:releases:rw@4:3", "VPN@5:3"});
  CHECK(finds(read("# T\n**Required Access**: sudo\n## Required Access\n- VPN\n" + std::string(rest)),
              "book.md:3:1: error: 'Required Access' is there twice"));
}

TEST_CASE("metadata: a table of keys is read if one of them has a meaning") {
  const Runbook b =
      book("# T\n\n| Key | Value |\n|---|---|\n| **Purpose** | Put \\| live |\n| Risk | Low |\n| Owner: | A |\n" +
           std::string(rest));
  CHECK(b.purpose == "Put | live");
  CHECK(b.risk_level == RiskLevel::low);
  CHECK(b.metadata == Values{{"Owner", "A"}});
  CHECK(book("# T\n\n| Purpose | Live |\n|:--|--:|\n| Owner | A |\n" + std::string(rest)).purpose == "Live");
  CHECK(book("# T\n\n| Word | Meaning |\n|---|---|\n| a | b |\n| a | c |\n" + std::string(rest)).metadata.empty());
}

TEST_CASE("metadata: a risk that is no level stays what it is") {
  const Runbook b = book("# T\n**Risk**: Data may be lost\n**Severity**: warning\n" + std::string(rest));
  CHECK(b.risk_level == RiskLevel::unspecified);
  CHECK(b.metadata == Values{{"Risk", "Data may be lost"}, {"Severity", "warning"}});
  CHECK(book("# T\n**Risk**: medium\n" + std::string(rest)).risk_level == RiskLevel::medium);
}
