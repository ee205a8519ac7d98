#include "support/cpu_time.hpp"
#include "support/planning.hpp"

#include "digest.hpp"

#include <runbook/parse.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace rb = runbook;
using namespace runbook_test;
using rb::Effect;
using rb::Section;
using rb::Value;
using std::chrono::milliseconds;

namespace {

/// A runbook with one step that is well in itself.
rb::Runbook one_step() {
  rb::Runbook book{"One"};
  book.path = "one.md";
  rb::Step& step = book.steps.emplace_back(item("first", script("true")));
  step.span = {10, 1, 12, 4};
  return book;
}

rb::Action capturing(std::string name) {
  rb::Action out = script("date");
  out.capture = std::move(name);
  return out;
}

} // namespace

TEST_CASE("plan: items of all sections follow each other in the order of a run") {
  rb::Runbook book{"All"};
  book.rollback.push_back(item("r", script("r")));
  book.verification.push_back(item("v", script("v")));
  book.steps.push_back(item("s1", script("s")));
  book.steps.push_back(item("s2", script("s")));
  book.prerequisites.push_back(item("p", script("p")));
  const rb::Plan plan = planned(book);
  std::string order;
  for (const rb::PlannedStep& step : plan.steps()) order += step.id + ":" + std::string(to_string(step.section)) + " ";
  CHECK(order == "p:prerequisites s1:steps s2:steps v:verification r:rollback ");
  CHECK(plan.handlers() == std::vector<std::string>{"shell"});
}

TEST_CASE("plan: the outline says what a report needs to know") {
  rb::Runbook book = one_step();
  book.inputs.push_back(text_input("v"));
  book.steps[0].titled("Release {{ v }}").rollback("shell", {{"script", "undo"}});
  book.steps.push_back(item("second", script("x")));
  book.steps[1].irreversible = true;
  const rb::Plan plan = planned(book, {{"v", "1.2"}});
  REQUIRE(plan.outline()->size() == 2);
  CHECK(plan.outline()->at(0) ==
        rb::StepOutline{"first", "Release 1.2", Section::steps, Effect::mutating, false, true, 10});
  CHECK(plan.outline()->at(1) == rb::StepOutline{"second", "second", Section::steps, Effect::mutating, true, false, 0});
}

TEST_CASE("plan: an effect is what the document states or else what the handler says") {
  rb::Runbook book{"Effects"};
  book.step("shell").use("shell", {{"script", "x"}});
  book.step("drain").use("drain").use("drain");
  book.step("stated").use("shell", {{"script", "x"}});
  book.steps[2].actions[0].effect = Effect::pure;
  book.step("mixed").use("drain").use("shell", {{"script", "x"}});
  book.step("undo-does-not-count").use("drain").rollback("shell", {{"script", "x"}});
  const rb::Plan plan = planned(book);
  CHECK(plan.steps()[0].effect == Effect::mutating);
  CHECK(plan.steps()[1].effect == Effect::idempotent);
  CHECK(plan.steps()[2].effect == Effect::pure);
  CHECK(plan.steps()[3].effect == Effect::mutating);
  CHECK(plan.steps()[3].forward[0].effect == Effect::idempotent);
  CHECK(plan.steps()[4].effect == Effect::idempotent);
  CHECK(plan.steps()[4].undo[0].effect == Effect::mutating);
}

TEST_CASE("plan: what only checks is pure unless the document says otherwise") {
  rb::Runbook book{"Checks"};
  book.prerequisites.push_back(item("p", script("test -f x")));
  book.prerequisites.push_back(item("asked", question("ready?")));
  book.step("s").use("drain").check("shell", {{"script", "x"}});
  book.step("manual").use("confirm", {{"prompt", "do it"}});
  book.verification.push_back(item("v", script("curl x")));
  book.verification.push_back(item("stated", script("make test")));
  book.verification[1].actions[0].effect = Effect::mutating;
  book.verification.push_back(item("lock", action("drain")));
  book.verification[2].rollback("drain");
  const rb::Plan plan = planned(book);
  std::vector<Effect> effects;
  for (const rb::PlannedStep& step : plan.steps()) effects.push_back(step.effect);
  CHECK(effects == std::vector<Effect>{Effect::pure, Effect::pure, Effect::idempotent, Effect::mutating, Effect::pure,
                                       Effect::mutating, Effect::idempotent});
}

TEST_CASE("plan: a handler is found by a fence language that it claims") {
  rb::Runbook book{"Languages"};
  book.step("query").use("sql", {{"text", "select 1"}});
  book.step("same").use("db", {{"text", "select 2"}});
  const rb::Plan plan = planned(book);
  CHECK(plan.handlers() == std::vector<std::string>{"db"});
  CHECK(plan.steps()[0].forward[0].handler == plan.steps()[1].forward[0].handler);
}

TEST_CASE("plan: an unknown handler is refused with the one that was meant") {
  rb::Runbook book = one_step();
  book.steps[0].actions[0].handler = "shel";
  rb::Error error = refused(book);
  CHECK(error.code == rb::errc::unknown_handler);
  CHECK(to_string(only(error)) ==
        "one.md:10:1: error: step 'first': there is no handler 'shel'; did you mean 'shell'? [unknown-handler]");
  book.steps[0].actions[0].handler = "kubernetes";
  error = refused(book);
  CHECK(only(error).hint == "register it, or use one of: confirm, db, drain, http, shell");
  const auto none = rb::make_plan(book, rb::HandlerRegistry{});
  CHECK(none.error().diagnostics.at(0).hint == "no handler is registered at all");
}

TEST_CASE("plan: what a handler finds about an action is placed and reported") {
  rb::Runbook book = one_step();
  book.steps[0].actions[0].params = {{"scirpt", "x"}};
  const rb::Error error = refused(book);
  CHECK(error.code == rb::errc::invalid_document);
  REQUIRE(error.diagnostics.size() == 2);
  CHECK(error.diagnostics[0].code == "missing-parameter");
  CHECK(error.diagnostics[1].hint == "did you mean 'script'?");
  CHECK(error.diagnostics[1].step == "first");
  CHECK(error.diagnostics[1].path == "one.md");
  CHECK(error.diagnostics[1].span.line == 10);
}

TEST_CASE("plan: a question asks and has text and no output") {
  rb::Runbook book{"Ask"};
  book.steps.push_back(item("ask", question("Sure?")));
  CHECK(planned(book).steps()[0].forward[0].asks);
  book.steps[0].actions[0].expect = rb::Expectation{};
  CHECK(only(refused(book)).code == "question-output");
  book.steps[0].actions[0].expect.reset();
  book.steps[0].actions[0].capture = "answer";
  CHECK(only(refused(book)).code == "question-output");
  book.steps[0].actions[0].capture.clear();
  book.steps[0].actions[0].timeout = milliseconds{100};
  runbook_test::planned(book);
  book.steps[0].actions[0].timeout.reset();
  book.steps[0].actions[0].retry.retries = 1;
  CHECK(only(refused(book)).code == "question-retries");
  book.steps[0].actions[0].retry.retries = 0;
  for (const Value& prompt : {Value(""), Value(5), Value(nullptr)}) {
    book.steps[0].actions[0].params["prompt"] = prompt;
    CHECK(only(refused(book)).code == "no-prompt");
  }
  book.steps[0].actions[0].params.clear();
  CHECK(only(refused(book)).code == "missing-parameter");
}

TEST_CASE("plan: a runbook without anything to run is refused") {
  CHECK(only(refused(rb::Runbook{"Empty"})).code == "empty-runbook");
  rb::Runbook book{"No step does anything"};
  book.step("idle");
  CHECK(only(refused(book)).code == "empty-step");
  rb::Runbook checks{"Only verification"};
  checks.verification.push_back(item("v", script("x")));
  CHECK(planned(checks).steps().size() == 1);
  rb::Runbook no_handler = one_step();
  no_handler.steps[0].actions[0].handler.clear();
  CHECK(only(refused(no_handler)).code == "no-handler");
}

TEST_CASE("plan: ids are not empty and unique over all sections") {
  rb::Runbook book = one_step();
  book.verification.push_back(item("first", script("x")));
  const rb::Diagnostic duplicate = only(refused(book));
  CHECK(duplicate.code == "duplicate-id");
  CHECK(duplicate.message == "the id is taken by the step in line 10");
  book.verification[0].id.clear();
  CHECK(only(refused(book)).code == "empty-id");
}

TEST_CASE("plan: ids have nothing that separates them from other words") {
  rb::Runbook book = one_step();
  for (const char* id : {"a/b", "a:b", "a b", "a\nb"}) {
    book.steps[0].id = id;
    CHECK(only(refused(book)).code == "invalid-id");
  }
  book.steps[0].id = "größe_2.1-ö";
  CHECK(planned(book).steps()[0].id == "größe_2.1-ö");
}

TEST_CASE("plan: a prerequisite only looks and its failure ends the run") {
  rb::Runbook book = one_step();
  rb::Step& ready = book.prerequisites.emplace_back(item("ready", script("true")));
  ready.on_failure = rb::OnFailure::proceed;
  CHECK(only(refused(book)).code == "prerequisite-on-failure");
  ready.on_failure = rb::OnFailure::rollback;
  ready.undo.push_back(script("true"));
  CHECK(only(refused(book)).code == "undo-of-prerequisite");
}

TEST_CASE("plan: an irreversible step and a part of the general rollback have no undo") {
  rb::Runbook book = one_step();
  book.steps[0].rollback("drain");
  book.steps[0].irreversible = true;
  CHECK(only(refused(book)).code == "irreversible-undo");
  rb::Runbook general = one_step();
  general.rollback.push_back(item("general", script("x")));
  general.rollback[0].rollback("drain");
  CHECK(only(refused(general)).code == "undo-of-rollback");
}

TEST_CASE("plan: numbers and times that cannot be kept are refused") {
  const auto code_of = [](const auto& change) {
    rb::Runbook book = one_step();
    change(book.steps[0].actions[0]);
    return only(refused(book)).code;
  };
  using rb::Action;
  CHECK(code_of([](Action& a) { a.retry.retries = 1001; }) == "retries");
  CHECK(code_of([](Action& a) { a.retry.delay = milliseconds{-1}; }) == "retry-delay");
  CHECK(code_of([](Action& a) { a.retry.max_delay = milliseconds{-1}; }) == "retry-delay");
  CHECK(code_of([](Action& a) { a.retry.delay = milliseconds::max(); }) == "retry-delay");
  CHECK(code_of([](Action& a) { a.timeout = milliseconds{0}; }) == "timeout");
  CHECK(code_of([](Action& a) { a.timeout = milliseconds{-5}; }) == "timeout");
  CHECK(code_of([](Action& a) { a.timeout = milliseconds::max(); }) == "timeout");
  rb::Runbook book = one_step();
  book.steps[0].actions[0].retry = {1000, milliseconds{0}, milliseconds{0}};
  book.steps[0].actions[0].timeout = std::chrono::hours{24 * 366};
  planned(book);
  book.steps[0].undo.assign(65536, script("x"));
  CHECK(only(refused(book)).code == "too-many-actions");
  book.steps[0].undo.pop_back();
  planned(book);
}

TEST_CASE("plan: a capture has a name of its own that is a variable") {
  const auto code_of = [](const std::string& name) {
    rb::Runbook book = one_step();
    book.inputs.push_back(text_input("taken"));
    book.steps[0].actions[0].capture = name;
    return only(refused(book)).code;
  };
  CHECK(code_of("a-b") == "capture-name");
  CHECK(code_of("PATH") == "reserved-name");
  CHECK(code_of("LD_AUDIT") == "reserved-name");
  CHECK(code_of("taken") == "shadowed-input");
  rb::Runbook book = one_step();
  book.steps[0].undo = {capturing("x")};
  book.verification.push_back(item("v", capturing("x")));
  const rb::Diagnostic twice = only(refused(book));
  CHECK(twice.code == "duplicate-capture");
  CHECK(twice.message == "step 'first' captures 'x' already");
}

TEST_CASE("plan: a template that names nothing is refused wherever it is filled in") {
  const auto check = [](const auto& change) {
    rb::Runbook book = one_step();
    book.inputs.push_back(text_input("version"));
    change(book);
    const rb::Diagnostic found = only(refused(book));
    CHECK(found.code == "unknown-name");
    CHECK(found.hint == "did you mean 'version'?");
    return found.span.line;
  };
  using rb::Runbook;
  CHECK(check([](Runbook& b) { b.steps[0].title = "to {{ vresion }}"; }) == 10);
  CHECK(check([](Runbook& b) { b.steps[0].use("drain", {{"a", {{"b", {"{{ vresion.x }}"}}}}}); }) == 10);
  CHECK(check([](Runbook& b) { b.steps[0].use("confirm", {{"prompt", "{{ vresion }}?"}}); }) == 10);
  CHECK(check([](Runbook& b) { b.steps[0].use("http", {{"url", "http://x/{{ vresion }}"}}); }) == 10);
  CHECK(check([](Runbook& b) { b.steps[0].rollback("drain", {{"a", "{{vresion}}"}}); }) == 10);
  CHECK(check([](Runbook& b) {
          b.steps[0].actions[0].expect = rb::Expectation{rb::Expectation::Kind::text, "{{ vresion }}", {11, 1, 11, 5}};
        }) == 11);
}

TEST_CASE("plan: a capture is used only where it is known") {
  rb::Runbook book{"Order"};
  book.steps.push_back(item("use", action("drain", {{"node", "{{ node.name }}"}})));
  book.steps.push_back(item("find", capturing("node")));
  const rb::Diagnostic early = only(refused(book));
  CHECK(early.code == "not-known-yet");
  CHECK(early.message == "'node' is not known here yet: step 'find' captures it when it has run");
  std::swap(book.steps[0], book.steps[1]);
  planned(book);
  book.steps[0].rollback("drain", {{"node", "{{ node }}"}});
  book.steps[0].titled("Find {{ node }}");
  planned(book);
  book.steps[0].actions[0].expect = rb::Expectation{rb::Expectation::Kind::text, "{{ node }}", {}};
  CHECK(only(refused(book)).code == "not-known-yet");
  rb::Runbook undo = one_step();
  undo.steps[0].undo = {capturing("late")};
  undo.steps[0].use("drain", {{"a", "{{ late }}"}});
  CHECK(only(refused(undo)).message.find("when it is rolled back") != std::string::npos);
}

TEST_CASE("plan: a request whose input has no value yet is not judged") {
  rb::Runbook book = one_step();
  book.inputs.push_back(text_input("u"));
  book.steps[0].actions[0] = action("http", {{"url", "{{ u }}/health"}});
  planned(book);
  CHECK(only(refused(book, {{"u", "ftp://host"}})).code == "request");
  planned(book, {{"u", "http://host"}});
}

TEST_CASE("plan: slips with templates are warned of") {
  rb::Runbook book = one_step();
  book.inputs.push_back(text_input("version"));
  book.steps[0].actions[0] = script("echo {{ version }} {{ other }} {{ .Status }}");
  book.steps[0].title = "Look at {{ .Status }}";
  const rb::Plan plan = planned(book);
  REQUIRE(plan.warnings().size() == 2);
  CHECK(plan.warnings()[0].message == "'{{ .Status }}' is no name and stays as it stands");
  CHECK(plan.warnings()[1].code == "template-in-script");
  CHECK(plan.warnings()[1].hint == "in a script write \"$version\"");
  CHECK(plan.steps()[0].title == "Look at {{ .Status }}");
}

TEST_CASE("plan: an input that cannot be part of a request is refused before anything runs") {
  rb::Runbook book = one_step();
  book.inputs.push_back(text_input("address"));
  book.steps[0].actions[0] = action("http", {{"url", "{{ address }}/x"}, {"headers", {{"x-a", "{{ address }}"}}}});
  planned(book, {{"address", "http://127.0.0.1:8080"}});
  for (const char* address : {"not a url", "", "file:///etc/passwd", "http://h/?q=1", "http://h/\r\nx-b: y"}) {
    CAPTURE(address);
    const rb::Error error = refused(book, {{"address", address}});
    CHECK(error.code == rb::errc::invalid_input);
    CHECK(only(error).code == "request");
    CHECK(only(error).span.line == 10);
  }
  book.steps[0].actions[0].params["url"] = "{{ address }}/{{ previous }}";
  book.steps.insert(book.steps.begin(), item("look", capturing("previous")));
  planned(book, {{"address", "known only at run time with the rest"}});
}

TEST_CASE("plan: an expectation that nothing can meet is refused") {
  rb::Runbook book = one_step();
  book.steps[0].actions[0].expect = rb::Expectation{rb::Expectation::Kind::json, "{oops", {14, 1, 15, 1}};
  const rb::Diagnostic found = only(refused(book));
  CHECK(found.code == "expectation");
  CHECK(found.span.line == 14);
}

TEST_CASE("plan: the code is that of the gravest problem and all of them are told") {
  rb::Runbook book = one_step();
  book.inputs.push_back(text_input("version"));
  book.inputs[0].required = true;
  CHECK(refused(book).code == rb::errc::invalid_input);
  book.steps.push_back(item("second", action("nobody")));
  CHECK(refused(book).code == rb::errc::unknown_handler);
  book.steps.push_back(item("first", script("x")));
  const rb::Error error = refused(book);
  CHECK(error.code == rb::errc::invalid_document);
  CHECK(error.message == "the runbook cannot be run: 3 problems");
  CHECK(error.diagnostics.size() == 3);
}

TEST_CASE("plan: a document cannot forge terminal output through a problem") {
  rb::Runbook book = one_step();
  book.steps[0].id = "a\x1b]0;x\a\nb";
  book.steps[0].actions[0].handler = "no\x1b[2J";
  const std::string shown = to_string(refused(book));
  CHECK(shown.find('\x1b') == std::string::npos);
  CHECK(shown.find("a\\x1b]0;x\\x07\\nb") != std::string::npos);
}

TEST_CASE("plan: the document's digest is that of its bytes or of its JSON form") {
  rb::Runbook book = one_step();
  CHECK(planned(book).document_digest() == rb::sha256_hex(rb::canonical_json(to_json(book))));
  book.path = "elsewhere.md";
  CHECK(planned(book).document_digest() == planned(one_step()).document_digest());
  book.source = "# One\n";
  CHECK(planned(book).document_digest() == rb::sha256_hex("# One\n"));
}

TEST_CASE("plan: the digest is the same for the same plan and another for any change") {
  rb::Runbook book = one_step();
  book.inputs.push_back(text_input("v"));
  const std::string digest = planned(book, {{"v", "1"}}).digest();
  CHECK(digest.size() == 64);
  CHECK(planned(book, {{"v", "1"}}).digest() == digest);
  CHECK(planned(book, {{"v", "2"}}).digest() != digest);
  book.source = "the same bytes for all that follow";
  const std::string sourced = planned(book, {{"v", "1"}}).digest();
  CHECK(sourced != digest);
  const auto changed = [&](const auto& change) {
    rb::Runbook other = book;
    change(other);
    return planned(other, {{"v", "1"}}).digest() != sourced;
  };
  using rb::Runbook;
  CHECK(changed([](Runbook& b) { b.steps[0].actions[0].params["script"] = "false"; }));
  CHECK(changed([](Runbook& b) { b.steps[0].actions[0].timeout = milliseconds{5}; }));
  CHECK(changed([](Runbook& b) { b.steps[0].actions[0].retry.retries = 1; }));
  CHECK(changed([](Runbook& b) { b.steps[0].actions[0].effect = Effect::pure; }));
  CHECK(changed([](Runbook& b) { b.steps[0].actions[0].capture = "x"; }));
  CHECK(changed([](Runbook& b) { b.steps[0].actions[0].expect = rb::Expectation{}; }));
  CHECK(changed([](Runbook& b) { b.steps[0].on_failure = rb::OnFailure::stop; }));
  CHECK(changed([](Runbook& b) { b.steps[0].irreversible = true; }));
  CHECK(changed([](Runbook& b) { b.steps[0].rollback("drain"); }));
  CHECK(changed([](Runbook& b) { b.steps[0].check("drain"); }));
  CHECK(changed([](Runbook& b) { b.steps[0].title = "Other"; }));
  CHECK(changed([](Runbook& b) { b.verification.push_back(item("w", script("x"))); }));
  CHECK_FALSE(changed([](Runbook& b) { b.steps[0].span = {99, 1, 99, 2}; }));
  rb::HandlerRegistry handlers = planning_handlers();
  handlers.replace({.name = "shell", .effect = Effect::idempotent, .expand = false},
                   [](rb::StepContext&) -> rb::Result<Value> { return nullptr; });
  CHECK(rb::make_plan(book, handlers, {{"v", "1"}}).value().digest() != sourced);
}

TEST_CASE("plan: its cost grows with the number of steps and not faster") {
  const auto cost_of = [](int steps) {
    rb::Runbook book{"Large"};
    for (int i = 0; i < steps; ++i) {
      book.steps.push_back(item("step-" + std::to_string(i), script("echo $i")));
      book.steps.back().actions[0].capture = "c" + std::to_string(i);
      if (i > 0) book.steps.back().use("drain", {{"node", "{{ c" + std::to_string(i - 1) + " }}"}});
    }
    return cpu_time([&] { CHECK(planned(book).steps().size() == static_cast<std::size_t>(steps)); });
  };
  cost_of(100);                              // the first allocations
  CHECK(cost_of(8000) < 16 * cost_of(1000)); // quadratic would be 64 times
}

TEST_CASE("plan: an expectation that nothing could be compared with is refused at its place") {
  for (const char* wrong : {"regex}\na(", "contains}\n ", "regex}\n"}) {
    const std::string text =
        "# T\n## Steps\n### A\n```sh\nls\n```\nExpected:\n```text {match=" + std::string(wrong) + "\n```\n";
    rb::ParseOptions options;
    options.path = "book.md";
    const rb::Diagnostic found = only(refused(rb::parse_markdown(text, options).runbook));
    CHECK_MESSAGE(found.code == "expectation", to_string(found));
    CHECK(found.span.line == 8);
    CHECK(found.step == "a");
  }
}
