// The model's YAML form: written and read back byte by byte, with the place of what is wrong.
#include "support/document.hpp"
#include "support/random_runbook.hpp"

#include <runbook/parse.hpp>

using namespace runbook;
using namespace runbook::testing;

namespace {

Parsed read_yaml(std::string_view text) {
  return parse_yaml_form(text, {"b.yaml", {}});
}

Runbook with_script(std::string_view script) {
  Runbook book("T");
  book.step("s").use("shell", {{"script", script}, {"shell", "sh"}});
  return book;
}

std::string script_of(const Runbook& book) {
  return param(book.steps.at(0).actions.at(0), "script");
}

} // namespace

TEST_CASE("model yaml: any runbook that is written is read back as it was") {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    const Runbook book = RunbookGenerator(seed).runbook();
    const std::string text = to_yaml(book);
    const Parsed parsed = read_yaml(text);
    REQUIRE_MESSAGE(parsed.diagnostics.empty(), "seed " << seed << ": " << findings(parsed) << text);
    REQUIRE_MESSAGE(from_json(to_json(parsed.runbook)).value() == book, "seed " << seed << "\n" << text);
  }
}

TEST_CASE("model yaml: scripts are blocks and come back byte by byte") {
  const std::vector<std::string> pieces{"echo a", "\n", " ",  "\t",       "  ",  "#x",  "\\",       "- x", "a: b",
                                        "'",      "\"", "\r", "\xC3\xA9", "---", "...", "\xC2\x85", "%"};
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string script;
    for (int part = std::uniform_int_distribution<int>(1, 9)(random); part > 0; --part)
      script += pieces[random() % pieces.size()];
    const std::string text = to_yaml(with_script(script));
    const Parsed parsed = read_yaml(text);
    REQUIRE_MESSAGE(parsed.diagnostics.empty(), findings(parsed) << text);
    REQUIRE_MESSAGE(script_of(parsed.runbook) == script, text);
  }
}

TEST_CASE("model yaml: the form is one that a person would write") {
  Runbook book("Deploy: web");
  book.purpose = "Put it \"live\"";
  book.risk_level = RiskLevel::high;
  book.inputs.push_back({.name = "version", .required = true, .pattern = "^\\d+$"});
  book.inputs.push_back({.name = "debug", .type = InputType::boolean, .default_value = false});
  book.inputs.push_back({.name = "label", .default_value = "yes"});
  Step& step = book.step("unpack");
  step.title = "Unpack the release";
  step.use("shell", {{"script", "set -x\ntar -xf a.tar\n"}, {"env", Values{}}});
  step.rollback("shell", {{"script", "\trm a\n\n"}});
  CHECK(to_yaml(book) == R"(title: "Deploy: web"
purpose: Put it "live"
risk_level: high
inputs:
  - name: version
    required: true
    pattern: '^\d+$'
  - name: debug
    type: boolean
    default: false
  - name: label
    default: "yes"
steps:
  - id: unpack
    title: Unpack the release
    actions:
      - handler: shell
        params:
          script: |
            set -x
            tar -xf a.tar
          env: {}
    undo:
      - handler: shell
        params:
          script: |2+
            )"
                         "\trm a\n\n");
  CHECK(to_yaml(Runbook()) == "{}\n");
}

TEST_CASE("model yaml: the same members as in the JSON form are read") {
  const Parsed p = read_yaml("title: T\nrisk_level: high\nsteps:\n- id: a\n  actions:\n  - handler: shell\n    params: "
                             "{script: \"true\"}\n    timeout_ms: 5000\n");
  REQUIRE_MESSAGE(p.diagnostics.empty(), findings(p));
  CHECK(p.runbook.risk_level == RiskLevel::high);
  CHECK(p.runbook.steps.at(0).actions.at(0).timeout == std::chrono::seconds(5));
  CHECK(p.runbook.path == "b.yaml");
  CHECK(p.runbook.source.starts_with("title: T\n"));
}

TEST_CASE("model yaml: the ending of the path picks the form") {
  CHECK(parse("title: T\n", {.path = "x/b.yaml"}).runbook.title == "T");
  CHECK(parse("title: T\n", {.path = "b.YML"}).runbook.title == "T");
  CHECK(parse("{\"title\": \"T\"}", {.path = "b.json"}).runbook.title == "T");
  CHECK(parse("# T\n", {.path = "yaml"}).runbook.title == "T");
}

TEST_CASE("model yaml: a number or a word in the place of text is an error that offers quotes") {
  const Parsed p =
      read_yaml("title: 1.10\npurpose: true\nfrequency:\nrisk_level: yes\nsteps:\n  - id: 7\n    irreversible: yes\n");
  CHECK(finds(p, "b.yaml:1:1: error: /title: expected a string, found 1.1; put quotes around it [wrong-type]"));
  CHECK(finds(p, "b.yaml:2:1: error: /purpose: expected a string, found a boolean; put quotes around it"));
  CHECK(finds(p, "b.yaml:3:1: error: /frequency: expected a string, found null [wrong-type]"));
  CHECK(finds(p, "b.yaml:4:1: error: /risk_level: 'yes' is not known here"));
  CHECK(finds(p, "b.yaml:6:5: error: /steps/0/id: expected a string, found 7; put quotes around it"));
  CHECK(finds(p, "b.yaml:7:5: error: /steps/0/irreversible: expected true or false, found a string"));
  CHECK(p.diagnostics.size() == 6);
}

TEST_CASE("model yaml: a number that may be a version is a warning where any value may stand") {
  const Parsed p =
      read_yaml("title: T\nsteps:\n  - id: a\n    actions:\n      - handler: x\n        params: {tag: 1.10}\n");
  CHECK(p.ok());
  CHECK(finds(p, "b.yaml:6:23: warning: 1.10 is read as the number 1.1; put quotes around it if it is text [number]"));
}

TEST_CASE("model yaml: what is no YAML is one error with its place") {
  const Parsed p = read_yaml("\xEF\xBB\xBFtitle: \"\xC3\xA9\" x\n");
  REQUIRE(p.diagnostics.size() == 1);
  CHECK(finds(p, "b.yaml:1:12: error: this is not YAML"));
  CHECK(p.diagnostics[0].code == "invalid-yaml");
  CHECK(finds(read_yaml(""), "error: expected an object, found null"));
  CHECK(finds(read_yaml(std::string(max_document_bytes + 1, ' ')), "[limit]"));
  for (const Diagnostic& d : read_yaml("\"a\\e[31m\": 1\n\"a\\e[31m\": 2\n").diagnostics)
    CHECK(d.message.find('\x1b') == std::string::npos);
}
