// Title, metadata, inputs and related runbooks.
#include "support/document.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

constexpr std::string_view some_steps = "\n## Steps\n1. A\n";

Parsed inputs(std::string_view items) {
  return read("# T\n## Inputs\n" + std::string(items) + std::string(some_steps));
}

Input input(std::string_view item) {
  const Parsed p = inputs(item);
  REQUIRE_MESSAGE(p.ok(), findings(p));
  return p.runbook.inputs.at(0);
}

std::vector<std::string> access_of(const Runbook& b) {
  std::vector<std::string> list;
  for (const Access& access : b.required_access) list.push_back(to_string(access));
  return list;
}

} // namespace

TEST_CASE("front: the first heading is the title with or without the word") {
  CHECK(book("### Title: Standard *deployment*\n#### Steps\n1. A\n").title == "Standard deployment");
  CHECK(book("# title:  x\n## Steps\n1. A\n").title == "x");
  CHECK(book("Deploy `web`\n===\n## Steps\n1. A\n").title == "Deploy web");
  CHECK(book("Words first.\n\n# T\n## Steps\n1. A\n").title == "T");
}

TEST_CASE("front: a title that is also the name of a section is a title where other sections follow") {
  CHECK(book("# Rollback\n## Steps\n1. A\n").title == "Rollback");
  const Parsed p = read("## Steps\n1. A\n");
  CHECK(p.runbook.steps.size() == 1);
  CHECK(finds(p, "book.md:1:1: warning: the document has no title"));
}

TEST_CASE("front: metadata stands in lines with bold keys") {
  const Runbook b =
      book("# T\n\n**Purpose**: Put it live\n__Frequency__:   Weekly\n**RISK LEVEL:** hIgH\n**Required Access**: "
           "`command:curl`; sudo\n"
           "**Owner**: [Team](https://t) \n\n- **On-call**: pager,\n  day and night\n\nProse **bold**: no.\n" +
           std::string(some_steps));
  CHECK(b.purpose == "Put it live");
  CHECK(b.frequency == parse_frequency("Weekly"));
  CHECK(b.risk_level == RiskLevel::high);
  CHECK(access_of(b) == std::vector<std::string>{"command:curl", "sudo"});
  CHECK(b.metadata == Values{{"Owner", "[Team](https://t)"}, {"On-call", "pager, day and night"}});
}

TEST_CASE("front: bold keys are metadata in front of the first section only") {
  CHECK(book("# T\n## About\n**Owner**: x\n" + std::string(some_steps)).metadata.empty());
  CHECK(book("# T\n**Note**: mind the gap\n" + std::string(some_steps)).metadata.empty());
}

TEST_CASE("front: an unknown risk level and a key that is there twice are errors") {
  CHECK(finds(read("# T\n**Risk Level**: Hihg\n" + std::string(some_steps)),
              "book.md:2:1: error: 'Hihg' is no risk level; did you mean 'High'?"));
  CHECK(finds(read("# T\n**Risk Level**: severe\n" + std::string(some_steps)), "use Low, Medium, High or Critical"));
  CHECK(finds(read("# T\n**Risk Level**: unspecified\n" + std::string(some_steps)), "is no risk level"));
  CHECK(finds(read("# T\n**Purpose**: a\n**purpose**: b\n" + std::string(some_steps)),
              "book.md:3:1: error: 'purpose' is there twice"));
}

TEST_CASE("front: an input has name and type and pattern and description") {
  const Input i =
      input("- `version` (string, required): Release to put *live*, as `x.y`. Pattern: `^\\d+(\\.\\d+)*$`.");
  CHECK(i.name == "version");
  CHECK(i.type == InputType::string);
  CHECK(i.required);
  CHECK(i.pattern == "^\\d+(\\.\\d+)*$");
  CHECK(i.description == "Release to put live, as `x.y`.");
  CHECK(i.span.line == 3);
  CHECK_FALSE(i.default_value.has_value());
}

TEST_CASE("front: defaults have the type of the input") {
  CHECK(input("- `a` (path, default `/srv/a, b (c)`)").default_value == Value("/srv/a, b (c)"));
  CHECK(input("- `a` (integer, default 3): N").default_value == Value(3));
  CHECK(input("- `a` (number, default: `1.5`)").default_value == Value(1.5));
  CHECK(input("- `a` (boolean, default = yes)").default_value == Value(true));
  CHECK(input("- `a` (string, default ``)").required == false);
  CHECK(input("- `a` (Integer, optional)").default_value.has_value() == false);
  CHECK(finds(inputs("- `a` (integer, default `x`)"), "book.md:3:1: error: the default of 'a' does not fit"));
}

TEST_CASE("front: an input that says neither required nor default is required") {
  const Parsed p = inputs("- `a`: what\n- `b` (string): that");
  CHECK(p.ok());
  CHECK(p.runbook.inputs[0].required);
  CHECK(p.runbook.inputs[1].required);
  CHECK(finds(p, "book.md:3:1: warning: nothing says whether 'a' is required"));
  CHECK(finds(p, "book.md:4:1: warning: nothing says whether 'b' is required"));
}

TEST_CASE("front: what is wrong with an input is an error at its item") {
  CHECK(finds(inputs("- `a` (strng, required)"),
              "book.md:3:1: error: 'strng' is no type and no option of an input; did you mean 'string'?"));
  CHECK(finds(inputs("- `a-b` (string, required)"), "'a-b' cannot be the name of an input"));
  CHECK(finds(inputs("- `a` (string, required)\n- `a` (string, required)"),
              "book.md:4:1: error: the input 'a' is declared twice"));
  CHECK(finds(inputs("- `a` (string, required, default `x`)"), "'a' is required and has a default"));
  CHECK(finds(inputs("- version: words"), "the item does not start with the name of an input"));
  CHECK(finds(inputs("- `a` (secret, default `hunter2`)"), "the secret 'a' has a default, for all to read"));
  CHECK_FALSE(finds(inputs("- `a` (secret, default `hunter2`)"), "hunter2"));
  CHECK(finds(inputs("- `a` (secret, from hunter2)"), "it is not said where the secret comes from"));
  CHECK(finds(inputs("- `a` (string, required): x. Pattern: none"), "the pattern is not readable"));
  CHECK(finds(inputs("- `a` (string"), "the '(' is not closed"));
}

TEST_CASE("front: a secret says where it comes from") {
  const Parsed p =
      inputs("- `a` (secret, from `command:pass show \"a, b\"`): The token\n- `b` (secret, from env:B, optional)\n"
             "- `c` (secret, required)\n");
  CHECK(p.diagnostics.empty());
  REQUIRE(p.runbook.inputs.size() == 3);
  CHECK(p.runbook.inputs[0].type == InputType::secret);
  CHECK(p.runbook.inputs[0].required);
  CHECK(to_string(p.runbook.inputs[0].from) == "command:pass show \"a, b\"");
  CHECK(to_string(p.runbook.inputs[1].from) == "env:B");
  CHECK_FALSE(p.runbook.inputs[1].required);
  CHECK(p.runbook.inputs[2].from == SecretOrigin{});
  const Parsed table = inputs("| Name | Type | Required | From |\n|---|---|---|---|\n| `a` | secret | yes | `file:key` "
                              "|\n| `b` | string | yes | - |\n");
  CHECK(table.diagnostics.empty());
  REQUIRE(table.runbook.inputs.size() == 2);
  CHECK(to_string(table.runbook.inputs[0].from) == "file:key");
}

TEST_CASE("front: declarations in a paragraph are not lost without a word") {
  CHECK(finds(inputs("`a` (string, required)\n"), "book.md:3:1: warning: this is prose and declares no input"));
  CHECK(inputs("None.\n").diagnostics.empty());
}

TEST_CASE("front: related runbooks are the links of their section") {
  const Runbook b = book("# T" + std::string(some_steps) +
                         "## See also\n- [Roll *back*](../back.md): how\n- <https://example.org/x>\n- none\n");
  REQUIRE(b.related.size() == 2);
  CHECK(b.related[0].text == "Roll back");
  CHECK(b.related[0].target == "../back.md");
  CHECK(b.related[0].span.line == 5);
  CHECK(b.related[1].target == "https://example.org/x");
}
