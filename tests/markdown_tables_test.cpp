// Inputs that are declared in tables.
#include "support/cpu_time.hpp"
#include "support/document.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

Parsed table(std::string_view rows) {
  return read("# T\n## Inputs\n" + std::string(rows) + "\n## Steps\n1. A\n");
}

std::vector<Input> inputs(std::string_view rows) {
  const Parsed p = table(rows);
  REQUIRE_MESSAGE(p.diagnostics.empty(), findings(p));
  return p.runbook.inputs;
}

} // namespace

TEST_CASE("tables: each row is an input") {
  const auto all = inputs("| Name | Type | Required | Default | Description | Pattern |\n"
                          "|------|:----:|---------:|---------|-------------|---------|\n"
                          "| `version` | string | yes | | The *release*. | `^\\d+(\\|rc)$` |\n"
                          "| port | integer | no | 8080 | Where it listens | |\n"
                          "| **dir** | `path` | No | - | | |\n");
  REQUIRE(all.size() == 3);
  CHECK(all[0].name == "version");
  CHECK(all[0].required);
  CHECK(all[0].pattern == "^\\d+(|rc)$");
  CHECK(all[0].description == "The *release*.");
  CHECK_FALSE(all[0].default_value.has_value());
  CHECK(all[0].span.line == 5);
  CHECK(all[0].span.column == 1);
  CHECK(all[1].type == InputType::integer);
  CHECK(all[1].default_value == Value(8080));
  CHECK_FALSE(all[1].required);
  CHECK(all[2].name == "dir");
  CHECK(all[2].type == InputType::path);
  CHECK_FALSE(all[2].default_value.has_value());
}

TEST_CASE("tables: columns are found by their headings in any order") {
  const auto all = inputs("Words in front:\nMeaning | Mandatory | **Parameter** | Example | Notes\n--- | :-: | --- | "
                          "--- | ---\nWho | x | name | `Ada` | n/a\n| | \xE2\x9C\x97 | b | | |\n");
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "name");
  CHECK(all[0].required);
  CHECK(all[0].description == "Who. Example: `Ada`");
  CHECK(all[1].name == "b");
  CHECK_FALSE(all[1].required);
  CHECK(all[1].description.empty());
}

TEST_CASE("tables: a default in a code span is what stands in it") {
  const Parsed p = table("| Variable | Optional | Default |\n|---|---|---|\n| a | yes | `-` |\n| b | y | ``x \\| y`` "
                         "|\n| c | yes | none |\n| d | | x |\n");
  REQUIRE_MESSAGE(p.ok(), findings(p));
  CHECK(p.runbook.inputs[0].default_value == Value("-"));
  CHECK(p.runbook.inputs[1].default_value == Value("x | y"));
  CHECK_FALSE(p.runbook.inputs[2].default_value.has_value());
}

TEST_CASE("tables: what is wrong in a row is an error at its place") {
  const Parsed p = table("| Name | Type | Required | Default |\n|---|---|---|---|\n"
                         "|  | string | yes | |\n| a-b | string | yes | |\n| c | strng | maybe | |\n| d | integer | no "
                         "| x |\n| e | | yes | y |\n| f |\n| f | | no |\n");
  CHECK(finds(p, "book.md:5:4: error: the row has no name of an input"));
  CHECK(finds(p, "book.md:6:1: error: 'a-b' cannot be the name of an input"));
  CHECK(finds(p, "book.md:7:1: error: 'strng' is no type of an input; did you mean 'string'?"));
  CHECK(finds(p, "book.md:7:1: error: 'maybe' is neither yes nor no; write yes or no"));
  CHECK(finds(p, "book.md:8:1: error: the default of 'd' does not fit"));
  CHECK(finds(p, "book.md:9:1: error: 'e' is required and has a default"));
  CHECK(finds(p, "book.md:11:3: error: the input 'f' is declared twice"));
  CHECK(finds(table("| What | Why |\n|---|---|\n| a | b |\n"),
              "book.md:3:1: error: the table has no column with the names of inputs"));
  CHECK(finds(table("| Name | Name |\n|---|---|\n| a | b |\n"), "book.md:3:10: error: there are two columns 'Name'"));
  CHECK(finds(table("| Name |\n|---|\n| a |\n"), "book.md:5:1: warning: nothing says whether 'a' is required"));
}

TEST_CASE("tables: lines that only look like a table are prose") {
  CHECK(table("None | at all\n").diagnostics.empty());
  CHECK(table("| Name | Type |\n|---|\n| a | b |\n").runbook.inputs.empty());
  CHECK(table("a\n: - :\n").runbook.inputs.empty());
}

TEST_CASE("tables: the cost of a table grows with its length and no faster") {
  std::string rows = "| Name | Required | Description |\n|---|---|---|\n";
  for (int i = 0; i < 20'000; ++i) rows += "| n" + std::to_string(i) + " | yes | x |\n";
  std::string wide = "|Name|Required|";
  for (int i = 0; i < 60'000; ++i) wide += "a|";
  wide += "\n|---|---|";
  for (int i = 0; i < 60'000; ++i) wide += "-|";
  for (int i = 0; i < 3; ++i) wide += "\n|n" + std::to_string(i) + "|x|";
  std::string rules = "|a|\n";
  for (int i = 0; i < 60'000; ++i) rules += "|-|-|\n";
  for (const std::string& text : {rows, wide, rules, "| Name |\n|---|\n|" + std::string(300'000, '|') + "\n"}) {
    CHECK_MESSAGE(runbook_test::cpu_time([&] { static_cast<void>(table(text)); }) < std::chrono::seconds(5),
                  text.substr(0, 30));
  }
}
