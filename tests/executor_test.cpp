// The executor with handlers that are functions: order, durability, observers, questions, many runs.
#include "support/runs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

using namespace runbook;
using namespace runbook::testing;

namespace {

// Handlers that note what they are called for; `fail` fails, `work` does not.
struct Notes {
  std::mutex mutex;
  std::string text;
  void add(const std::string& word) {
    const std::scoped_lock lock(mutex);
    if (!text.empty()) text += ' ';
    text += word;
  }
};

HandlerRegistry noting_handlers(Notes& notes) {
  HandlerRegistry handlers = builtin_handlers();
  handlers.add({.name = "work"}, [&notes](StepContext& ctx) -> Result<Value> {
    notes.add(std::string(ctx.param("say").as_string()));
    return Value{{"said", ctx.param("say")}};
  });
  handlers.add({.name = "fail"}, [&notes](StepContext& ctx) -> Result<Value> {
    notes.add(std::string(ctx.param("say").as_string()) + "!");
    return Error{errc::handler_failed, "it does not work", {}};
  });
  return handlers;
}

Values say(const char* word) {
  return {{"say", word}};
}

} // namespace

TEST_CASE("run: steps run in order and the journal tells intent before outcome") {
  Notes notes;
  const HandlerRegistry handlers = noting_handlers(notes);
  Runbook book("two steps");
  book.step("a").use("work", say("a"));
  book.step("b").use("work", say("b"));
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  const RunResult result = executor.run(plan, {.actor = "tester"});
  CHECK(result.status == RunStatus::succeeded);
  CHECK(notes.text == "a b");
  CHECK(event_story(result, plan) ==
        "run_created claimed step_intent:a step_outcome:a step_intent:b step_outcome:b run_closed");
  for (std::size_t i = 0; i < result.events.size(); ++i) {
    CHECK(result.events[i].seq == i + 1);
    CHECK(result.events[i].fence == 1);
    CHECK(result.events[i].time.time_since_epoch().count() > 0);
  }
}

TEST_CASE("run: a failed step undoes what started newest first") {
  Notes notes;
  const HandlerRegistry handlers = noting_handlers(notes);
  Runbook book("fails at b");
  book.step("a").use("work", say("a")).rollback("work", say("undo-a"));
  book.step("b").use("fail", say("b")).rollback("work", say("undo-b"));
  book.step("c").use("work", say("c")).rollback("work", say("undo-c"));
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  const RunResult result = executor.run(plan);
  CHECK(result.status == RunStatus::rolled_back);
  CHECK(notes.text == "a b! undo-b undo-a");
  CHECK(result.reason == "step 'b' failed: it does not work");
  CHECK(result.residue.empty());
}

TEST_CASE("run: an undo that fails is named and the others still run") {
  Notes notes;
  const HandlerRegistry handlers = noting_handlers(notes);
  Runbook book("undo fails");
  book.step("a").use("work", say("a")).rollback("work", say("undo-a"));
  book.step("b").use("work", say("b")).rollback("fail", say("undo-b"));
  book.step("c").use("fail", say("c")).rollback("work", say("undo-c"));
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  const RunResult result = executor.run(plan);
  CHECK(result.status == RunStatus::partially_rolled_back);
  CHECK(notes.text == "a b c! undo-c undo-b! undo-a");
  REQUIRE(result.residue.size() == 1);
  CHECK(result.residue[0] == Residue{1, ResidueCause::undo_failed});
}

TEST_CASE("run: a handler that throws has failed") {
  HandlerRegistry handlers;
  handlers.add({.name = "throws"}, [](StepContext&) -> Result<Value> { throw std::runtime_error("out of cheese"); });
  handlers.add(quick("throws_quickly"), [](StepContext&) -> Result<Value> { throw 1; });
  Runbook book("throws");
  book.step("a").use("throws");
  book.steps[0].on_failure = OnFailure::proceed;
  book.step("b").use("throws_quickly");
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  const RunResult result = executor.run(plan);
  CHECK(result.status == RunStatus::failed);
  CHECK(message_of(result, plan, "a").find("out of cheese") != std::string::npos);
  CHECK(!message_of(result, plan, "b").empty());
}

TEST_CASE("run: a handler that forgets its completion has failed") {
  class Forgetful final : public Handler {
  public:
    [[nodiscard]] const HandlerInfo& info() const override { return info_; }
    void start(StepContext&, Completion) const override {}

  private:
    HandlerInfo info_{.name = "forgetful"};
  };
  HandlerRegistry handlers;
  handlers.add(std::make_shared<Forgetful>());
  Runbook book("forgets");
  book.step("a").use("forgetful");
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  const RunResult result = executor.run(plan);
  CHECK(result.status == RunStatus::failed);
  CHECK(!message_of(result, plan, "a").empty());
}

TEST_CASE("run: a captured value reaches the parameters of later steps with its type") {
  HandlerRegistry handlers;
  Value seen;
  handlers.add({.name = "make"}, [](StepContext&) -> Result<Value> { return Value(42); });
  handlers.add({.name = "use"}, [&seen](StepContext& ctx) -> Result<Value> {
    seen = ctx.params();
    return Value();
  });
  Runbook book("capture");
  book.step("a").use("make");
  book.steps[0].actions[0].capture = "answer";
  book.step("b").use("use", {{"n", "{{ answer }}"}, {"text", "is {{ answer }}"}});
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  CHECK(executor.run(plan).status == RunStatus::succeeded);
  CHECK(seen == Value{{"n", 42}, {"text", "is 42"}});
}

TEST_CASE("run: a handler that fills nothing in has single parameters filled in, with their type") {
  HandlerRegistry handlers;
  Value seen;
  const HandlerInfo info{
      .name = "use", .params = {{.name = "script"}, {.name = "where", .expand = true}}, .expand = false};
  handlers.add(info, [&seen](StepContext& ctx) -> Result<Value> {
    seen = ctx.params();
    return Value();
  });
  Runbook book("single");
  book.inputs.push_back({.name = "place", .type = InputType::integer, .default_value = Value(7)});
  book.step("a").use("use", {{"script", "{{ place }}"}, {"where", "{{ place }}"}});
  Executor executor(handlers);
  CHECK(executor.run(make_plan(book, handlers).value()).status == RunStatus::succeeded);
  CHECK(seen == Value{{"script", "{{ place }}"}, {"where", 7}});

  book.steps[0].actions[0].params["where"] = "{{ plaice }}";
  const auto plan = make_plan(book, handlers);
  REQUIRE(!plan);
  CHECK(plan.error().code == errc::invalid_document);
  CHECK(to_string(plan.error()).find("plaice") != std::string::npos);
}

TEST_CASE("run: attempts of an action share their idempotency key") {
  HandlerRegistry handlers;
  std::vector<std::string> keys;
  handlers.add({.name = "flaky"}, [&keys](StepContext& ctx) -> Result<Value> {
    keys.push_back(ctx.idempotency_key());
    if (ctx.attempt() < 3) return Error{errc::handler_failed, "not yet", {}};
    return Value();
  });
  Runbook book("retry");
  book.step("a").use("flaky");
  book.steps[0].actions[0].retry = {
      .retries = 2, .delay = std::chrono::milliseconds(1), .max_delay = std::chrono::milliseconds(2)};
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  const RunResult result = executor.run(plan, {.run_id = "r7"});
  CHECK(result.status == RunStatus::succeeded);
  CHECK(keys == std::vector<std::string>{"r7/a/0/forward", "r7/a/0/forward", "r7/a/0/forward"});
}

TEST_CASE("run: a timeout ends the attempt as timed out whatever the handler says") {
  HandlerRegistry handlers;
  handlers.add({.name = "slow"}, [](StepContext& ctx) -> Result<Value> {
    Signal stopped;
    const std::stop_callback on_stop(ctx.stop_token(), [&] { stopped.set(); });
    CHECK(stopped.wait());
    return Value("done after all");
  });
  Runbook book("timeout");
  book.step("a").use("slow");
  book.steps[0].actions[0].timeout = std::chrono::milliseconds(20);
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  const RunResult result = executor.run(plan);
  CHECK(outcome_story(result, plan) == "at");
  CHECK(result.status == RunStatus::failed);
}

TEST_CASE("run: cancel stops the step that runs and undoes it") {
  Notes notes;
  HandlerRegistry handlers = noting_handlers(notes);
  Signal running;
  handlers.add({.name = "wait_for_stop"}, [&](StepContext& ctx) -> Result<Value> {
    Signal stopped;
    const std::stop_callback on_stop(ctx.stop_token(), [&] { stopped.set(); });
    running.set();
    CHECK(stopped.wait());
    return Error{errc::cancelled, "stopped", {}};
  });
  Runbook book("cancel");
  book.step("a").use("work", say("a")).rollback("work", say("undo-a"));
  book.step("b").use("wait_for_stop").rollback("work", say("undo-b"));
  book.step("c").use("work", say("c"));
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  const RunHandle run = executor.start(plan);
  REQUIRE(running.wait());
  run.cancel("tester");
  const RunResult result = run.wait();
  CHECK(result.status == RunStatus::rolled_back);
  CHECK(outcome_story(result, plan) == "a b/ ~b ~a");
  CHECK(result.reason == "cancelled by tester");
  run.cancel("again"); // after the end: nothing
  CHECK(run.status() == RunStatus::rolled_back);
}

TEST_CASE("observer: sees every event in order after it is durable and output as it comes") {
  class Watcher final : public Observer {
  public:
    explicit Watcher(std::shared_ptr<RunStore> store) : store_(std::move(store)) {}
    void on_event(const RunHeader& run, const Event& event) override {
      const auto durable = store_->load(run.run);
      REQUIRE(durable.has_value());
      CHECK(durable->size() >= event.seq);
      CHECK(event.seq == ++last_);
    }
    void on_output(const RunHeader&, const ActionRef&, Stream stream, std::string_view bytes) override {
      output += std::string(to_string(stream)) + "=" + std::string(bytes);
    }
    std::string output;

  private:
    std::shared_ptr<RunStore> store_;
    std::uint64_t last_ = 0;
  };
  HandlerRegistry handlers;
  handlers.add({.name = "talk"}, [](StepContext& ctx) -> Result<Value> {
    ctx.output(Stream::out, "hello ");
    ctx.log("oops");
    return Value();
  });
  const auto store = make_memory_store();
  const auto watcher = std::make_shared<Watcher>(store);
  Runbook book("talks");
  book.step("a").use("talk");
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers, {.store = store});
  const RunResult result = executor.run(plan, {.observer = watcher});
  CHECK(watcher->output == "out=hello err=oops\n");
  CHECK(event_story(result, plan) ==
        "run_created claimed step_intent:a step_output:a step_output:a step_outcome:a run_closed");
  const auto& output = std::get<StepOutput>(result.events[3].data);
  CHECK(output.size == 6);
  CHECK(store->output(result.run, result.events[3].seq).value() == "hello ");
}

TEST_CASE("observer: one that throws does not disturb the run") {
  Notes notes;
  const HandlerRegistry handlers = noting_handlers(notes);
  Runbook book("watched");
  book.step("a").use("work", say("a"));
  Executor executor(handlers);
  const auto observer = make_observer([](const RunHeader&, const Event&) { throw std::runtime_error("no"); });
  CHECK(executor.run(make_plan(book, handlers).value(), {.observer = observer}).status == RunStatus::succeeded);
}

TEST_CASE("output: is kept up to the cap with the digest and the length of all of it") {
  HandlerRegistry handlers;
  handlers.add({.name = "talk"}, [](StepContext& ctx) -> Result<Value> {
    for (int i = 0; i < 100; ++i) ctx.output(Stream::out, "0123456789");
    return Value();
  });
  Runbook book("talks much");
  book.step("a").use("talk");
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers, {.output_cap = 25});
  const RunResult result = executor.run(plan);
  const auto& output = std::get<StepOutput>(result.events[3].data);
  CHECK(output.size == 1000);
  CHECK(output.kept == 25);
  // printf '0123456789%.0s' {1..100} | sha256sum
  CHECK(output.digest == "ab6c5f3237f551d208fc2ca5225a4cca20b3fd638794a804f0ed5549d5041734");
  CHECK(executor.store()->output(result.run, 4).value() == "0123456789012345678901234");
}

TEST_CASE("question: waits for an answer from any thread and the first one counts") {
  Runbook book("asks");
  book.step("tell").use("confirm", {{"prompt", "Told the channel?"}});
  const HandlerRegistry handlers = builtin_handlers();
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  Signal asked;
  const auto observer = make_observer([&](const RunHeader&, const Event& event) {
    if (std::holds_alternative<WaitOpened>(event.data)) asked.set();
  });
  const RunHandle run = executor.start(plan, {.observer = observer});
  REQUIRE(asked.wait());
  CHECK(!run.wait_for(std::chrono::milliseconds(1)).has_value());
  CHECK(run.answer("nonsense", {.yes = true, .who = "x", .note = {}}).error().code == errc::not_found);
  CHECK(run.answer("tell", {.yes = true, .who = "ada", .note = "done"}).has_value());
  CHECK(run.answer("tell", {.yes = false, .who = "bob", .note = {}}).has_error());
  const RunResult result = run.wait();
  CHECK(result.status == RunStatus::succeeded);
  const auto answered =
      std::ranges::find_if(result.events, [](const Event& e) { return std::holds_alternative<WaitAnswered>(e.data); });
  REQUIRE(answered != result.events.end());
  CHECK(std::get<WaitAnswered>(answered->data).who == "ada");
}

TEST_CASE("question: an observer may answer what it sees asked") {
  Runbook book("asks");
  book.step("tell").use("confirm", {{"prompt", "Told the channel?"}});
  const HandlerRegistry handlers = builtin_handlers();
  Executor executor(handlers);
  std::optional<RunHandle> run;
  Signal has_handle;
  const auto observer = make_observer([&](const RunHeader&, const Event& event) {
    if (!std::holds_alternative<WaitOpened>(event.data) || !has_handle.wait()) return;
    CHECK(run->answer("tell", {.yes = true, .who = "observer"}).has_value());
  });
  run = executor.start(make_plan(book, handlers).value(), {.observer = observer});
  has_handle.set();
  CHECK(run->wait().status == RunStatus::succeeded);
}

TEST_CASE("question: an approver answers and one that reaches nobody parks the run") {
  class Robot final : public Approver {
  public:
    explicit Robot(bool there) : there_(there) {}
    Result<void> ask(const Question& question, std::function<void(Answer)> reply) override {
      CHECK(question.token == "tell");
      CHECK(question.text == "Told #ops?");
      if (!there_) return Error{errc::approver_unavailable, "nobody is there", {}};
      std::thread([reply = std::move(reply)] { reply({.yes = true, .who = "robot", .note = {}}); }).detach();
      return {};
    }
    void withdraw(const std::string&, const std::string&) override {}

  private:
    bool there_;
  };
  Runbook book("asks");
  book.inputs.push_back({.name = "channel", .default_value = Value("#ops")});
  book.step("tell").use("confirm", {{"prompt", "Told {{ channel }}?"}});
  const HandlerRegistry handlers = builtin_handlers();
  const Plan plan = make_plan(book, handlers).value();
  for (const bool there : {true, false}) {
    Executor executor(handlers, {.approver = std::make_shared<Robot>(there)});
    CHECK(executor.run(plan).status == (there ? RunStatus::succeeded : RunStatus::parked));
  }
}

TEST_CASE("executor: its end parks runs that wait for people and waits for the others") {
  Runbook asks("asks");
  asks.step("tell").use("confirm", {{"prompt", "Told?"}});
  Runbook works("works");
  works.step("a").use("slow");
  HandlerRegistry handlers = builtin_handlers();
  Signal go_on;
  handlers.add({.name = "slow"}, [&](StepContext&) -> Result<Value> {
    CHECK(go_on.wait());
    return Value();
  });
  std::vector<RunHandle> runs;
  {
    Executor executor(handlers);
    runs.push_back(executor.start(make_plan(asks, handlers).value()));
    runs.push_back(executor.start(make_plan(works, handlers).value()));
    go_on.set();
  }
  CHECK(runs[0].wait().status == RunStatus::parked);
  CHECK(runs[1].wait().status == RunStatus::succeeded);
  CHECK(runs[0].answer("tell", {.yes = true, .who = "x", .note = {}}).error().code == errc::not_found);
  runs[1].cancel();
}

TEST_CASE("executor: refuses to wait on its own thread") {
  Notes notes;
  HandlerRegistry handlers = noting_handlers(notes);
  Runbook book("waits for itself");
  book.step("a").use("work", say("a"));
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  errc code{};
  std::optional<RunHandle> handle;
  Signal has_handle;
  const auto observer = make_observer([&](const RunHeader&, const Event&) {
    if (!has_handle.wait()) return;
    try {
      static_cast<void>(handle->wait());
    } catch (const Exception& e) {
      code = e.error().code;
    }
  });
  handle = executor.start(plan, {.observer = observer});
  has_handle.set();
  CHECK(handle->wait().status == RunStatus::succeeded);
  CHECK(code == errc::invalid_argument);
}

TEST_CASE("executor: a plan whose handler it does not have does not start") {
  HandlerRegistry handlers;
  handlers.add({.name = "work"}, [](StepContext&) -> Result<Value> { return Value(); });
  Runbook book("unknown");
  book.step("a").use("work");
  const Plan plan = make_plan(book, handlers).value();
  Executor executor{HandlerRegistry()};
  CHECK_THROWS_AS(static_cast<void>(executor.start(plan)), Exception);
  CHECK(executor.store()->list().value().empty());
}

TEST_CASE("executor: many runs at once each keep their order") {
  HandlerRegistry handlers;
  std::atomic<int> calls = 0;
  handlers.add({.name = "work"}, [&](StepContext&) -> Result<Value> { return ++calls, Value(); });
  handlers.add(quick("quick"), [&](StepContext&) -> Result<Value> { return ++calls, Value(); });
  Runbook book("mixed");
  for (int i = 0; i < 20; ++i) book.step("s" + std::to_string(i)).use(i % 2 == 0 ? "work" : "quick");
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  std::vector<RunHandle> runs;
  for (int i = 0; i < 200; ++i) runs.push_back(executor.start(plan));
  for (const RunHandle& run : runs) {
    const RunResult result = run.wait();
    CHECK(result.status == RunStatus::succeeded);
    CHECK(result.events.size() == 43);
  }
  CHECK(calls == 4000);
  CHECK(executor.store()->list().value().size() == 200);
}

TEST_CASE("executor: cancel_all ends every run that goes on") {
  Runbook asks("asks");
  asks.step("tell").use("confirm", {{"prompt", "Told?"}});
  const HandlerRegistry handlers = builtin_handlers();
  const Plan plan = make_plan(asks, handlers).value();
  Executor executor(handlers);
  std::vector<RunHandle> runs;
  for (int i = 0; i < 5; ++i) runs.push_back(executor.start(plan));
  executor.cancel_all("operator");
  for (const RunHandle& run : runs) CHECK(run.wait().status == RunStatus::cancelled);
}

TEST_CASE("executor: a run of many quick steps is fair to others and does not recurse") {
  HandlerRegistry handlers;
  handlers.add(quick("quick"), [](StepContext&) -> Result<Value> { return Value(); });
  Runbook book("long");
  for (int i = 0; i < 50'000; ++i) book.step("s" + std::to_string(i)).use("quick");
  const Plan plan = make_plan(book, handlers).value();
  Executor executor(handlers);
  CHECK(executor.run(plan).status == RunStatus::succeeded);
}
