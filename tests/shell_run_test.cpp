// Whole runs with real shells and real files: what a document's author may rely on.
#include "support/descriptor_limit.hpp"
#include "support/runs.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <string>

using namespace runbook;
using namespace runbook::testing;

namespace {

struct Shell {
  HandlerRegistry handlers = builtin_handlers();
  TempFolder folder;
  Runbook book{"shell"};

  Step& step(const std::string& id, const char* script, const char* undo = nullptr) {
    Step& added = book.step(id);
    added.use("shell", {{"script", script}, {"shell", "bash"}});
    if (undo != nullptr) added.rollback("shell", {{"script", undo}, {"shell", "bash"}});
    return added;
  }
  [[nodiscard]] Plan plan(const Values& inputs = {}) const {
    auto made = make_plan(book, handlers, inputs);
    REQUIRE_MESSAGE(made.has_value(), to_string(made.error()));
    return *made;
  }
  [[nodiscard]] StartOptions here() const { return {.directory = folder.path().string()}; }
};

bool alive(const std::string& pid) {
  return ::kill(std::stoi(pid), 0) == 0;
}

} // namespace

TEST_CASE("shell run: a step that fails after its effect is undone too") {
  Shell shell;
  shell.step("first", "touch first", "rm first");
  shell.step("second", "touch second; false", "rm second");
  shell.step("third", "touch third");
  Executor executor(shell.handlers);
  const Plan plan = shell.plan();
  const RunResult result = executor.run(plan, shell.here());
  CHECK(result.status == RunStatus::rolled_back);
  CHECK(outcome_story(result, plan) == "first second! ~second ~first");
  CHECK(!shell.folder.has("first"));
  CHECK(!shell.folder.has("second"));
  CHECK(!shell.folder.has("third"));
}

TEST_CASE("shell run: 40 runs with descriptors for few programs all end and are all undone") {
  Shell shell;
  shell.step("effect", "sleep 0.02", "true");
  shell.step("fails", "exit 4").actions[0].effect = Effect::pure;
  Executor executor(shell.handlers);
  const Plan plan = shell.plan();
  static_cast<void>(executor.run(plan, shell.here())); // what stays open is open now
  DescriptorLimit limit;
  limit.leave(20);
  std::vector<RunHandle> runs;
  for (int i = 0; i < 40; ++i) runs.push_back(executor.start(plan, shell.here()));
  for (const RunHandle& run : runs) {
    const RunResult result = run.wait();
    CHECK(outcome_story(result, plan) == "effect fails! ~effect");
    CHECK(message_of(result, plan, "fails") == "exit code 4");
    CHECK(result.status == RunStatus::rolled_back);
  }
}

TEST_CASE("shell run: an undo that fails is named and the others still run") {
  Shell shell;
  shell.step("first", "touch first", "rm first");
  shell.step("second", "touch second", "exit 3");
  shell.step("third", "exit 1").actions[0].effect = Effect::pure;
  Executor executor(shell.handlers);
  const Plan plan = shell.plan();
  const RunResult result = executor.run(plan, shell.here());
  CHECK(result.status == RunStatus::partially_rolled_back);
  REQUIRE(result.residue.size() == 1);
  CHECK(result.residue[0] == Residue{1, ResidueCause::undo_failed});
  CHECK(message_of(result, plan, "second") == "exit code 3");
  CHECK(!shell.folder.has("first"));
  CHECK(shell.folder.has("second"));
}

TEST_CASE("shell run: a cancel leaves no process and undoes the step that was cut off") {
  Shell shell;
  // A child of the shell and one in the background, both deaf to SIGTERM.
  shell.step("long", "trap '' TERM; echo $$ > pid; (trap '' TERM; echo $BASHPID > child; sleep 600) & sleep 600 & wait",
             "touch undone");
  Executor executor(shell.handlers, {.grace = std::chrono::milliseconds(100)});
  const Plan plan = shell.plan();
  const RunHandle run = executor.start(plan, shell.here());
  const auto written = [&](const char* name) { return shell.folder.read(name).ends_with('\n'); };
  for (int i = 0; i < 3000 && !(written("pid") && written("child")); ++i) {
    static_cast<void>(run.wait_for(std::chrono::milliseconds(10)));
  }
  REQUIRE(written("pid"));
  REQUIRE(written("child"));
  run.cancel("tester");
  const RunResult result = run.wait();
  CHECK(outcome_story(result, plan) == "long/ ~long");
  CHECK(result.status == RunStatus::rolled_back);
  CHECK(shell.folder.has("undone"));
  CHECK(!alive(shell.folder.read("pid")));
  for (int i = 0; i < 500 && alive(shell.folder.read("child")); ++i) ::usleep(10'000); // its new parent has to reap it
  CHECK(!alive(shell.folder.read("child")));
}

TEST_CASE("shell run: a timeout ends the step and its processes") {
  Shell shell;
  shell.step("slow", "echo $$ > pid; sleep 600").actions[0].timeout = std::chrono::milliseconds(200);
  Executor executor(shell.handlers, {.grace = std::chrono::milliseconds(100)});
  const Plan plan = shell.plan();
  const RunResult result = executor.run(plan, shell.here());
  CHECK(outcome_story(result, plan) == "slowt");
  CHECK(!alive(shell.folder.read("pid")));
}

TEST_CASE("shell run: values arrive as they are and are never code") {
  const std::string nasty = "$(touch hacked) `touch hacked` '; touch hacked; \"\\ \n -rf * {{ name }} %s";
  Shell shell;
  shell.book.inputs.push_back({.name = "name", .required = true});
  shell.step("show", "printf %s \"$name\"").actions[0].capture = "seen";
  shell.step("again", "printf %s \"$seen\" > seen");
  shell.step("title", "true").titled("About {{ name }}");
  Executor executor(shell.handlers);
  const RunResult result = executor.run(shell.plan({{"name", nasty}}), shell.here());
  CHECK(result.status == RunStatus::succeeded);
  CHECK(shell.folder.read("seen") == nasty);
  CHECK(!shell.folder.has("hacked"));
}

TEST_CASE("shell run: programs see what is allowed of the host's environment and nothing else") {
  ::setenv("RUNBOOK_TEST_SECRET", "hidden", 1);
  ::setenv("RUNBOOK_TEST_PASSED", "shown", 1);
  Shell shell;
  shell.step("env", "env > env");
  Executor executor(shell.handlers, {.pass_environment = {"RUNBOOK_TEST_PASSED"}});
  CHECK(executor.run(shell.plan(), shell.here()).status == RunStatus::succeeded);
  const std::string env = shell.folder.read("env");
  CHECK(env.find("RUNBOOK_TEST_PASSED=shown") != std::string::npos);
  CHECK(env.find("hidden") == std::string::npos);
  CHECK(env.find("PATH=") != std::string::npos);
}

TEST_CASE("shell run: a script stops at its first error inside a pipe and at an unset variable") {
  for (const char* script : {"false; touch after", "false | true; touch after", "echo $unset; touch after"}) {
    CAPTURE(script);
    Shell shell;
    shell.step("stops", script);
    Executor executor(shell.handlers);
    CHECK(executor.run(shell.plan(), shell.here()).status == RunStatus::failed);
    CHECK(!shell.folder.has("after"));
  }
}

TEST_CASE("shell run: expected output decides and says where it differs") {
  Shell shell;
  Step& step = shell.step("print", "printf 'one\\ntwo\\n'");
  Expectation expected;
  SUBCASE("as expected") {
    expected.text = "one\n...";
  }
  SUBCASE("different") {
    expected.text = "one\nthree";
  }
  const bool fits = expected.text.ends_with("...");
  step.actions[0].expect = expected;
  Executor executor(shell.handlers);
  const Plan plan = shell.plan();
  const RunResult result = executor.run(plan, shell.here());
  CHECK(result.status == (fits ? RunStatus::succeeded : RunStatus::failed));
  if (!fits) CHECK(message_of(result, plan, "print").find("line 2") != std::string::npos);
}

TEST_CASE("shell run: a program that does not exist is told apart from one that failed") {
  Shell shell;
  Step& step = shell.step("zsh", "true");
  step.actions[0].params["shell"] = "zsh";
  Executor executor(shell.handlers);
  const Plan plan = shell.plan();
  StartOptions nowhere = shell.here();
  nowhere.directory = shell.folder / "missing";
  const RunResult result = executor.run(plan, nowhere);
  CHECK(result.status == RunStatus::failed);
  CHECK(message_of(result, plan, "zsh").find("exit code") == std::string::npos);
  CHECK(!message_of(result, plan, "zsh").empty());
}
