// Secrets from where they come from to where they are used, and that nothing that the engine writes holds one.
#include "support/runs.hpp"
#include "support/temp_folder.hpp"
#include "support/veiled.hpp"

#include <runbook/testing.hpp>

#include <doctest/doctest.h>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

using namespace runbook;
using namespace runbook::testing;

static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_constructible_v<std::string, Secret>);
static_assert(!std::is_constructible_v<Value, Secret>);

namespace {

constexpr const char* hidden = "s3cr3t-t0ken";

/// A runbook with the secret `token`, which is `hidden` unless a test says otherwise.
struct Fixture {
  HandlerRegistry handlers = builtin_handlers();
  TempFolder folder;
  Runbook book{"secrets"};
  std::shared_ptr<FakeSecretSource> source = std::make_shared<FakeSecretSource>();
  std::shared_ptr<RunStore> store = make_memory_store();

  Fixture() {
    book.inputs.push_back({.name = "token", .type = InputType::secret, .required = true});
    book.inputs.back().from = {SecretOrigin::Kind::env, "TOKEN"};
    source->has("env:TOKEN", hidden);
  }

  Step& shell(const std::string& id, const std::string& script) {
    Step& step = book.step(id);
    step.use("shell", {{"script", script}, {"shell", "bash"}});
    return step;
  }
  [[nodiscard]] Plan plan() const { return make_plan(book, handlers).value(); }
  [[nodiscard]] StartOptions here() const { return {.directory = folder.path().string()}; }
  RunResult run(ExecutorOptions how = {}) {
    how.secrets = source;
    how.store = store;
    Executor executor(handlers, how);
    return executor.run(plan(), here());
  }
  /// Everything that is on record of the run.
  [[nodiscard]] std::string record_of(const RunResult& result) const {
    std::string all = store->document(result.run).value() + result.reason;
    for (const Event& event : result.events) {
      all += boost::json::serialize(to_json(event)) + "\n";
      if (std::holds_alternative<StepOutput>(event.data)) all += store->output(result.run, event.seq).value();
    }
    return all + to_markdown(make_report(result.events));
  }
  [[nodiscard]] Error refusal() const {
    const auto made = make_plan(book, handlers);
    REQUIRE_FALSE(made.has_value());
    return made.error();
  }
};

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Why the run cannot be started.
Error start_error(Fixture& fixture, ExecutorOptions how = {}) {
  if (!how.secrets) how.secrets = fixture.source;
  Executor executor(fixture.handlers, how);
  try {
    static_cast<void>(executor.run(fixture.plan(), fixture.here()));
  } catch (const Exception& e) {
    return e.error();
  }
  FAIL("the run was started");
  return {};
}

} // namespace

TEST_CASE("secrets: a script has it as a variable and what it prints is masked") {
  Fixture f;
  f.shell("use", "printf %s \"$token\" > seen; echo \"token is $token\"; printf %s \"$token\" | base64 >&2");
  const RunResult result = f.run();
  CHECK(result.status == RunStatus::succeeded);
  CHECK(f.folder.read("seen") == hidden);
  const std::string record = f.record_of(result);
  CHECK(holds(record, "token is ***\n"));
  CHECK_FALSE(holds(record, hidden));
  CHECK_FALSE(holds(record, "czNjcjN0LXQwa2Vu"));
  CHECK(f.source->asked() == std::vector<std::string>{"token from env:TOKEN"});
}

TEST_CASE("secrets: a secret that comes in pieces is masked before anybody sees it") {
  Fixture f;
  f.shell("slow",
          "for ((i = 0; i < ${#token}; ++i)); do printf %s \"${token:i:1}\"; sleep 0.01; done; printf '\\nend'");
  class Watch final : public Observer {
  public:
    void on_event(const RunHeader&, const Event&) override {}
    void on_output(const RunHeader&, const ActionRef&, Stream, std::string_view bytes) override { seen += bytes; }
    std::string seen;
  };
  const auto watch = std::make_shared<Watch>();
  const RunResult result = f.run({.observer = watch});
  CHECK(result.status == RunStatus::succeeded);
  CHECK(watch->seen == "***\nend");
}

TEST_CASE("secrets: what is captured is masked and what is compared is too") {
  Fixture f;
  f.shell("take", "echo \"got $token\"").actions[0].capture = "taken";
  f.shell("show", "printf %s \"$taken\" > seen");
  f.shell("compare", "echo \"$token\"").actions[0].expect = Expectation{.text = "something else"};
  const RunResult result = f.run();
  CHECK(f.folder.read("seen") == "got ***");
  CHECK(holds(message_of(result, f.plan(), "compare"), "***"));
  CHECK_FALSE(holds(f.record_of(result), hidden));
}

TEST_CASE("secrets: what a script exports of a secret is not handed on and later steps have the secret all the same") {
  Fixture f;
  f.shell("export", "export AUTH=\"Bearer $token\" OTHER=kept token; mkdir \"$token\"; cd \"$token\"");
  f.shell("later", "printf '%s|%s|%s|%s' \"${AUTH-none}\" \"$OTHER\" \"$token\" \"$PWD\" > \"$folder/seen\"");
  f.book.inputs.push_back({.name = "folder", .default_value = Value(f.folder.path().string())});
  const RunResult result = f.run();
  CHECK(result.status == RunStatus::succeeded);
  CHECK(f.folder.read("seen") ==
        std::string("none|kept|") + hidden + "|" + std::filesystem::canonical(f.folder.path()).string());
  const std::string record = f.record_of(result);
  CHECK_FALSE(holds(record, hidden));
  CHECK(holds(record, "'AUTH' holds a secret"));
  CHECK(holds(record, "\"OTHER\":\"kept\""));
}

TEST_CASE("secrets: a handler has them and what it says of them is masked") {
  Fixture f;
  std::string seen;
  f.handlers.add({.name = "returns"}, [&](StepContext& context) -> Result<Value> {
    seen = std::string(context.secrets().at("token").reveal()) + "|" + std::string(context.param("header").as_string());
    context.log(seen);
    return Value{{"got", Value{{seen, boost::json::array{seen}}}}};
  });
  f.handlers.add({.name = "throws"}, [](StepContext& context) -> Result<Value> {
    throw std::runtime_error("no access with " + std::string(context.secrets().at("token").reveal()));
  });
  f.book.step("returns").use("returns", {{"header", "Bearer {{ token }}"}}).actions[0].capture = "returned";
  f.book.step("throws").use("throws");
  const RunResult result = f.run();
  CHECK(seen == std::string(hidden) + "|Bearer " + hidden);
  CHECK(message_of(result, f.plan(), "throws") == "the handler threw: no access with ***");
  CHECK(holds(result.reason, "***"));
  CHECK_FALSE(holds(f.record_of(result), hidden));
}

TEST_CASE("secrets: a request holds it and its failure does not") {
  class Recorder final : public HttpClient {
  public:
    Result<std::unique_ptr<Activity>> start(HttpRequest request, std::function<void(Result<HttpResponse>)>) override {
      sent = request;
      return Error{errc::http_error, "cannot reach " + request.url, {}};
    }
    HttpRequest sent;
  };
  const auto recorder = std::make_shared<Recorder>();
  Fixture f;
  f.source->has("env:TOKEN", "a b&c/d");
  f.book.step("ask").use("http", {{"url", "http://localhost/x?t={{ token }}"},
                                  {"method", "POST"},
                                  {"headers", Value{{"Authorization", "Bearer {{ token }}"}}},
                                  {"body", R"({"t": "{{ token }}"})"}});
  const RunResult result = f.run({.http = recorder});
  CHECK(recorder->sent.url == "http://localhost/x?t=a%20b%26c%2Fd");
  CHECK(recorder->sent.headers[0].second == "Bearer a b&c/d");
  CHECK(recorder->sent.body == R"({"t": "a b&c/d"})");
  CHECK(holds(message_of(result, f.plan(), "ask"), "cannot reach http://localhost/x?t=***"));
  CHECK_FALSE(holds(f.record_of(result), "a%20b"));
}

TEST_CASE("secrets: what people say is masked") {
  Fixture f;
  f.book.step("ask").use("confirm", {{"prompt", "Is it done, {{ who }}?"}});
  f.book.inputs.push_back({.name = "who", .default_value = Value(std::string("s3cr3t-t0ken"))});
  class Indiscreet final : public Approver {
  public:
    Result<void> ask(const Question& question, std::function<void(Answer)> reply) override {
      asked = question.text;
      reply({.yes = false, .who = "me", .note = "no, s3cr3t-t0ken is wrong"});
      return {};
    }
    void withdraw(const std::string&, const std::string&) override {}
    std::string asked;
  };
  const auto approver = std::make_shared<Indiscreet>();
  const RunResult result = f.run({.approver = approver});
  CHECK(approver->asked == "Is it done, ***?");
  std::string events;
  for (const Event& event : result.events) events += boost::json::serialize(to_json(event)) + "\n";
  CHECK(holds(events, "no, *** is wrong"));
  CHECK_FALSE(holds(events, hidden));
}

TEST_CASE("secrets: they come from the environment and files and commands") {
  Fixture f;
  ::setenv("RUNBOOK_TEST_TOKEN", "from-env", 1);
  f.folder.write("key", "from-file\r\n\n");
  f.book.inputs[0].from = {SecretOrigin::Kind::env, "RUNBOOK_TEST_TOKEN"};
  f.book.inputs.push_back({.name = "key", .type = InputType::secret, .from = {SecretOrigin::Kind::file, "key"}});
  f.book.inputs.push_back(
      {.name = "shown", .type = InputType::secret, .from = {SecretOrigin::Kind::command, "cat key; echo x >&2"}});
  f.book.inputs.push_back({.name = "none", .type = InputType::secret, .from = {SecretOrigin::Kind::file, "gone"}});
  f.shell("use", "echo \"$token $key $shown .$none.\" > seen");
  Executor executor(f.handlers);
  CHECK(executor.run(f.plan(), f.here()).status == RunStatus::succeeded);
  CHECK(f.folder.read("seen") == "from-env from-file from-file ..\n");
}

TEST_CASE("secrets: one that cannot be got names where it comes from and the run is not recorded") {
  Fixture f;
  f.shell("use", "touch ran");
  f.source = std::make_shared<FakeSecretSource>();
  CHECK(start_error(f).code == errc::secret_unavailable);
  CHECK(holds(start_error(f).message, "the secret 'token' from env:TOKEN cannot be got"));
  const auto throwing =
      make_secret_source([](const SecretRequest&) -> Result<Secret> { throw std::runtime_error(hidden); });
  CHECK_FALSE(holds(start_error(f, {.secrets = throwing}).message, hidden));
  f.source->has("env:TOKEN", "abc");
  CHECK(holds(start_error(f).message, "is shorter than 4 characters"));
  CHECK_FALSE(holds(start_error(f).message, "abc"));
  f.source->has("env:TOKEN", "");
  CHECK(holds(start_error(f).message, "is required and is not there"));
  f.source->has("env:TOKEN", hidden);
  f.book.inputs[0].pattern = "[0-9]+";
  CHECK(holds(start_error(f).message, "does not match its pattern"));
  CHECK_FALSE(holds(start_error(f).message, hidden));
  f.book.inputs[0].pattern.clear();
  f.book.inputs[0].from = {SecretOrigin::Kind::command, "exit 3"};
  CHECK(holds(start_error(f, {.secrets = make_secret_source()}).message, "ended with exit code 3"));
  f.book.inputs[0].from = {};
  CHECK(start_error(f).message == "the secret 'token' is required and is not there");
  CHECK(f.store->list().value().empty());
  CHECK_FALSE(f.folder.has("ran"));
}

TEST_CASE("secrets: whoever starts the run may give them") {
  Fixture f;
  f.shell("use", "printf %s \"$token\" > seen");
  Executor executor(f.handlers, {.secrets = f.source});
  StartOptions options = f.here();
  options.secrets.emplace("token", Secret("given-one"));
  CHECK(executor.run(f.plan(), options).status == RunStatus::succeeded);
  CHECK(f.folder.read("seen") == "given-one");
  CHECK(f.source->asked().empty());
  options.secrets.emplace("tokn", Secret("given-one"));
  CHECK_THROWS_AS(static_cast<void>(executor.run(f.plan(), options)), Exception);
}

TEST_CASE("secrets: a plan knows where they come from and nothing else") {
  Fixture f;
  f.shell("use", "true");
  const Plan plan = f.plan();
  CHECK(plan.inputs().empty());
  CHECK(plan.secrets().at("token") == SecretOrigin{SecretOrigin::Kind::env, "TOKEN"});
  CHECK(holds(to_text(plan), "token  (secret, from env:TOKEN)"));
  CHECK(boost::json::serialize(to_json(plan).at("secrets")) == R"({"token":"env:TOKEN"})");
  const SecretOrigins other{{"token", {SecretOrigin::Kind::file, "key"}}};
  const Plan changed = make_plan(f.book, f.handlers, {}, other).value();
  CHECK(changed.secrets().at("token").name == "key");
  CHECK(changed.digest() != plan.digest());
  CHECK(changed.document_digest() == plan.document_digest());
}

TEST_CASE("secrets: a value among the inputs is refused and not repeated") {
  Fixture f;
  f.shell("use", "true");
  const auto given = make_plan(f.book, f.handlers, {{"token", hidden}});
  REQUIRE_FALSE(given.has_value());
  CHECK(given.error().diagnostics[0].code == "secret-given");
  CHECK_FALSE(holds(to_string(given.error()), hidden));
  const auto unknown = make_plan(f.book, f.handlers, {}, {{"tokn", {SecretOrigin::Kind::env, "X"}}});
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().diagnostics[0].hint == "did you mean 'token'?");
}

TEST_CASE("secrets: where everybody would see one it is refused") {
  Fixture f;
  Step& step = f.shell("use", "true");
  std::string code = "secret-shown";
  SUBCASE("title") {
    step.title = "Log in with {{ token }}";
  }
  SUBCASE("question") {
    step.use("confirm", {{"prompt", "Is it {{ token }}?"}});
  }
  SUBCASE("expected output") {
    step.actions[0].expect = Expectation{.text = "{{ token }}"};
  }
  SUBCASE("folder") {
    step.actions[0].params["cwd"] = "/tmp/{{ token }}";
  }
  SUBCASE("undo") {
    step.rollback("shell", {{"script", "true"}, {"user", "{{ token }}"}});
  }
  SUBCASE("condition") {
    step.flow = Flow{.when = {.text = "inputs.token == 'x'"}};
  }
  SUBCASE("the title of all") {
    f.book.title = "With {{ token }}";
  }
  SUBCASE("default") {
    f.book.inputs[0].default_value = Value(hidden);
    code = "secret-input";
  }
  SUBCASE("no secret") {
    f.book.inputs.push_back({.name = "plain", .from = {SecretOrigin::Kind::env, "X"}});
    code = "secret-input";
  }
  const Error error = f.refusal();
  CHECK(std::ranges::any_of(error.diagnostics, [&](const Diagnostic& d) { return d.code == code; }));
  CHECK_FALSE(holds(to_string(error), hidden));
}

TEST_CASE("secrets: a variable for one script may hold one") {
  Fixture f;
  f.shell("use", "printf %s \"$PGPASSWORD\" > seen").actions[0].params["env"] = Value{{"PGPASSWORD", "x-{{ token }}"}};
  const RunResult result = f.run();
  CHECK(f.folder.read("seen") == std::string("x-") + hidden);
  CHECK_FALSE(holds(f.record_of(result), hidden));
}

TEST_CASE("secrets: a store that fails says nothing of them") {
  Fixture f;
  f.shell("use", "echo $token; export A=$token");
  const auto store = std::make_shared<FaultyStore>(make_memory_store());
  store->fail_at(2);
  Executor executor(f.handlers, {.store = store, .secrets = f.source});
  const RunResult result = executor.run(f.plan(), f.here());
  REQUIRE(result.error.has_value());
  CHECK_FALSE(holds(to_string(*result.error), hidden));
}

// ---- memory

TEST_CASE("secrets: when the run has ended nothing in memory holds one") {
  Fixture f;
  make_random_key(f.folder / "key");
  f.book.inputs[0].from = {SecretOrigin::Kind::file, "key"};
  f.shell("use", "printf '%s\\n' \"$token\"; printf 'x%s' \"$token\" >&2; export AUTH=\"Bearer $token\"; false")
      .rollback("shell", {{"script", "echo \"$token\""}});
  const Veiled veiled(f.folder / "key");
  REQUIRE(veiled.size() == 60);
  CHECK(veiled.in_memory() == 0);
  f.handlers.add({.name = "look", .effect = Effect::pure, .quick = true}, [&](StepContext& context) -> Result<Value> {
    if (context.secrets().at("token").reveal().size() != 60) return Error{errc::handler_failed, "another one", {}};
    return Value(veiled.in_memory());
  });
  f.book.steps.insert(f.book.steps.begin(), Step{.id = "look"});
  f.book.steps[0].use("look");
  Executor executor(f.handlers);
  const RunHandle handle = executor.start(f.plan(), f.here());
  const RunResult result = handle.wait();
  CHECK(result.status == RunStatus::rolled_back);
  std::uint64_t while_it_ran = 0;
  for (const Event& event : result.events) {
    const auto* outcome = std::get_if<StepOutcome>(&event.data);
    if (outcome != nullptr && outcome->at.step == 0) while_it_ran = outcome->outcome.value.to_number<std::uint64_t>();
  }
  CHECK(while_it_ran > 0);
  CHECK(veiled.in_memory() == 0);
}
