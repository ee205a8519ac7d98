// Questions that want more than yes: what is an answer, what the planner refuses, and what a run makes of it.
#include "support/plan_builder.hpp"
#include "support/runs.hpp"

#include <runbook/format.hpp>
#include <runbook/parse.hpp>
#include <runbook/testing.hpp>

#include <doctest/doctest.h>

#include <boost/json/array.hpp>

#include <string>
#include <vector>

using namespace runbook;
using namespace runbook::testing;

namespace {

Values asking(const char* answer, Values more = {}) {
  more["prompt"] = "Which?";
  more["answer"] = answer;
  return more;
}

Values choosing(std::initializer_list<boost::json::value_ref> choices) {
  return asking("choice", {{"choices", boost::json::array(choices)}});
}

/// The decider with the question of a single step open.
struct Asked {
  RunState state;

  explicit Asked(const Values& params) : state(plan(params)) {
    state.apply(RunCreated{std::make_shared<RunHeader>()});
    settle();
  }
  void settle() {
    for (int turn = 0; turn < 4; ++turn) {
      for (const Command& command : decide(state)) {
        if (auto event = to_event(state, command)) state.apply(*event);
      }
    }
  }
  static Plan plan(const Values& params) {
    PlanBuilder book;
    PlannedAction question = PlanBuilder::question();
    question.action.params = params;
    question.action.capture = "given";
    book.step("ask").forward[0] = question;
    return book.build();
  }
};

/// Starts a run of the book and answers its question `ask` when it is open.
class Answering {
public:
  explicit Answering(const Runbook& book, ExecutorOptions options = {})
      : executor_(builtin_handlers(), std::move(options)) {
    observer_ = make_observer([this](const RunHeader&, const Event& event) {
      if (std::holds_alternative<WaitOpened>(event.data)) asked_.set();
    });
    const auto plan = make_plan(book, builtin_handlers());
    REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
    run_ = executor_.start(*plan, {.observer = observer_});
    REQUIRE(asked_.wait());
  }
  [[nodiscard]] const RunHandle& run() const { return *run_; }
  Result<void> say(const char* text) { return run_->answer("ask", {.yes = true, .who = "ann", .text = text}); }

private:
  Executor executor_;
  Signal asked_;
  std::shared_ptr<Observer> observer_;
  std::optional<RunHandle> run_;
};

std::string outputs(const RunResult& result) {
  std::string all;
  for (const Event& event : result.events) {
    if (const auto* outcome = std::get_if<StepOutcome>(&event.data)) {
      if (!outcome->captured.is_null()) all += canonical_json(outcome->captured) + " ";
    }
  }
  return all;
}

template <class Data>
Data the(const RunResult& result) {
  for (const Event& event : result.events) {
    if (const auto* data = std::get_if<Data>(&event.data)) return *data;
  }
  FAIL("no such event");
  return {};
}

Runbook asking_book(const Values& params) {
  Runbook book("asks");
  book.step("ask").use("confirm", params);
  book.steps.back().actions[0].capture = "given";
  book.step("use").use("shell", {{"script", "printf '<%s>' \"$given\""}});
  book.steps.back().actions[0].capture = "used";
  return book;
}

Runbook read(std::string_view text) {
  Parsed parsed = parse_markdown(text);
  REQUIRE_MESSAGE(parsed.ok(), to_string(parsed.diagnostics.at(0)));
  return std::move(parsed.runbook);
}

std::vector<std::string> codes_of(const Runbook& book) {
  std::vector<std::string> codes;
  const auto plan = make_plan(book, builtin_handlers());
  if (plan.has_error()) {
    for (const Diagnostic& found : plan.error().diagnostics) codes.push_back(found.code);
  }
  return codes;
}

} // namespace

TEST_CASE("answer: what is one depends on what the question wants") {
  CHECK_FALSE(answer_flaw({}, ""));
  CHECK(answer_flaw({}, "text") == "can only be yes or no");
  const AnswerForm text{AnswerKind::text, {}, "[A-Z]+-[0-9]+"};
  CHECK_FALSE(answer_flaw(text, "OPS-12"));
  CHECK(answer_flaw(text, "OPS-12 ") == "must match the pattern [A-Z]+-[0-9]+");
  CHECK(answer_flaw({AnswerKind::text, {}, {}}, "") == "must not be empty");
  CHECK(answer_flaw({AnswerKind::text, {}, {}}, std::string_view("a\0b", 3)) == "must be without NUL");
  CHECK(answer_flaw({AnswerKind::text, {}, {}}, "\xff") == "must be UTF-8");
  CHECK(answer_flaw({AnswerKind::text, {}, {}}, std::string(98305, 'x')) == "must have at most 98304 bytes");
  const AnswerForm choice{AnswerKind::choice, {"blue", "green"}, {}};
  CHECK_FALSE(answer_flaw(choice, "green"));
  CHECK(answer_flaw(choice, "2") == "must be one of: blue, green");
  CHECK(answer_flaw({AnswerKind::secret, {}, {}}, "abc")->find("shorter") != std::string::npos);
  CHECK_FALSE(answer_flaw({AnswerKind::secret, {}, {}}, "abcd"));
}

TEST_CASE("answer: the decider takes the first valid one and captures it") {
  Asked asked(choosing({"blue", "green"}));
  const auto question = asked.state.open_question("ask");
  REQUIRE(question.has_value());
  CHECK(question->wants == AnswerForm{AnswerKind::choice, {"blue", "green"}, {}});
  for (const Value& wrong : {Value("red"), Value(), Value(1)}) {
    asked.state.apply(WaitAnswered{"ask", true, "ann", {}, wrong});
    CHECK(asked.state.open_question("ask").has_value());
  }
  asked.state.apply(WaitAnswered{"ask", true, "bob", {}, "green"});
  asked.state.apply(WaitAnswered{"ask", true, "ann", {}, "blue"}); // too late
  CHECK_FALSE(asked.state.open_question("ask").has_value());
  const auto commands = decide(asked.state);
  REQUIRE(commands.size() == 1);
  const auto outcome = std::get<StepOutcome>(*to_event(asked.state, commands[0]));
  CHECK(outcome.outcome == Outcome{OutcomeStatus::ok, "green", {}});
  CHECK(outcome.captured == "green");
  asked.settle();
  CHECK(asked.state.status() == RunStatus::succeeded);
  CHECK(asked.state.values().at("given") == "green");
}

TEST_CASE("answer: no is one to every question") {
  for (const Values& params : {choosing({"blue", "green"}), asking("text"), asking("text", {{"pattern", "x"}})}) {
    Asked asked(params);
    asked.state.apply(WaitAnswered{"ask", false, "ann", {}, {}});
    const auto commands = decide(asked.state);
    REQUIRE(commands.size() == 1);
    CHECK(std::get<SettleAction>(commands[0]).outcome == Outcome{OutcomeStatus::failed, nullptr, "answered no by ann"});
  }
}

TEST_CASE("answer: text that does not count leaves the question open and what counts reaches later steps") {
  Answering asking_for(asking_book(asking("text", {{"pattern", "[A-Z]+-[0-9]+"}})));
  for (const char* wrong : {"", "ops", "OPS-1\n"}) {
    const auto refused = asking_for.say(wrong);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::invalid_argument);
    CHECK(refused.error().message.find("the answer to 'ask' does not count: it must") == 0);
  }
  CHECK(asking_for.say("OPS-12").has_value());
  CHECK(asking_for.say("OPS-13").error().code == errc::not_found);
  const RunResult result = asking_for.run().wait();
  CHECK(result.status == RunStatus::succeeded);
  CHECK(outputs(result) == R"("OPS-12" "<OPS-12>" )");
  CHECK(the<WaitOpened>(result).wants == AnswerForm{AnswerKind::text, {}, "[A-Z]+-[0-9]+"});
  CHECK(the<WaitAnswered>(result).value == "OPS-12");
  const Value json = to_json(make_report(result.events));
  const Value& question = json.at("questions").at(0);
  CHECK(question.at("wants") == "text");
  CHECK(question.at("value") == "OPS-12");
  CHECK(to_text(make_report(result.events)).find("OPS-12, by ann") != std::string::npos);
}

TEST_CASE("answer: choices may come from what is known and an answer decides what follows") {
  Runbook book("asks");
  book.inputs.push_back({.name = "colour", .type = InputType::string, .default_value = "green"});
  book.step("ask").use("confirm", choosing({"blue", "{{ colour }}"}));
  book.steps.back().actions[0].capture = "given";
  book.step("use").use("assert", {{"conditions", "given == 'green'"}});
  book.step("skipped").use("shell", {{"script", "exit 1"}});
  book.steps.back().flow.emplace().when.text = "steps.ask.output == 'blue'";
  Answering asking_for(book);
  CHECK(asking_for.say("{{ colour }}").error().message ==
        "the answer to 'ask' does not count: it must be one of: blue, green");
  CHECK(asking_for.say("green").has_value());
  CHECK(asking_for.run().wait().status == RunStatus::succeeded);
}

TEST_CASE("answer: a question that wants to know something changes nothing") {
  Runbook book = asking_book(asking("text"));
  CHECK(make_plan(book, builtin_handlers()).value().steps()[0].effect == Effect::pure);
  book.steps[0].actions[0].effect = Effect::mutating;
  CHECK(make_plan(book, builtin_handlers()).value().steps()[0].effect == Effect::mutating);
  book.steps[0].actions[0] = {.handler = "confirm", .params = {{"prompt", "Done?"}}};
  CHECK(make_plan(book, builtin_handlers()).value().steps()[0].effect == Effect::mutating);
}

TEST_CASE("answer: an approver whose reply is none reaches nobody") {
  auto approver = std::make_shared<ScriptedApprover>();
  approver->say("ask", true);
  Executor executor(builtin_handlers(), {.approver = approver});
  const RunHandle run = executor.start(make_plan(asking_book(asking("text")), builtin_handlers()).value());
  const auto result = run.wait_for(std::chrono::seconds(10));
  REQUIRE(result.has_value());
  CHECK(result->status == RunStatus::parked);
  CHECK(the<WaitUnreachable>(*result).reason == "the answer to 'ask' does not count: it must not be empty");
}

TEST_CASE("answer: a question that does not say rightly what it wants is refused") {
  const auto found = [](const Values& params, const char* capture = "given") {
    Runbook book("asks");
    book.step("ask").use("confirm", params);
    book.steps.back().actions[0].capture = capture;
    return codes_of(book);
  };
  const std::vector<std::string> one{"question-answer"};
  CHECK(found(asking("text")).empty());
  CHECK(found(choosing({"a", "b"})).empty());
  CHECK(found(asking("yes-no"), "").empty());
  CHECK(found(asking("yes-no")) == std::vector<std::string>{"question-output"});
  CHECK(found(asking("txt")) == one);
  CHECK(found(asking("text"), "") == one);
  CHECK(found(choosing({"a", "b"}), "") == one);
  CHECK(found(asking("text", {{"pattern", "("}})) == one);
  CHECK(found(asking("text", {{"pattern", 1}})) == one);
  CHECK(found(asking("text", {{"choices", boost::json::array{"a", "b"}}})) == one);
  CHECK(found(asking("choice", {{"choices", "a, b"}})) == one);
  CHECK(found(asking("choice")) == one);
  CHECK(found(choosing({"a"})) == one);
  CHECK(found(choosing({"a", "a"})) == one);
  CHECK(found(choosing({"a", ""})) == one);
  CHECK(found(choosing({"a", "b\nc"})) == one);
  CHECK(found(choosing({"a", 2})) == one);
  CHECK(found({{"prompt", "Sure?"}, {"pattern", "x"}}, "") == one);
}

TEST_CASE("answer: Markdown says it in the attributes of the block and is written so again") {
  const char* const text =
      "# Asks\n\n## Steps\n\n"
      "1. Note the ticket\n\n"
      "   ```confirm {answer=text pattern=\"[A-Z]+-\\\\d+\" capture=ticket}\n   Which ticket?\n   ```\n\n"
      "2. Choose\n\n"
      "   ```confirm {answer=choice choices=\"blue, green\" capture=colour}\n   Which colour?\n   ```\n";
  const Runbook book = read(text);
  CHECK(codes_of(book).empty());
  const Values& ticket = book.steps[0].actions[0].params;
  CHECK(ticket.at("answer") == "text");
  CHECK(ticket.at("pattern") == "[A-Z]+-\\d+");
  const Values& colour = book.steps[1].actions[0].params;
  CHECK(colour.at("choices") == boost::json::array{"blue", "green"});
  const auto again = to_markdown(book);
  REQUIRE_MESSAGE(again.has_value(), to_string(again.error()));
  CHECK(again->find("```confirm {answer=choice choices=\"blue, green\" capture=colour}") != std::string::npos);
  const Runbook same = read(*again);
  CHECK(same.steps[0].actions[0].params == ticket);
  CHECK(same.steps[1].actions[0].params == colour);
}

TEST_CASE("answer: what no attribute can say is not written") {
  Runbook book("asks");
  book.step("ask").use("confirm", choosing({"blue, or so", "green"}));
  book.steps.back().actions[0].capture = "given";
  CHECK(to_markdown(book).has_error());
}

TEST_CASE("answer: attributes of questions mean nothing elsewhere") {
  for (const char* attribute : {"answer=text", "choices=\"a, b\"", "pattern=x"}) {
    const std::string info = "sh {" + std::string(attribute) + "}";
    const Parsed parsed = parse_markdown("# A\n\n## Steps\n\n1. Do\n\n   ```" + info + "\n   true\n   ```\n");
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.diagnostics.at(0).message.find("has no meaning for 'sh'") != std::string::npos);
    CHECK(parsed.diagnostics.at(0).hint == "only questions have it: confirm");
  }
}

namespace {

constexpr const char* hidden = "hunter2-and-more";

/// Asks for a secret, which is used and shown in every way that a script has.
Runbook secret_book() {
  Runbook book("asks");
  book.step("ask").use("confirm", asking("secret"));
  book.steps.back().actions[0].capture = "token";
  book.step("use").use(
      "shell",
      {{"script",
        "echo \"$token\"; echo \"$token\" | base64; export again=$token; test \"$token\" = hunter2-and-more"}});
  book.steps.back().actions[0].capture = "shown";
  book.step("later").use("shell", {{"script", "test \"$token\" = hunter2-and-more && test -z \"${again-}\""}});
  return book;
}

std::string record_of(const RunResult& result, RunStore& store) {
  std::string all = to_markdown(make_report(result.events)) + canonical_json(to_json(make_report(result.events)));
  for (const Event& event : result.events) {
    all += canonical_json(to_json(event)) + "\n";
    if (std::holds_alternative<StepOutput>(event.data)) all += store.output(result.run, event.seq).value();
  }
  return all;
}

} // namespace

TEST_CASE("answer: a secret is there for later steps and on no record") {
  const auto store = std::shared_ptr<RunStore>(make_memory_store());
  Answering asking_for(secret_book(), {.store = store});
  CHECK(asking_for.say("abc").error().message.find("it is shorter than 4 characters") != std::string::npos);
  CHECK(asking_for.run()
            .answer("ask", {.yes = true, .who = hidden, .note = hidden, .secret = Secret(hidden)})
            .has_value());
  const RunResult result = asking_for.run().wait();
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
  CHECK(the<WaitAnswered>(result).value.is_null());
  CHECK(the<WaitAnswered>(result).who == "***");
  CHECK(outputs(result).find("***") != std::string::npos);
  CHECK(to_text(make_report(result.events)).find("a secret, by ***") != std::string::npos);
  const std::string record = record_of(result, *store);
  CHECK(record.find("hunter2") == std::string::npos);
  CHECK(record.find("aHVudGVyMi") == std::string::npos); // in base64
}

TEST_CASE("answer: text is a secret too where one is wanted and no is an answer") {
  {
    Answering asking_for(secret_book());
    CHECK(asking_for.say(hidden).has_value());
    CHECK(asking_for.run().wait().status == RunStatus::succeeded);
  }
  Answering asking_for(secret_book());
  CHECK(asking_for.run().answer("ask", {.yes = false, .who = "ann"}).has_value());
  CHECK(asking_for.run().wait().reason == "step 'ask' failed: answered no by ann");
}

TEST_CASE("answer: the name of a secret that is asked for stands nowhere where it would be seen") {
  const auto found = [](const char* handler, const Values& params) {
    Runbook book = secret_book();
    book.step("show").use(handler, params);
    return codes_of(book);
  };
  CHECK(found("http", {{"url", "http://127.0.0.1/"}, {"headers", {{"Authorization", "{{ token }}"}}}}).empty());
  const std::vector<std::string> shown{"secret-shown"};
  CHECK(found("confirm", {{"prompt", "Is it {{ token }}?"}}) == shown);
  CHECK(found("assert", {{"conditions", "token == 'x'"}}) == shown);
  Runbook titled = secret_book();
  titled.step("titled").use("shell", {{"script", "true"}});
  titled.steps.back().title = "With {{ token }}";
  CHECK(codes_of(titled) == shown);
  Runbook looping = secret_book();
  looping.steps[0].flow.emplace().loop.emplace().over.text = "[1, 2]";
  CHECK(codes_of(looping) == std::vector<std::string>{"question-answer"});
}

TEST_CASE("answer: who goes on from an earlier run is asked for the secret again") {
  Runbook book("asks");
  book.step("ask").use("confirm", asking("secret"));
  book.steps.back().actions[0].capture = "token";
  book.step("fails").use("shell", {{"script", "exit 1"}});
  const auto plan = [](const Runbook& of) { return make_plan(of, builtin_handlers()).value(); };
  const auto failed = [](const Runbook& of) {
    Answering asking_for(of);
    CHECK(asking_for.say(hidden).has_value());
    return asking_for.run().wait().events;
  };
  const auto rest = continue_from(plan(book), failed(book));
  REQUIRE(rest.has_value());
  CHECK(rest->steps()[0].chosen);
  book.steps[0].use("shell", {{"script", "echo once"}});
  const auto refused = continue_from(plan(book), failed(book));
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("which no journal keeps") != std::string::npos);
}
