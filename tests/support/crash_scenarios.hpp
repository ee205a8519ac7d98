// Scenarios for the crash matrix: between them, everything that a run's owner may be in the middle of.
#pragma once

#include "support/flow_books.hpp"

#include <runbook/crash_matrix.hpp>
#include <runbook/parse.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace runbook::testing {

/// Ends as a shell would: with an exit code that a probe is asked for.
class Looks final : public Handler {
public:
  Looks(CrashLife life, std::string action) : life_(std::move(life)), action_(std::move(action)) {
    info_.name = "looks";
    info_.effect = Effect::pure;
    info_.quick = true;
  }
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }
  void start(StepContext&, Completion done) const override {
    const int code = life_.ended(action_) > 0 ? 0 : 1;
    done(Outcome{code == 0 ? OutcomeStatus::ok : OutcomeStatus::failed, Value{{"exit_code", code}}, "not there"});
  }

private:
  CrashLife life_;
  std::string action_;
  HandlerInfo info_;
};

/// `work` prints and works, on a worker; `quick` the same on the engine's thread; `again` may be repeated; `fails`
/// fails at each attempt and `late` at the first; `looks` is a probe of step `m`.
inline HandlerRegistry crash_handlers(const CrashLife& life) {
  const auto works = [life](StepContext& context) -> Result<Value> {
    life.visible(context);
    context.output(Stream::out, "output of " + context.step() + std::string(3000, '.'));
    return Value{{"exit_code", 0}};
  };
  const auto fails = [life](StepContext& context) -> Result<Value> {
    life.visible(context);
    context.output(Stream::err, "it does not");
    return Error{errc::handler_failed, "it does not work", {}};
  };
  HandlerRegistry handlers = builtin_handlers();
  handlers.add({.name = "work"}, works);
  handlers.add({.name = "swift", .quick = true}, works);
  handlers.add({.name = "again", .effect = Effect::idempotent}, works);
  handlers.add({.name = "fails"}, fails);
  handlers.add({.name = "late", .effect = Effect::idempotent},
               [=](StepContext& context) { return context.attempt() < 2 ? fails(context) : works(context); });
  handlers.add(std::make_shared<Looks>(life, "m/0/forward"));
  return handlers;
}

inline Step does(std::string handler, const std::string& id, const std::string& undo = {}) {
  Step step;
  step.id = id;
  step.use(std::move(handler));
  if (!undo.empty()) step.rollback(undo);
  return step;
}

/// `done`, but `failed` for these actions if they are in doubt.
inline auto says_failed(std::vector<std::string> of) {
  return [of = std::move(of)](const CrashLife&, const WaitOpened& question) {
    const bool failed =
        std::ranges::any_of(of, [&](const std::string& action) { return question.token == "doubt/" + action; });
    return std::optional(Message{.yes = true, .text = failed ? "failed" : "done", .who = "Ada"});
  };
}

inline CrashScenario crash_scenario(std::string name, Runbook book, std::vector<RunStatus> ends,
                                    std::vector<std::string> failing = {}) {
  CrashScenario scenario;
  scenario.name = std::move(name);
  scenario.handlers = crash_handlers;
  scenario.plan = [book = std::move(book)](const CrashLife&, const HandlerRegistry& handlers) {
    return make_plan(book, handlers).value();
  };
  scenario.answer = says_failed(std::move(failing));
  scenario.ends = std::move(ends);
  return scenario;
}

inline Runbook crash_book(std::vector<Step> steps) {
  Runbook book("crashes");
  book.path = "crashes.md";
  book.steps = std::move(steps);
  return book;
}

inline CrashScenario forward_scenario() {
  Step late = does("late", "late", "work");
  late.actions[0].retry = {
      .retries = 1, .delay = std::chrono::milliseconds{1}, .max_delay = std::chrono::milliseconds{1}};
  return crash_scenario("forward",
                        crash_book({does("work", "a", "work"), does("swift", "b"), does("again", "c", "again"), late}),
                        {RunStatus::succeeded});
}

/// The third step fails, the undo of the second one as well.
inline CrashScenario rollback_scenario() {
  Runbook book = crash_book({does("work", "a", "work"), does("swift", "b", "fails"), does("fails", "c", "swift")});
  book.rollback.push_back(does("work", "general"));
  return crash_scenario("rollback", std::move(book), {RunStatus::partially_rolled_back}, {"c", "b:undo"});
}

/// Three elements, two at once, beside two steps that need each other.
inline CrashScenario flow_scenario(bool fails) {
  Runbook book = crash_book({for_each("['x', 'y', 'z']", does("work", "each", "work"), 2),
                             needs({}, does("work", "left", "work")), needs({"left"}, does("swift", "right", "swift")),
                             needs({"each", "right"}, does(fails ? "fails" : "work", "last"))});
  CrashScenario scenario =
      fails ? crash_scenario("flow-back", std::move(book), {RunStatus::partially_rolled_back}, {"last"})
            : crash_scenario("flow", std::move(book), {RunStatus::succeeded});
  scenario.start.parallel = 2;
  return scenario;
}

inline CrashScenario runbook_scenario() {
  Runbook inner = crash_book({does("work", "one", "work"), does("swift", "two")});
  inner.path = "inner.md";
  inner.rollback.push_back(does("work", "take-back"));
  Step call;
  call.id = "call";
  call.use("runbook", {{"file", "inner.md"}});
  Runbook book = crash_book({does("work", "a", "work"), call, does("fails", "z", "work")});
  book.runbooks.push_back(std::move(inner));
  return crash_scenario("runbooks", std::move(book), {RunStatus::rolled_back}, {"z"});
}

inline CrashScenario doubt_scenario(OnDoubt on_doubt, const std::string& says = {}) {
  Step doubtful = does("work", "m", "work");
  doubtful.on_doubt = on_doubt;
  if (on_doubt == OnDoubt::probe) doubtful.probe.push_back(Action{.handler = "looks"});
  const bool may_fail = on_doubt == OnDoubt::assume_failed || says == "failed";
  CrashScenario scenario = crash_scenario(
      "doubt-" + std::to_string(static_cast<int>(on_doubt)) + says, crash_book({doubtful, does("swift", "n")}),
      may_fail ? std::vector{RunStatus::succeeded, RunStatus::rolled_back, RunStatus::partially_rolled_back}
               : std::vector{RunStatus::succeeded});
  scenario.answer = [says](const CrashLife&, const WaitOpened& question) {
    const bool of_m = question.token == "doubt/m";
    return std::optional(Message{.yes = true, .text = of_m && !says.empty() ? says : "done", .who = "Ada"});
  };
  scenario.check = [on_doubt](const CrashLife& life, const std::vector<Event>&) {
    std::vector<std::string> wrong;
    if (on_doubt == OnDoubt::probe && life.ended("m/0/forward") != 1) wrong.emplace_back("the probe saw it wrong");
    return wrong;
  };
  return scenario;
}

/// Real programs, which a supervisor looks after. Each of them leaves a line in a file, none is started twice, and
/// wherever their owner is killed it is known what came of them.
inline CrashScenario shell_scenario() {
  CrashScenario scenario;
  scenario.name = "shell";
  scenario.handlers = [](const CrashLife&) { return builtin_handlers(); };
  scenario.plan = [](const CrashLife& life, const HandlerRegistry& handlers) {
    Runbook book("shell");
    const auto leaves = [&](const std::string& word) {
      return Values{{"script", "printf 'said " + word + "'; echo " + word + " >> " + life.folder() + "/left"}};
    };
    for (const std::string id : {"a", "b"}) book.step(id).use("shell", leaves(id)).rollback("shell", leaves("-" + id));
    book.step("c").use("shell", {{"script", "exit 3"}});
    return make_plan(book, handlers).value();
  };
  scenario.options = [](const CrashLife&) { return ExecutorOptions{.supervision = Supervision::required}; };
  scenario.ends = {RunStatus::partially_rolled_back};
  scenario.check = [](const CrashLife& life, const std::vector<Event>& events) {
    std::vector<std::string> wrong;
    for (const Event& event : events) {
      const auto* doubt = std::get_if<StepDoubt>(&event.data);
      if (doubt != nullptr && doubt->kind == DoubtKind::unknown) wrong.push_back("in doubt: " + doubt->evidence);
    }
    std::ifstream file(life.folder() + "/left");
    const std::string left{std::istreambuf_iterator<char>(file), {}};
    if (left != "a\nb\n-b\n-a\n") wrong.push_back("what was left: " + left);
    return wrong;
  };
  return scenario;
}

/// Two questions, the second of which wants a text that the last step is given.
inline CrashScenario answers_scenario() {
  const Parsed parsed = parse_markdown(R"(# Answers

## Steps

1. Ask {#ask}
   ```confirm
   Go on?
   ```
2. Ticket {#ticket}
   ```confirm {answer=text capture=ticket}
   Which one?
   ```
3. Say {#say}
   ```sh {capture=said}
   printf '%s' "$ticket"
   ```
)");
  CrashScenario scenario = crash_scenario("answers", parsed.runbook, {RunStatus::succeeded});
  scenario.answer = [](const CrashLife&, const WaitOpened& question) {
    const bool of_text = question.token.find("ticket") != std::string::npos;
    const std::string text = question.kind == QuestionKind::doubt ? "not-done" : of_text ? "OPS-7" : "";
    return std::optional(Message{.yes = true, .text = text, .who = "Ada"});
  };
  scenario.check = [](const CrashLife&, const std::vector<Event>& events) {
    std::vector<std::string> wrong;
    for (const Event& event : events) {
      const auto* outcome = std::get_if<StepOutcome>(&event.data);
      if (outcome == nullptr || outcome->at.step != 2) continue;
      if (outcome->outcome.ok() && outcome->captured != Value("OPS-7")) wrong.emplace_back("it said something else");
    }
    return wrong;
  };
  return scenario;
}

inline std::vector<CrashScenario> all_crash_scenarios() {
  return {forward_scenario(),
          rollback_scenario(),
          flow_scenario(false),
          flow_scenario(true),
          runbook_scenario(),
          doubt_scenario(OnDoubt::ask, "done"),
          doubt_scenario(OnDoubt::ask, "not-done"),
          doubt_scenario(OnDoubt::ask, "failed"),
          doubt_scenario(OnDoubt::retry),
          doubt_scenario(OnDoubt::assume_done),
          doubt_scenario(OnDoubt::assume_failed),
          doubt_scenario(OnDoubt::probe),
          shell_scenario(),
          answers_scenario()};
}

} // namespace runbook::testing
