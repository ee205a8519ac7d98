// Where the parts of a runbook stand in its JSON and its YAML form: findings of planning name these places.
#include "support/cpu_time.hpp"
#include "support/document.hpp"

#include <runbook/handlers.hpp>
#include <runbook/parse.hpp>
#include <runbook/plan.hpp>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// "line:column-line:column".
std::string shown(const SourceSpan& s) {
  return std::to_string(s.line) + ':' + std::to_string(s.column) + '-' + std::to_string(s.end_line) + ':' +
         std::to_string(s.end_column);
}

/// All that planning finds, one a line.
std::string plan_findings(const Parsed& parsed) {
  REQUIRE_MESSAGE(parsed.ok(), findings(parsed));
  const Result<Plan> plan = make_plan(parsed.runbook, builtin_handlers());
  REQUIRE(plan.has_error());
  return to_string(plan.error());
}

bool holds(const std::string& text, std::string_view part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

constexpr std::string_view json_form = R"({
  "title": "T",
  "required_access": ["user:deploy", "sudo"],
  "inputs": [
    {"name": "a-b"}
  ],
  "steps": [
    {"id": "one", "when": "inputs.x ==",
     "foreach": {"over": "['é', 1 +]"},
     "actions": [
       {"handler": "nope"},
       {"handler": "shell", "params": {"script": "true", "shell": "sh"}, "timeout_ms": 0,
        "until": "1 == == 2"},
       {"handler": "confirm", "params": {"prompt": "Is {{ nam }} well?"},
        "expect": {"kind": "regex", "text": "("}}
     ]}
  ],
  "related": [{"target": "x.md"}]
}
)";

constexpr std::string_view yaml_form = R"(title: T
required_access: [user:deploy, sudo]
inputs:
  - name: a-b
steps:
  - id: one
    when: inputs.x ==
    foreach:
      over: "['é', 1 +]"
    actions:
      - handler: nope
      - handler: shell
        params: {script: "true", shell: sh}
        timeout_ms: 0
        until: |
          1 == == 2
      - handler: confirm
        params: {prompt: "Is {{ nam }} well?"}
        expect:
          kind: regex
          text: (
related:
  - target: x.md
)";

} // namespace

TEST_CASE("places: every part of the JSON form has its span") {
  const Runbook b = parse_json_form(json_form, {"b.json", {}}).runbook;
  CHECK(shown(b.required_access.at(0).span) == "3:24-3:35");
  CHECK(shown(b.required_access.at(1).span) == "3:39-3:43");
  CHECK(shown(b.inputs.at(0).span) == "5:5-5:20");
  const Step& step = b.steps.at(0);
  CHECK(shown(step.span) == "8:5-16:8");
  CHECK(shown(step.flow->when.span) == "8:28-8:39");
  CHECK(shown(step.flow->loop->over.span) == "9:27-9:37");
  CHECK(shown(step.actions.at(0).span) == "11:8-11:27");
  CHECK(shown(step.actions.at(1).until->span) == "13:19-13:28");
  CHECK(shown(step.actions.at(2).expect->span) == "15:19-15:49");
  CHECK(shown(b.related.at(0).span) == "18:15-18:33");
}

TEST_CASE("places: every part of the YAML form has its span") {
  const Runbook b = parse_yaml_form(yaml_form, {"b.yaml", {}}).runbook;
  CHECK(shown(b.required_access.at(0).span) == "2:19-2:30");
  CHECK(shown(b.inputs.at(0).span) == "4:5-4:14");
  const Step& step = b.steps.at(0);
  CHECK(shown(step.span) == "6:5-21:18");
  CHECK(shown(step.flow->when.span) == "7:11-7:22");
  CHECK(shown(step.flow->loop->over.span) == "9:14-9:24");
  CHECK(shown(step.actions.at(0).span) == "11:9-11:22");
  CHECK(shown(step.actions.at(1).until->span) == "16:11-16:20");
  CHECK(shown(step.actions.at(2).expect->span) == "20:11-21:18");
  CHECK(shown(b.related.at(0).span) == "23:5-23:17");
}

TEST_CASE("places: what planning finds in the JSON form has line and column") {
  const std::string found = plan_findings(parse_json_form(json_form, {"b.json", {}}));
  CHECK(holds(found, "b.json:5:5: error: 'a-b' is no name for an input"));
  CHECK(holds(found, "b.json:8:39: error: step 'one': 'inputs.x ==' is no condition"));
  CHECK(holds(found, "b.json:9:36: error: step 'one': '['é', 1 +]' is no condition"));
  CHECK(holds(found, "b.json:11:8: error: step 'one': "));
  CHECK(holds(found, "b.json:12:8: error: step 'one': a timeout of 0 ms is not possible"));
  CHECK(holds(found, "b.json:13:24: error: step 'one': '1 == == 2' is no condition"));
  CHECK(holds(found, "b.json:15:19: error: step 'one': "));
}

TEST_CASE("places: what planning finds in the YAML form has line and column") {
  const std::string found = plan_findings(parse_yaml_form(yaml_form, {"b.yaml", {}}));
  CHECK(holds(found, "b.yaml:4:5: error: 'a-b' is no name for an input"));
  CHECK(holds(found, "b.yaml:7:22: error: step 'one': 'inputs.x ==' is no condition"));
  CHECK(holds(found, "b.yaml:9:23: error: step 'one': '['é', 1 +]' is no condition"));
  CHECK(holds(found, "b.yaml:11:9: error: step 'one': "));
  CHECK(holds(found, "b.yaml:12:9: error: step 'one': a timeout of 0 ms is not possible"));
  CHECK(holds(found, "b.yaml:16:16: error: step 'one': '1 == == 2"));
  CHECK(holds(found, "b.yaml:20:11: error: step 'one': "));
}

TEST_CASE("places: a name in a template that is not known is found at its action in both forms") {
  const Parsed json = parse_json_form("{\"steps\": [\n {\"id\": \"a\", \"actions\": [\n  {\"handler\": \"confirm\", "
                                      "\"params\": {\"prompt\": \"{{ nam }}?\"}}]}]}",
                                      {"b.json", {}});
  CHECK(holds(plan_findings(json), "b.json:3:3: error: step 'a': '{{ nam }}' names no input and no capture"));
  const Parsed yaml = parse_yaml_form(
      "steps:\n- id: a\n  actions:\n  - handler: confirm\n    params:\n      prompt: '{{ nam }}?'\n", {"b.yaml", {}});
  CHECK(holds(plan_findings(yaml), "b.yaml:4:5: error: step 'a': '{{ nam }}' names no input and no capture"));
}

TEST_CASE("places: a document on one line costs no more than one on many") {
  std::string text = R"({"steps":[)";
  for (int i = 0; i < 20'000; ++i)
    text += (i == 0 ? "{\"id\":\"s" : ",{\"id\":\"s") + std::to_string(i) +
            R"(","actions":[{"handler":"shell","expect":{"text":"x"}}]})";
  text += "]}";
  Parsed json;
  Parsed yaml;
  const auto used = runbook_test::cpu_time([&] {
    json = parse_json_form(text);
    yaml = parse_yaml_form(text);
  });
  CHECK(used < std::chrono::seconds(20));
  REQUIRE(json.ok());
  REQUIRE(yaml.ok());
  CHECK(json.runbook.steps.back().span == yaml.runbook.steps.back().span);
  CHECK(json.runbook.steps.back().actions[0].expect->span == yaml.runbook.steps.back().actions[0].expect->span);
}
