// One terminal: real shells, real files, and what one step finds of what the one before has left.
#include "support/runs.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// Those that are installed.
std::vector<std::string> shells() {
  std::vector<std::string> found;
  for (const std::string name : {"sh", "bash", "zsh"}) {
    if (std::system(("command -v " + name + " >/dev/null").c_str()) == 0) found.push_back(name);
  }
  return found;
}

struct Terminals {
  explicit Terminals(std::string name = "sh") : shell(std::move(name)) { ::mkdir((folder / "sub").c_str(), 0755); }

  Step& step(const std::string& id, const std::string& script, const std::string& undo = {}) {
    Step& added = book.step(id);
    added.use("shell", {{"script", script}, {"shell", shell}});
    if (!undo.empty()) added.rollback("shell", {{"script", undo}, {"shell", shell}});
    return added;
  }
  RunResult run(const Values& inputs = {}, ExecutorOptions options = {}) {
    plan.emplace(make_plan(book, handlers, inputs).value());
    Executor executor(handlers, std::move(options));
    RunResult result = executor.run(*plan, {.directory = folder.path().string()});
    store = executor.store();
    return result;
  }
  /// What the step printed on a stream.
  std::string printed(const RunResult& result, const std::string& id, Stream stream) const {
    for (const Event& event : result.events) {
      const auto* output = std::get_if<StepOutput>(&event.data);
      if (output == nullptr || output->stream != stream || plan->steps()[output->at.step].id != id) continue;
      return store->output(result.run, event.seq).value();
    }
    return {};
  }
  [[nodiscard]] std::string sub() const { return std::filesystem::canonical(folder.path() / "sub").string(); }

  std::string shell;
  TempFolder folder;
  HandlerRegistry handlers = builtin_handlers();
  Runbook book{"terminal"};
  std::optional<Plan> plan;
  std::shared_ptr<RunStore> store;
};

/// A script that writes where it is and what A is.
const std::string look = "printf '%s\\n' \"${A-unset} $(pwd)\" >\"$OUT\"";

/// Runs a script and gives what the next step finds, "VALUE DIRECTORY".
std::string left_by(const std::string& shell, const std::string& script) {
  Terminals terminals(shell);
  terminals.book.inputs.push_back({.name = "OUT", .required = true});
  terminals.step("leaves", script).on_failure = OnFailure::proceed;
  terminals.step("finds", look);
  const RunResult result = terminals.run({{"OUT", terminals.folder / "out"}});
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
  std::string found = terminals.folder.read("out");
  const std::size_t at = found.find(terminals.sub());
  if (at != std::string::npos) found.replace(at, terminals.sub().size(), "SUB");
  return found;
}

} // namespace

TEST_CASE("shell terminal: in whatever way a script ends the next one finds what it has left") {
  const std::vector<std::string> endings{
      "",
      "\nfalse\nexport A=never",
      "\nexit 0\nexport A=never",
      "; exit 3",
      "\nf() { exit 4; }\nf",
      "\necho \"$nothing_of_this_name\"",
      "\nif fi",
      " # a comment",
      "\ncat <<E\n$A\nE",
      "\ntrue \\",
      "\nset -C; set -f; IFS=A",
      "\npwd() { echo /; }; printf() { :; }; echo() { :; }; export B=2",
      "\n( export A=inner; cd /; exit 0 )",
      "\nexec 3>/dev/null 4>&1 9>&2",
      "\n/bin/true",
      "\ntrap 'cd /; export A=trap' EXIT",
      "\ntrap 'cd /; export A=trap; exit 9' EXIT\nexit 0",
      "\ntrap 'cd /; export A=trap' INT TERM EXIT; false",
      "\ntrap -- : 0\nfalse",
      "\ntrap 'true' EXIT; trap - EXIT\nfalse",
      "\n( trap 'cd /; export A=inner' EXIT )\nexit 1",
      "\nx=$(trap 'echo bye' EXIT)\n[ \"$x\" = bye ]\ntrap : EXIT; exit",
  };
  const std::vector<std::string> not_told_by_zsh{
      "\necho \"$nothing_of_this_name\"",
      "\nif fi",
      "\ntrap 'cd /; export A=trap' INT TERM EXIT; false",
      "\ntrap -- : 0\nfalse",
      "\ntrap 'true' EXIT; trap - EXIT\nfalse",
  };
  for (const std::string& shell : shells()) {
    for (const std::string& ending : endings) {
      // An error ends zsh without its hook, and some errors without its trap.
      if (shell == "zsh" && std::ranges::count(not_told_by_zsh, ending) > 0) continue;
      CAPTURE(shell);
      CAPTURE(ending);
      // A trap of zsh's own runs before its end is told.
      const bool after = shell == "zsh" && ending.find("cd /; export A=trap") != std::string::npos;
      CHECK(left_by(shell, "cd sub; export A=1" + ending) == (after ? "trap /\n" : "1 SUB\n"));
    }
  }
}

TEST_CASE("shell terminal: a trap on the first line of a script does not hide its end") {
  for (const std::string shell : {"sh", "bash"}) {
    CHECK(left_by(shell, "trap 'true' EXIT; cd sub; export A=1; exit 1") == "1 SUB\n");
  }
}

TEST_CASE("shell terminal: a file that the script reads may set a trap for its end") {
  for (const std::string shell : {"sh", "bash"}) {
    CHECK(left_by(shell, "echo \"trap 'true' EXIT\" >lib\n. ./lib\ncd sub; export A=1; exit 1") == "1 SUB\n");
  }
}

TEST_CASE("shell terminal: a script too long for a command line leaves what it has done as well") {
  for (const std::string& shell : shells()) {
    CHECK(left_by(shell, "cd sub\nexport A=1\n#" + std::string(200'000, 'x') + "\nfalse") == "1 SUB\n");
  }
}

TEST_CASE("shell terminal: a shell that becomes another program or is killed has left nothing") {
  for (const std::string& shell : shells()) {
    CHECK(left_by(shell, "cd sub; export A=1; exec true").starts_with("unset "));
    CHECK(left_by(shell, "cd sub; export A=1; kill -9 $$").starts_with("unset "));
  }
}

TEST_CASE("shell terminal: what a script prints is never taken for what it leaves") {
  for (const std::string& shell : shells()) {
    CHECK(left_by(shell, "echo \"export A='printed'\"; echo \"export A='printed'\" >&2; echo /; A=1")
              .starts_with("unset "));
  }
}

TEST_CASE("shell terminal: values are handed on byte by byte") {
  const std::vector<std::string> values{"plain",
                                        "",
                                        "two\nlines\n\n",
                                        "it's \"quoted\" `twice` $(no) ${A} $A \\ \\n \\\\",
                                        "ä 😀 €",
                                        "\xff\xc3(",
                                        "\t\r\x01\x1b[31m\x7f",
                                        "'",
                                        "\"",
                                        "* ? [a] {b,c} ~ # ! ; & | <>",
                                        "-n",
                                        " leading and trailing ",
                                        "x='y'\nexport A='z'\n/\n"};
  for (const std::string& shell : shells()) {
    for (const std::string locale : {"C", "C.UTF-8"}) {
      ::setenv("LANG", locale.c_str(), 1);
      for (const std::string& value : values) {
        Terminals terminals(shell);
        terminals.folder.write("value", value);
        terminals.step("leaves", "A=$(cat value; echo .); export A=\"${A%.}\"; A=${A%\n}");
        terminals.step("finds", "printf %s. \"$A\" >found");
        terminals.step("programs", "env -0 | LC_ALL=C grep -az ^A= >env");
        CHECK(terminals.run().status == RunStatus::succeeded);
        CAPTURE(shell);
        CAPTURE(locale);
        std::string expected = value;
        if (expected.ends_with('\n')) expected.pop_back();
        CHECK(terminals.folder.read("found") == expected + ".");
        CHECK(terminals.folder.read("env") == "A=" + expected + std::string(1, '\0'));
      }
    }
  }
  ::unsetenv("LANG");
}

TEST_CASE("shell terminal: a variable that is unset stays unset also if it is the host's") {
  ::setenv("RUNBOOK_TEST_PASSED", "host", 1);
  for (const std::string& shell : shells()) {
    Terminals terminals(shell);
    terminals.step("sets", "export A=1 B=2 PATH=\"$PATH:/nowhere\"");
    terminals.step("unsets", "unset A RUNBOOK_TEST_PASSED");
    terminals.step("finds", "echo \"${A-none} ${B-none} ${RUNBOOK_TEST_PASSED-none}\" >found; echo \"$PATH\" >path");
    CHECK(terminals.run({}, {.pass_environment = {"RUNBOOK_TEST_PASSED"}}).status == RunStatus::succeeded);
    CHECK(terminals.folder.read("found") == "none 2 none\n");
    CHECK(terminals.folder.read("path").ends_with(":/nowhere\n"));
  }
}

TEST_CASE("shell terminal: a script sees and says the same as without a terminal") {
  const std::vector<std::string> scripts{
      "echo \"$# $0 $? $-\"\necho \"$*\"\nno_such_command\n",
      "\n\nno_such_command || true\necho \"${nothing?is missing}\"",
      "if fi",
      "true\nif fi",
      "set -x\nA=1\nexport A\nfalse",
      "set -x\nexport A=1\nexit 3",
      "export A=1; env | sed 's/=.*//' | sort",
      "export A=1; ls /proc/self/fd",
      "export A=1; trap",
      "A=1; trap 'echo \"bye $?\"' EXIT\nexit 3",
      "A=1\ntrap 'echo \"bye $?\"' EXIT; set -x\nfalse",
      "A=1; trap 'echo caught' USR1; kill -USR1 $$; trap - USR1",
      "export A=1; kill -TERM $$",
      "export A=1\nset -- a b c\nshift\necho \"$# $1\"",
  };
  for (const std::string& shell : shells()) {
    for (const std::string& script : scripts) {
      if (shell == "zsh" && script.starts_with("set -x")) continue; // it also traces its own end
      if (script.ends_with("; trap")) continue;
      Terminals terminals(shell);
      terminals.step("as-it-is", script).isolated = true;
      terminals.step("told", script);
      for (Step& step : terminals.book.steps) step.on_failure = OnFailure::proceed;
      const RunResult result = terminals.run();
      CAPTURE(shell);
      CAPTURE(script);
      for (const Stream stream : {Stream::out, Stream::err}) {
        CHECK(terminals.printed(result, "told", stream) == terminals.printed(result, "as-it-is", stream));
      }
      CHECK(message_of(result, *terminals.plan, "told") == message_of(result, *terminals.plan, "as-it-is"));
    }
  }
}

TEST_CASE("shell terminal: a bash script may change the traps that functions cannot change") {
  Terminals terminals("bash");
  terminals.step("traps", "trap 'echo first' ERR\ntrap 'echo second' ERR\nfalse || true\n! true\ntrap - ERR\nfalse");
  const RunResult result = terminals.run();
  CHECK(terminals.printed(result, "traps", Stream::out).empty());
}

TEST_CASE("shell terminal: a child in the background does not hold up the step's end") {
  const auto begin = std::chrono::steady_clock::now();
  CHECK(left_by("sh", "cd sub; export A=1; setsid sleep 60 >/dev/null 2>&1 &\nexit 0") == "1 SUB\n");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
}

TEST_CASE("shell terminal: inputs and captures are the same for all steps and a script that changes one is told so") {
  Terminals terminals;
  terminals.book.inputs.push_back({.name = "version", .required = true});
  terminals.step("prints", "echo captured").actions[0].capture = "seen";
  terminals.step("changes", "version=2; export seen=other; export more=\"$version\"");
  terminals.step("finds", "echo \"$version $seen $more\" >found");
  const RunResult result = terminals.run({{"version", "1"}});
  CHECK(terminals.folder.read("found") == "1 captured 2\n");
  const std::string said = terminals.printed(result, "changes", Stream::err);
  CHECK(said.find("'version' is a value of the run") != std::string::npos);
  CHECK(said.find("'seen' is a value of the run") != std::string::npos);
  CHECK(said.find("more") == std::string::npos);
}

TEST_CASE("shell terminal: a directory that is gone when the step ends is left to nobody") {
  CHECK(left_by("sh", "mkdir gone; cd gone; rmdir ../gone; export A=1").starts_with("1 "));
  Terminals terminals;
  terminals.step("leaves", "dir=$(mktemp -d); trap 'rmdir \"$dir\"' EXIT; cd \"$dir\"");
  terminals.step("finds", "pwd -P >found");
  const RunResult result = terminals.run();
  CHECK(result.status == RunStatus::succeeded);
  CHECK(terminals.folder.read("found") == std::filesystem::canonical(terminals.folder.path()).string() + "\n");
  CHECK(terminals.printed(result, "leaves", Stream::err).find("is gone") != std::string::npos);
}

TEST_CASE("shell terminal: a directory that is removed later is an error that names it") {
  Terminals terminals;
  terminals.step("goes", "mkdir later; cd later");
  terminals.step("removes", "rmdir ../later").isolated = false;
  terminals.step("cannot-start", "true");
  terminals.book.steps[1].actions[0].params["script"] = "rmdir \"$PWD\"";
  const RunResult result = terminals.run();
  CHECK(result.status == RunStatus::failed);
  CHECK(result.reason.find("/later") != std::string::npos);
}

TEST_CASE("shell terminal: what is too large for the system to take is a failure that says so") {
  const auto reason = [](const std::string& script) {
    Terminals terminals("bash");
    terminals.step("exports", script);
    terminals.step("never", "touch never");
    const RunResult result = terminals.run();
    CHECK(result.status == RunStatus::failed);
    return result.reason;
  };
  const std::string long_text = "x=x; for i in {1..17}; do x=$x$x; done; "; // 128 KiB
  CHECK(reason(long_text + "export LONG=$x") ==
        "step 'exports' failed: exports 'LONG' with 131072 bytes; at most 98304 can be handed on");
  CHECK(reason(long_text + "x=${x:0:90000}; for i in {1..20}; do export A$i=$x; done").find("at most 1048576") !=
        std::string::npos);
  CHECK(reason(long_text + "for i in {1..40}; do export A$i=$x; done").find("more than can be handed on") !=
        std::string::npos);
}

TEST_CASE("shell terminal: an undo finds its own step's directory and exports also if that failed in the middle") {
  for (const std::string& shell : shells()) {
    Terminals terminals(shell);
    const std::string undo = "echo \"$A $(basename \"$PWD\")\" >>\"$LOG\"; cd /; export A=undo";
    terminals.book.inputs.push_back({.name = "LOG", .required = true});
    terminals.step("first", "mkdir one; cd one; export A=1", undo);
    terminals.step("second", "mkdir two; cd two; export A=2", undo);
    terminals.step("third", "mkdir three\ncd three\nexport A=3\nfalse\nexport A=never", undo);
    const RunResult result = terminals.run({{"LOG", terminals.folder / "log"}});
    CHECK(result.status == RunStatus::rolled_back);
    CHECK(terminals.folder.read("log") == "3 three\n2 two\n1 one\n");
  }
}

TEST_CASE("shell terminal: an isolated step neither finds nor leaves anything") {
  Terminals terminals;
  terminals.step("leaves", "cd sub; export A=1");
  terminals.step("alone", "echo \"${A-none}\" >alone; cd /; export A=2", "true").isolated = true;
  terminals.step("finds", "echo \"$A\" >found");
  CHECK(terminals.run().status == RunStatus::succeeded);
  CHECK(terminals.folder.read("alone") == "none\n");
  CHECK(terminals.folder.read("sub/found") == "1\n");
}

TEST_CASE("shell terminal: an attempt begins where the one before it began") {
  Terminals terminals;
  Step& step = terminals.step("retried", "cd sub; A=${A-}x; export A; [ -e again ] || { touch again; exit 1; }");
  step.actions[0].retry = {.retries = 1, .delay = std::chrono::milliseconds{0}, .max_delay = {}};
  terminals.step("finds", "echo \"$A\" >found");
  CHECK(terminals.run().status == RunStatus::succeeded);
  CHECK(terminals.folder.read("sub/found") == "x\n");
}

TEST_CASE("shell terminal: other handlers find the terminal and the place where the run began") {
  Terminals terminals;
  std::string environment;
  std::string directory;
  std::string run_directory;
  terminals.handlers.add({.name = "looks", .quick = true}, [&](StepContext& context) -> Result<Value> {
    for (const std::string& variable : context.environment()) {
      if (variable.starts_with("A=")) environment += variable;
    }
    directory = context.directory();
    run_directory = context.run_directory();
    context.leave({.variables = {{"A", "of a handler"}}, .directory = {}});
    return Value{};
  });
  terminals.step("leaves", "cd sub; export A=1");
  terminals.book.step("looks").use("looks");
  terminals.step("finds", "echo \"$A\" >found");
  CHECK(terminals.run().status == RunStatus::succeeded);
  CHECK(environment == "A=1");
  CHECK(directory == terminals.sub());
  CHECK(run_directory == terminals.folder.path().string());
  CHECK(terminals.folder.read("sub/found") == "of a handler\n");
}

TEST_CASE("shell terminal: the journal on the disk gives the same terminal again") {
  Terminals terminals("bash");
  terminals.step("first", "cd sub; export A=$'\\xff\\n\"' B=2 C=3; true", "true");
  terminals.step("second", "unset B; export C=4");
  const std::string file = terminals.folder / "runs.db";
  const RunResult result = terminals.run({}, {.store = open_sqlite(file).value()});
  REQUIRE(result.status == RunStatus::succeeded);
  terminals.store.reset();
  RunState state(*terminals.plan);
  for (const Event& event : open_sqlite(file).value()->load(result.run).value()) state.apply(event.data);
  std::map<std::string, std::string> variables;
  state.terminal().each([&](std::string_view name, const std::string* value) {
    variables[std::string(name)] = value == nullptr ? "(unset)" : *value;
  });
  CHECK(variables == std::map<std::string, std::string>{{"A", "\xff\n\""}, {"B", "(unset)"}, {"C", "4"}});
  CHECK(state.terminal().directory() == terminals.sub());
}

TEST_CASE("shell terminal: an outcome records only what the step has changed") {
  Terminals terminals;
  terminals.step("changes", "export A=1");
  terminals.step("changes-nothing", "A=1; cd .; OTHER=2");
  const RunResult result = terminals.run();
  std::vector<Boxed<TerminalChange>> changes;
  for (const Event& event : result.events) {
    if (const auto* outcome = std::get_if<StepOutcome>(&event.data)) changes.push_back(outcome->terminal);
  }
  REQUIRE(changes.size() == 2);
  CHECK(changes[0] == Boxed(TerminalChange{.variables = {{"A", "1"}}, .directory = {}}));
  CHECK_FALSE(changes[1].has_value());
}
