// Who finds what in the run's terminal, told by runs without a world.
#include "support/flow_books.hpp"
#include "support/plan_builder.hpp"
#include "support/simulated_run.hpp"

#include <doctest/doctest.h>

#include <malloc.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// "A=1 -B @/dir": what a terminal has, what was unset in it, where it is.
std::string shown(const Terminal& terminal) {
  std::string text;
  terminal.each([&](std::string_view name, const std::string* value) {
    text += value == nullptr ? "-" + std::string(name) : std::string(name) + "=" + *value;
    text += ' ';
  });
  return text + "@" + terminal.directory();
}

TerminalChange exports(const std::string& name, const std::string& value, const std::string& directory = {}) {
  return {.variables = {{name, value}}, .directory = directory};
}

TerminalChange goes_to(const std::string& directory) {
  return {.variables = {}, .directory = directory};
}

/// A host of the decider whose attempts find something and leave something.
class Story {
public:
  explicit Story(const Plan& plan, std::uint32_t rules = rules_version) : state_(plan) {
    auto header = std::make_shared<RunHeader>();
    header->rules = rules;
    header->outline = plan.outline();
    state_.apply(RunCreated{header});
  }

  /// Lets the next action run. Gives what it found.
  std::string next(TerminalChange leaves = {}, bool works = true) {
    const std::string found = begin();
    end(std::move(leaves), works ? OutcomeStatus::ok : OutcomeStatus::failed);
    return found;
  }
  std::string begin() {
    for (int turn = 0; turn < 10; ++turn) {
      for (const Command& command : decide(state_)) {
        if (auto event = to_event(state_, command)) state_.apply(*event);
        if (const auto* timer = std::get_if<SetTimer>(&command)) timer_ = *timer;
        if (const auto* start = std::get_if<StartAction>(&command)) {
          running_ = *start;
          return shown(state_.terminal_of(start->at));
        }
      }
      if (timer_) state_.apply(TimerFired{timer_->at, timer_->attempt});
    }
    return "nothing starts";
  }
  void end(TerminalChange leaves, OutcomeStatus status) {
    StepOutcome outcome{running_.at, running_.attempt, {status, nullptr, {}}, nullptr, {}};
    if (!leaves.empty()) outcome.terminal = std::move(leaves);
    state_.apply(outcome);
  }
  /// Lets the decider go on without letting anything start.
  void pause() {
    for (const Command& command : decide(state_)) state_.apply(*to_event(state_, command));
  }
  RunState& state() { return state_; }

private:
  RunState state_;
  StartAction running_;
  std::optional<SetTimer> timer_;
};

} // namespace

TEST_CASE("decider terminal: what an action leaves the next one finds whatever part of the document it is in") {
  PlanBuilder book;
  book.add(Section::prerequisites, "ready");
  PlannedStep& step = book.step("a");
  step.forward.push_back(PlanBuilder::action());
  step.checks.push_back(PlanBuilder::action());
  book.add(Section::verification, "works");
  Story story(book.build());
  CHECK(story.next(exports("A", "1")) == "@");
  CHECK(story.next(goes_to("/a")) == "A=1 @");
  CHECK(story.next({.variables = {{"A", nullptr}, {"B", "2"}}}) == "A=1 @/a");
  CHECK(story.next(exports("C", "3", "/c")) == "-A B=2 @/a");
  CHECK(story.next() == "-A B=2 C=3 @/c");
  CHECK(shown(story.state().terminal()) == "-A B=2 C=3 @/c");
}

TEST_CASE("decider terminal: an undo finds what its step had left when it ended") {
  PlanBuilder book;
  for (const char* id : {"a", "b", "c"}) book.step_with_undo(id);
  Story story(book.build());
  static_cast<void>(story.next(exports("A", "1", "/a")));
  static_cast<void>(story.next(exports("A", "2", "/b")));
  static_cast<void>(story.next(exports("A", "3", "/c"), false)); // failed in the middle
  CHECK(story.next(exports("A", "of the undo", "/undo")) == "A=3 @/c");
  CHECK(story.next() == "A=2 @/b");
  CHECK(story.next() == "A=1 @/a");
}

TEST_CASE("decider terminal: an undo of a step that told nothing finds what its last action began with") {
  PlanBuilder book;
  book.step("first");
  PlannedStep& step = book.step_with_undo("a");
  step.forward.push_back(PlanBuilder::action());
  Story story(book.build());
  static_cast<void>(story.next(exports("A", "1")));
  static_cast<void>(story.next(exports("A", "2")));
  CHECK(story.begin() == "A=2 @");
  story.state().apply(CancelRequested{"somebody"});
  story.end({}, OutcomeStatus::cancelled);
  CHECK(story.next() == "A=2 @");
}

TEST_CASE("decider terminal: a runbook that a step runs has one of its own which begins as the run's did") {
  Runbook inner("inner");
  inner.path = "inner.md";
  inner.steps = {work("a"), work_with_undo("b")};
  inner.rollback = {work("back")};
  Step runs = work("runs");
  runs.actions.clear();
  runs.use("runbook", {{"file", "inner.md"}});
  Runbook outer("outer");
  outer.steps = {work("first"), runs, work("last")};
  outer.rollback = {work("outer-back")};
  outer.runbooks = {inner};
  Story story(make_plan(outer, flow_handlers()).value());
  CHECK(story.next(exports("A", "1", "/outer")) == "@");
  CHECK(story.next() == "A=1 @/outer"); // the step that runs it
  CHECK(story.next(exports("B", "2", "/inner")) == "@");
  CHECK(story.next(exports("C", "3")) == "B=2 @/inner");
  CHECK(story.next({}, false) == "A=1 @/outer");
  CHECK(story.next(exports("D", "4")) == "B=2 C=3 @/inner"); // the undo of b
  CHECK(story.next() == "B=2 C=3 @/inner");                  // its general rollback
  CHECK(story.next() == "A=1 @/outer");                      // the outer one
}

TEST_CASE("decider terminal: the actions of one undo hand on to each other and to nobody else") {
  PlanBuilder book;
  book.step_with_undo("a");
  book.step_with_undo("b").undo.push_back(PlanBuilder::action());
  book.add(Section::rollback, "general");
  book.add(Section::rollback, "more");
  Story story(book.build());
  static_cast<void>(story.next(exports("A", "1")));
  static_cast<void>(story.next(exports("B", "2", "/b"), false));
  CHECK(story.state().terminal().directory() == "/b");
  CHECK(story.next(goes_to("/undo")) == "A=1 B=2 @/b");
  CHECK(story.next(goes_to("/elsewhere")) == "A=1 B=2 @/undo");
  CHECK(story.next(goes_to("/undo of a")) == "A=1 @");
  CHECK(story.next(goes_to("/general")) == "A=1 B=2 @/b"); // where the steps have ended
  CHECK(story.next() == "A=1 B=2 @/general");
}

TEST_CASE("decider terminal: an attempt that is tried again leaves nothing to the next") {
  PlanBuilder book;
  PlannedStep& step = book.step_with_undo("a");
  step.forward[0] = PlanBuilder::action(1);
  step.on_failure = OnFailure::proceed;
  book.step("b");
  Story story(book.build());
  CHECK(story.next(exports("A", "first"), false) == "@");
  CHECK(story.next(exports("A", "last"), false) == "@");
  CHECK(story.next() == "A=last @"); // the document goes on after the failure
}

TEST_CASE("decider terminal: a cancel before the next attempt leaves the undo where the last one ended") {
  PlanBuilder book;
  PlannedStep& step = book.step_with_undo("a");
  step.forward[0] = PlanBuilder::action(1);
  step.forward[0].action.retry.delay = step.forward[0].action.retry.max_delay = std::chrono::milliseconds{5};
  Story story(book.build());
  static_cast<void>(story.next(goes_to("/in the middle"), false));
  story.pause();
  story.state().apply(CancelRequested{"somebody"});
  CHECK(story.next() == "@/in the middle");
}

TEST_CASE("decider terminal: isolated steps find the terminal of the run's beginning and leave nothing") {
  PlanBuilder book;
  book.step("a");
  PlannedStep& alone = book.step_with_undo("alone");
  alone.isolated = true;
  alone.forward.push_back(PlanBuilder::action());
  book.step("b");
  Story story(book.build());
  static_cast<void>(story.next(exports("A", "1", "/a")));
  CHECK(story.next(exports("A", "2", "/alone")) == "@");
  CHECK(story.next(exports("B", "2")) == "@");
  CHECK(story.next({}, false) == "A=1 @/a");
  CHECK(story.next() == "@"); // its undo
  CHECK_FALSE(story.state().hands_on({.step = 1}));
  CHECK(story.state().hands_on({.step = 0}));
}

TEST_CASE("decider terminal: a run that began under the first rules goes on without a terminal") {
  PlanBuilder book;
  book.step("a");
  book.step("b");
  Story story(book.build(), 1);
  CHECK_FALSE(story.state().hands_on({}));
  static_cast<void>(story.next(exports("A", "1", "/a")));
  CHECK(story.next() == "@");
}

TEST_CASE("decider terminal: terminals share what is the same in them") {
  constexpr int variables = 2000;
  constexpr int steps = 20'000;
  Terminal terminal;
  std::map<std::string, std::string> expected;
  const auto change = [&](int i) {
    const std::string name = "V" + std::to_string(i * 7919 % variables);
    expected[name] = std::to_string(i);
    terminal = terminal.after(exports(name, expected[name]));
  };
  for (int i = 0; i < variables; ++i) change(i);
  const auto before = ::mallinfo2().uordblks;
  std::vector<Terminal> kept;
  for (int i = 0; i < steps; ++i) {
    kept.push_back(terminal);
    change(variables + i);
  }
  CHECK((::mallinfo2().uordblks - before) / steps < 4000); // bytes for each; a copy would be 200,000
  std::map<std::string, std::string> found;
  std::size_t size = 0;
  terminal.each([&](std::string_view name, const std::string* value) {
    found[std::string(name)] = *value;
    size += name.size() + value->size();
  });
  CHECK(found == expected);
  CHECK(terminal.size() == size);
}
