#include "support/planning.hpp"

#include <chrono>
#include <string>

namespace rb = runbook;
using namespace runbook_test;
using rb::Value;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Something of everything.
rb::Runbook deployment() {
  rb::Runbook book{"Deploy {{ version }}"};
  book.path = "deploy.md";
  book.source = "deploy";
  book.risk_level = rb::RiskLevel::high;
  book.inputs.push_back(text_input("version"));
  book.inputs.push_back(text_input("note"));
  book.prerequisites.push_back(item("artefact", script("test -f \"$version\"")));
  book.prerequisites.back().titled("The artefact exists");
  rb::Step& unpack = book.step("unpack").use("shell", {{"script", "mkdir x\ntar x\n"}, {"shell", "bash"}});
  unpack.rollback("shell", {{"script", "rm -rf x"}});
  unpack.actions[0].timeout = std::chrono::seconds{90};
  unpack.actions[0].retry = {3, std::chrono::seconds{1}, std::chrono::seconds{30}};
  book.step("look").use("shell", {{"script", "readlink current"}});
  book.steps.back().actions[0].capture = "previous";
  book.steps.back().actions[0].effect = rb::Effect::pure;
  book.step("point")
      .use("shell", {{"script", "ln -s new current"}})
      .titled("Point to {{ version }}, not {{ previous }}");
  book.steps.back().rollback("shell", {{"script", "ln -s \"releases/${previous}\" current"}});
  book.step("answers").use("http", {{"method", "GET"},
                                    {"url", "http://h/{{ version }}/{{ previous }}"},
                                    {"headers", {{"accept", "x/{{ version }}"}}},
                                    {"body", R"({"v": "{{ version }}"})"}});
  book.steps.back().actions[0].expect = rb::Expectation{rb::Expectation::Kind::json, R"({"v": {{ version }}})", {}};
  book.step("tell").use("confirm", {{"prompt", "Tell them of {{ version }}"}});
  book.step("drop").use("drain", {{"node", "{{ version }}"}, {"was", "{{ previous }}"}, {"text", "a\nb"}});
  book.steps.back().irreversible = true;
  book.steps.back().on_failure = rb::OnFailure::proceed;
  book.verification.push_back(item("check", script("curl x")));
  return book;
}

} // namespace

TEST_CASE("plan text: a whole dry run reads as it will run") {
  const rb::Plan plan = planned(deployment(), {{"version", "1.4 \"x\""}});
  const std::string expected = R"(Deploy 1.4 "x"
  dry run: nothing has been started
  document  deploy.md  sha256 )" +
                               plan.document_digest().substr(0, 12) + R"(
  plan      sha256 )" + plan.digest().substr(0, 12) +
                               R"(
  risk      high

Inputs
  version  "1.4 \"x\""
  note     (not given)

Cannot be undone
  step 6 'drop': drop

Nothing undoes these if the run fails
  step 4 'answers': answers
  step 5 'tell': tell

Prerequisites
  1. The artefact exists  (artefact)  [pure]
     run bash
       | test -f "$version"

Steps
  1. unpack  (unpack)  [mutating]
     run bash (timeout 1m30s, 3 retries after 1s to 30s)
       | mkdir x
       | tar x
     undo: run sh
       | rm -rf x
  2. look  (look)  [pure]
     run sh (captures 'previous')
       | readlink current
  3. Point to 1.4 "x", not {{ previous }}  (point)  [mutating]
     run sh
       | ln -s new current
     undo: run sh
       | ln -s "releases/${previous}" current
     unverifiable: depends on 'previous' from step 'look'
  4. answers  (answers)  [idempotent, no undo]
     GET http://h/{{ version }}/{{ previous }}
       | accept: x/{{ version }}
       |
       | {"v": "{{ version }}"}
     expects at least this JSON
       | {"v": "1.4 \"x\""}
     unverifiable: depends on 'previous' from step 'look'
  5. tell  (tell)  [mutating, no undo]
     ask a person
       | Tell them of 1.4 "x"
  6. drop  (drop)  [idempotent, cannot be undone, on failure: continue]
     drain
       | node: "1.4 \"x\""
       | was: "{{ previous }}"
       | text:
       |   a
       |   b
     unverifiable: depends on 'previous' from step 'look'

Verification
  1. check  (check)  [pure]
     run bash
       | curl x
)";
  CHECK(to_text(plan) == expected);
}

TEST_CASE("plan text: a general rollback is what is left for steps without an undo") {
  rb::Runbook book{"General"};
  book.steps.push_back(item("s", script("x")));
  book.rollback.push_back(item("restore", script("y")));
  const std::string text = to_text(planned(book));
  CHECK(has(text, "Without an undo of their own: left to the general rollback\n  step 1 's': s\n"));
  CHECK(has(text, "\nGeneral rollback, after the steps' own undos\n  1. restore  (restore)  [mutating]\n"));
}

TEST_CASE("plan text: a step inside of a step says what it is part of and how it is probed") {
  rb::Runbook book{"Groups"};
  rb::Step& inner = book.step("outer").titled("Outer").steps.emplace_back(item("inner", script("touch x")));
  inner.probe.push_back(script("test -e x"));
  const std::string text = to_text(planned(book));
  CHECK(has(text, "  1. inner  (inner)"));
  CHECK(has(text, "     part of: Outer\n     probe: "));
  CHECK_FALSE(has(text, "(outer)"));
}

TEST_CASE("plan text: nothing in a document forges terminal output") {
  const std::string evil = "x\x1b[2J\x1b]0;t\a\r\u202e\u2028\x9b\x7f";
  const std::string evil_id = "x\u202e\u2028\x9b"; // an id has no ASCII control characters at all
  rb::Runbook book{evil};
  book.path = evil;
  book.inputs.push_back(text_input("v"));
  book.steps.push_back(item("id" + evil_id, script("echo\n" + evil + "\n| forged")));
  book.steps[0].titled(evil + "\n  2. forged  (forged)  [pure]");
  book.steps.push_back(item("q", question(evil)));
  book.steps.push_back(
      item("h", action("http", {{"url", evil}, {"method", evil}, {"headers", {{evil, evil}}}, {"body", evil}})));
  book.steps.push_back(item("d", action("drain", {{evil, evil + "\n" + evil}, {"v", "{{ v }}"}})));
  book.steps[3].actions[0].expect = rb::Expectation{rb::Expectation::Kind::text, evil, {}};
  book.steps[3].title = "{{ " + evil + " }}"; // a warning that quotes it
  book.steps[3].check("shell", {{"script", evil}, {"shell", evil}});
  rb::Step& lost = book.steps.emplace_back(item("l" + evil_id, script(evil)));
  lost.irreversible = true;
  lost.actions[0].capture = "c";
  book.verification.push_back(item("uses", script("$c")));
  const rb::Plan plan = planned(book, {{"v", "\x1b[31m\xc2\x9b\u2066"}});
  REQUIRE_FALSE(plan.warnings().empty());
  const std::string text = to_text(plan);
  for (const char* bad : {"\x1b", "\a", "\r", "\u202e", "\u2028", "\u2066", "\x7f", "\xc2\x9b"}) {
    CAPTURE(bad);
    CHECK_FALSE(has(text, bad));
  }
  CHECK_FALSE(has(text, "\n  2. forged"));
  CHECK(has(text, "\n       | | forged\n"));
}

TEST_CASE("plan text: a request is shown exactly as it will be sent") {
  rb::Runbook book{"Request"};
  book.inputs.push_back(text_input("address"));
  book.steps.push_back(item("s", action("http", {{"method", "POST"},
                                                 {"url", "{{ address }}/x?u={{ address }}"},
                                                 {"headers", {{"x-from", "{{ address }}"}}},
                                                 {"body", R"({"from": "{{ address }}", "all": {{ address }}})"},
                                                 {"ca_file", "ca.pem"}})));
  CHECK(has(to_text(planned(book, {{"address", "http://h:1/\""}})),
            "     POST http://h:1/\"/x?u=http%3A%2F%2Fh%3A1%2F%22 [ca_file: ca.pem]\n"
            "       | x-from: http://h:1/\"\n"
            "       |\n"
            "       | {\"from\": \"http://h:1/\\\"\", \"all\": \"http://h:1/\\\"\"}\n"));
}

TEST_CASE("plan text: only whole variable names count as captures in a script") {
  rb::Runbook book{"Variables"};
  book.steps.push_back(item("s", script("x")));
  book.steps[0].actions[0].capture = "pre";
  book.steps.push_back(item("t", script("$previous ${prefix} pre \\$ $ $$ ${")));
  CHECK_FALSE(has(to_text(planned(book)), "unverifiable"));
  book.steps.push_back(item("u", script("a${pre}b $pre")));
  const std::string text = to_text(planned(book));
  CHECK(has(text, "unverifiable: depends on 'pre' from step 's'"));
  CHECK(text.find("unverifiable") == text.rfind("unverifiable"));
}

TEST_CASE("plan json: digests and inputs and steps with what they depend on") {
  const rb::Plan plan = planned(deployment(), {{"version", "1.4"}});
  const Value json = to_json(plan);
  CHECK(json.at("title") == Value("Deploy 1.4"));
  CHECK(json.at("digest") == Value(plan.digest()));
  CHECK(json.at("document_digest") == Value(plan.document_digest()));
  CHECK(json.at("inputs") == (Value{{"version", "1.4"}, {"note", nullptr}}));
  const auto& steps = json.at("steps").as_array();
  REQUIRE(steps.size() == 8);
  CHECK(steps[1].at("actions").at(0) ==
        Value{{"handler", "shell"},
              {"params", {{"script", "mkdir x\ntar x\n"}, {"shell", "bash"}}},
              {"effect", "mutating"},
              {"timeout_ms", 90000},
              {"retry", {{"retries", 3}, {"delay_ms", 1000}, {"max_delay_ms", 30000}}}});
  CHECK(steps[3].at("undo").at(0).at("unverifiable") ==
        Value(boost::json::array{Value{{"name", "previous"}, {"step", "look"}}}));
  CHECK(steps[5].at("actions").at(0).at("asks") == Value(true));
  CHECK(steps[6].at("on_failure") == Value("continue"));
  CHECK(rb::parse_json(rb::canonical_json(json)).value() == json);
}
