#include <runbook/executor.hpp>
#include <runbook/handler.hpp>
#include <runbook/handlers.hpp>
#include <runbook/model.hpp>
#include <runbook/plan.hpp>
#include <runbook/system.hpp>
#include <runbook/testing.hpp>

#include "handlers/builtin.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace rb = runbook;
using rb::HandlerInfo;
using rb::Outcome;
using rb::OutcomeStatus;
using rb::Value;
using rb::Values;

namespace {

using Work = std::function<void()>;

/// Keeps the work until the test runs or drops it.
class KeptWork final : public rb::WorkerPool {
public:
  void post(Work work) override {
    if (closed) throw std::runtime_error("the pool is closed");
    kept.push_back(std::move(work));
  }
  std::vector<Work> kept;
  bool closed = false;
};

class NoClock final : public rb::Clock {
  [[nodiscard]] std::chrono::system_clock::time_point now() const override { return {}; }
};
class NoProcesses final : public rb::ProcessRunner {
  rb::Result<std::unique_ptr<rb::Activity>> start(const rb::ProcessSpec&, rb::ProcessEvents) override {
    return rb::Error{rb::errc::exec_failed, "none here", {}};
  }
};
class NoHttp final : public rb::HttpClient {
  rb::Result<std::unique_ptr<rb::Activity>> start(rb::HttpRequest,
                                                  std::function<void(rb::Result<rb::HttpResponse>)>) override {
    return rb::Error{rb::errc::http_error, "none here", {}};
  }
};

class Context final : public rb::StepContext {
public:
  explicit Context(Values params = {}) : params_(std::move(params)) {}
  [[nodiscard]] const std::string& run() const override { return text_; }
  [[nodiscard]] const std::string& step() const override { return text_; }
  [[nodiscard]] std::uint32_t attempt() const override { return 1; }
  [[nodiscard]] std::string idempotency_key() const override { return {}; }
  [[nodiscard]] const rb::Action& action() const override { return action_; }
  [[nodiscard]] const Values& params() const override { return params_; }
  [[nodiscard]] const Values& values() const override { return params_; }
  [[nodiscard]] std::vector<std::string> environment() const override { return {}; }
  [[nodiscard]] const std::string& directory() const override { return text_; }
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const override { return std::nullopt; }
  [[nodiscard]] std::stop_token stop_token() override { return {}; }
  void output(rb::Stream stream, std::string_view bytes) override {
    printed += std::string(to_string(stream)) + ":" + std::string(bytes);
  }
  [[nodiscard]] rb::System& system() override { return system_; }

  KeptWork workers;
  std::string printed;

private:
  Values params_;
  std::string text_;
  rb::Action action_;
  NoClock clock_;
  NoProcesses processes_;
  NoHttp http_;
  rb::testing::FakeTimers timers_;
  rb::testing::FakeFiles files_;
  rb::testing::FakeUsers users_{rb::User{}};
  rb::System system_{clock_, processes_, http_, workers, timers_, files_, users_};
};

/// Collects what a completion reports.
struct Sink {
  std::vector<Outcome> outcomes;
  rb::Completion completion() {
    return rb::Completion([this](Outcome&& outcome) { outcomes.push_back(std::move(outcome)); });
  }
};

Outcome run(const HandlerInfo& info, const rb::HandlerFunction& function, Values params = {}) {
  rb::HandlerRegistry handlers;
  handlers.add(info, function);
  Context context(std::move(params));
  Sink sink;
  handlers.find(info.name)->start(context, sink.completion());
  for (const Work& work : context.workers.kept) work();
  REQUIRE(sink.outcomes.size() == 1);
  return sink.outcomes.front();
}

rb::HandlerFunction returning(Value value) {
  return [value](rb::StepContext&) -> rb::Result<Value> { return value; };
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const rb::Exception& e) {
    CHECK(e.error().code == rb::errc::invalid_argument);
    return e.error().message;
  }
  return "";
}

/// Starts a machine. Its parameters say under which names later actions see what of it.
class Machines final : public rb::Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }
  [[nodiscard]] std::vector<std::string> captures(const rb::Action& action) const override {
    std::vector<std::string> names;
    for (const auto& param : action.params) names.push_back(rb::to_text(param.value()));
    return names;
  }
  void start(rb::StepContext& context, rb::Completion done) const override {
    Values parts{{"unasked", "x"}};
    for (const auto& param : context.params()) parts[rb::to_text(param.value())] = "the " + std::string(param.key());
    parts.erase("lost");
    done(Outcome{OutcomeStatus::ok, Value{{"captures", std::move(parts)}}, {}});
  }

private:
  HandlerInfo info_{.name = "machine"};
};

rb::HandlerRegistry with_machines() {
  rb::HandlerRegistry handlers = rb::builtin_handlers();
  handlers.add(std::make_shared<Machines>());
  return handlers;
}

/// Why a plan with these captures, and a second step that uses `used`, is refused; empty if it is not.
std::string refused_captures(Values names, const std::string& used = "") {
  rb::Runbook book("machines");
  book.step("start").use("machine", std::move(names));
  book.step("use").use("confirm", {{"prompt", "ready?" + used}});
  const auto plan = rb::make_plan(book, with_machines());
  return plan ? std::string() : to_string(plan.error());
}

} // namespace

TEST_CASE("handler: a function that succeeds gives its value") {
  const Outcome outcome = run({.name = "f"},
                              [](rb::StepContext& context) -> rb::Result<Value> {
                                return Value{{"drained", context.param("node")}, {"missing", context.param("nothing")}};
                              },
                              {{"node", "web-1"}});
  CHECK(outcome == Outcome{OutcomeStatus::ok, Value{{"drained", "web-1"}, {"missing", nullptr}}, ""});
}

TEST_CASE("handler: an error and anything that is thrown become failures with the reason") {
  for (const bool quick : {false, true}) {
    const HandlerInfo info{.name = "f", .quick = quick};
    const auto message = [&](const rb::HandlerFunction& function) {
      const Outcome outcome = run(info, function);
      CHECK(outcome.status == OutcomeStatus::failed);
      CHECK(outcome.value.is_null());
      return outcome.message;
    };
    const rb::Error error{rb::errc::timed_out, "no answer", {}};
    CHECK(message([&](rb::StepContext&) -> rb::Result<Value> { return error; }) == "no answer");
    CHECK(message([](rb::StepContext&) -> rb::Result<Value> { return rb::Error{rb::errc::timed_out, "", {}}; }) ==
          "timed_out");
    CHECK(message([&](rb::StepContext&) -> rb::Result<Value> { throw rb::Exception(error); }) == "no answer");
    CHECK(message([](rb::StepContext&) -> rb::Result<Value> { throw std::runtime_error("boom"); }) ==
          "the handler threw: boom");
    CHECK(message([](rb::StepContext&) -> rb::Result<Value> { throw 5; }) ==
          "the handler threw: something that is no std::exception");
  }
}

TEST_CASE("handler: a function runs on a worker and a quick one at once") {
  rb::HandlerRegistry handlers;
  int calls = 0;
  const auto count = [&calls](rb::StepContext&) -> rb::Result<Value> { return ++calls; };
  handlers.add({.name = "slow"}, count);
  handlers.add({.name = "fast", .quick = true}, count);
  Context context;
  Sink sink;
  handlers.find("slow")->start(context, sink.completion());
  CHECK(calls == 0);
  CHECK(sink.outcomes.empty());
  REQUIRE(context.workers.kept.size() == 1);
  std::thread(context.workers.kept.front()).join();
  CHECK(calls == 1);
  CHECK(sink.outcomes.size() == 1);
  handlers.find("fast")->start(context, sink.completion());
  CHECK(calls == 2);
  CHECK(sink.outcomes.size() == 2);
  CHECK(context.workers.kept.size() == 1);
}

TEST_CASE("handler: work that a pool drops or refuses is a failure and not a hang") {
  rb::HandlerRegistry handlers;
  handlers.add({.name = "f"}, returning(1));
  Context context;
  Sink sink;
  handlers.find("f")->start(context, sink.completion());
  context.workers.kept.clear();
  REQUIRE(sink.outcomes.size() == 1);
  CHECK(sink.outcomes[0].status == OutcomeStatus::failed);
  CHECK(sink.outcomes[0].message == "the handler ended without saying how");
  context.workers.closed = true;
  handlers.find("f")->start(context, sink.completion());
  REQUIRE(sink.outcomes.size() == 2);
  CHECK(sink.outcomes[1].message == "no worker thread took the work: the pool is closed");
}

TEST_CASE("completion: only the first call counts and a forgotten one is a failure") {
  Sink sink;
  {
    rb::Completion done = sink.completion();
    done(rb::Result<Value>(Value(1)));
    done(Outcome{OutcomeStatus::failed, nullptr, "late"});
  }
  REQUIRE(sink.outcomes.size() == 1);
  CHECK(sink.outcomes[0].ok());
  {
    const rb::Completion forgotten = sink.completion();
  }
  REQUIRE(sink.outcomes.size() == 2);
  CHECK_FALSE(sink.outcomes[1].ok());
  {
    rb::Completion first = sink.completion();
    rb::Completion second = std::move(first);
    second(Outcome{});
  }
  CHECK(sink.outcomes.size() == 3);
  {
    const rb::Completion throwing([](Outcome&&) { throw std::runtime_error("the sink is broken"); });
  }
}

TEST_CASE("handler: a log line is one piece of output on the error stream") {
  Context context;
  context.log("draining");
  CHECK(context.printed == "err:draining\n");
}

TEST_CASE("registry: handlers are found by name and by the languages that they claim") {
  rb::HandlerRegistry handlers;
  handlers.add({.name = "db", .languages = {"sql", "psql"}}, returning(1)).add({.name = "a"}, returning(2));
  CHECK(handlers.names() == std::vector<std::string>{"a", "db"});
  CHECK(handlers.languages() == std::vector<std::string>{"sql", "psql"});
  CHECK(handlers.find("db") == handlers.find_language("psql"));
  CHECK(handlers.find("sql") == nullptr);
  CHECK(handlers.find_language("db") == nullptr);
  const rb::HandlerRegistry copy = handlers;
  handlers.add({.name = "later"}, returning(3));
  CHECK(copy.find("later") == nullptr);
  CHECK(copy.find("db") == handlers.find("db"));
}

TEST_CASE("registry: a name or language that is taken is refused and nothing changes") {
  rb::HandlerRegistry handlers;
  handlers.add({.name = "db", .languages = {"sql"}}, returning(1));
  const auto before = handlers.find("db");
  CHECK(refusal([&] { handlers.add({.name = "db"}, returning(2)); }).find("replace()") != std::string::npos);
  CHECK(refusal([&] { handlers.add({.name = "x", .languages = {"sql"}}, returning(2)); }).find("'sql'") !=
        std::string::npos);
  CHECK_FALSE(refusal([&] { handlers.replace({.name = "x", .languages = {"sql"}}, returning(2)); }).empty());
  CHECK_FALSE(refusal([&] { handlers.add({.name = "sql"}, returning(2)); }).empty());
  CHECK_FALSE(refusal([&] { handlers.add({.name = "x", .languages = {"db"}}, returning(2)); }).empty());
  CHECK_FALSE(refusal([&] { handlers.add({.name = ""}, returning(2)); }).empty());
  CHECK_FALSE(refusal([&] { handlers.add({.name = "x"}, rb::HandlerFunction{}); }).empty());
  CHECK_FALSE(refusal([&] { handlers.add(std::shared_ptr<const rb::Handler>{}); }).empty());
  CHECK(handlers.names() == std::vector<std::string>{"db"});
  CHECK(handlers.find("db") == before);
}

TEST_CASE("registry: replace puts another handler in the place of one") {
  rb::HandlerRegistry handlers;
  handlers.add({.name = "db", .languages = {"sql"}}, returning(1));
  handlers.replace({.name = "db", .effect = rb::Effect::pure, .languages = {"sql", "pg"}}, returning(2));
  handlers.replace({.name = "new"}, returning(3));
  CHECK(handlers.find("db")->info().effect == rb::Effect::pure);
  CHECK(handlers.find_language("pg") != nullptr);
  CHECK(handlers.names() == std::vector<std::string>{"db", "new"});
}

TEST_CASE("handler: parameters are checked against those that it takes") {
  rb::HandlerRegistry handlers;
  handlers.add(
      {.name = "drain", .params = {{.name = "node", .required = true, .description = "Its name"}, {.name = "force"}}},
      returning(1));
  handlers.add({.name = "any"}, returning(1));
  rb::Action action;
  action.span = {4, 2, 4, 9};
  action.params = {{"node", "a"}, {"force", true}};
  CHECK(handlers.find("drain")->check(action).empty());
  action.params = {{"nodes", "a"}, {"zzzzzz", 1}};
  const auto problems = handlers.find("drain")->check(action);
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].code == "missing-parameter");
  CHECK(problems[0].hint == "Its name");
  CHECK(problems[1].message == "'drain' has no parameter 'nodes'");
  CHECK(problems[1].hint == "did you mean 'node'?");
  CHECK(problems[2].hint == "it takes node, force");
  CHECK(problems[2].span == action.span);
  CHECK(handlers.find("any")->check(action).empty());
}

TEST_CASE("handler: one that claims a fence language takes the block's text") {
  rb::HandlerRegistry handlers;
  handlers.add({.name = "db", .params = {{.name = "database"}}, .languages = {"sql"}}, returning(1));
  rb::Action action;
  action.params = {{"text", "select 1"}};
  CHECK(handlers.find("db")->check(action).empty());
}

TEST_CASE("confirm: it asks and is never answered by itself") {
  const auto confirm = rb::make_confirm_handler();
  CHECK(confirm->info().name == "confirm");
  CHECK(confirm->info().asks);
  CHECK(confirm->effect({}) == rb::Effect::mutating);
  CHECK(confirm->check({}).size() == 1);
  Context context;
  Sink sink;
  confirm->start(context, sink.completion());
  REQUIRE(sink.outcomes.size() == 1);
  CHECK(sink.outcomes[0].status == OutcomeStatus::failed);
}

TEST_CASE("handler: it can capture several values under names that later steps see") {
  rb::Runbook book("machines");
  book.step("start")
      .use("machine", {{"address", "ip"}, {"number", "id"}, {"rest", "lost"}})
      .rollback("shell", {{"script", "test \"$id\" = 'the number'"}});
  book.step("use").use("shell", {{"script", "test \"$ip\" = 'the address' && test -z \"${lost-}${unasked-}\""}});
  book.step("fail").use("shell", {{"script", "exit 1"}});
  for (std::size_t i = 1; i < 3; ++i) book.steps[i].actions[0].effect = rb::Effect::pure;
  const rb::HandlerRegistry handlers = with_machines();
  const rb::Plan plan = rb::make_plan(book, handlers).value();
  CHECK(plan.steps()[0].forward[0].captures == std::vector<std::string>{"ip", "id", "lost"});
  rb::Executor executor(handlers);
  const rb::RunResult result = executor.run(plan);
  CHECK(result.status == rb::RunStatus::rolled_back);
  CHECK_MESSAGE(result.reason.find("'fail'") != std::string::npos, result.reason);
}

TEST_CASE("handler: the names under which it captures are checked like all others") {
  const auto has = [](const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; };
  CHECK(refused_captures({{"a", "x"}, {"b", "y"}}, "{{ x }}{{ y }}").empty());
  CHECK(has(refused_captures({{"a", "x"}}, "{{ z }}"), "unknown-name"));
  CHECK(has(refused_captures({{"a", "x y"}}), "capture-name"));
  CHECK(has(refused_captures({{"a", "PATH"}}), "reserved-name"));
  CHECK(has(refused_captures({{"a", "x"}, {"b", "x"}}), "step 'start' captures 'x' already"));
  CHECK(has(refused_captures({{"a", "{{ x }}"}, {"b", "x"}}), "not-known-yet")); // its own come when it has run
}
