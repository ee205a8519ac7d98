// Where, as whom and with which variables scripts run: real runs.
#include "support/runs.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace runbook;
using namespace runbook::testing;

namespace {

struct Scripts {
  HandlerRegistry handlers = builtin_handlers();
  TempFolder folder;
  Runbook book{"surroundings"};

  /// A step whose output is the value of the same name.
  Action& print(const std::string& id, const char* script, Values more) {
    Step& step = book.step(id);
    more["script"] = script;
    step.use("shell", std::move(more));
    step.actions[0].capture = id;
    return step.actions[0];
  }

  void input(std::string name) { book.inputs.emplace_back().name = std::move(name); }

  [[nodiscard]] Result<Plan> plan(const Values& inputs = {}) const { return make_plan(book, handlers, inputs); }

  RunResult run(const Values& inputs = {}) {
    const auto made = plan(inputs);
    REQUIRE_MESSAGE(made.has_value(), to_string(made.error()));
    Executor executor(handlers);
    return executor.run(*made, {.directory = folder.path().string()});
  }

  /// Why a plan that comes about does not run to its end.
  std::string failure(const Values& inputs = {}) {
    const auto made = plan(inputs);
    REQUIRE_MESSAGE(made.has_value(), to_string(made.error()));
    Executor executor(handlers);
    const RunResult result = executor.run(*made, {.directory = folder.path().string()});
    CHECK(result.status != RunStatus::succeeded);
    return message_of(result, *made, book.steps.back().id);
  }

  /// What planning refuses.
  std::string refusal() const {
    const auto made = plan();
    return made ? std::string() : to_string(made.error());
  }
};

/// What a script has printed behind its step's id and "=".
std::string printed(const RunResult& result, std::string_view id) {
  for (const Event& event : result.events) {
    const auto* outcome = std::get_if<StepOutcome>(&event.data);
    if (outcome != nullptr && outcome->captured.is_string()) {
      const std::string_view text = outcome->captured.get_string();
      if (text.starts_with(std::string(id) + "=")) return std::string(text.substr(id.size() + 1));
    }
  }
  return "(nothing)";
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("surroundings: a script starts in its directory below that of the run") {
  Scripts s;
  std::filesystem::create_directories(s.folder.path() / "releases" / "1 $(x); 2");
  s.input("version");
  s.print("a", "echo \"a=$PWD\"", {{"cwd", "releases/{{ version }}"}});
  s.print("b", "echo \"b=$PWD\"", {{"cwd", "/"}});
  s.print("c", "echo \"c=$PWD\"", {});
  const RunResult result = s.run({{"version", "1 $(x); 2"}});
  REQUIRE(result.status == RunStatus::succeeded);
  CHECK(printed(result, "a") == std::filesystem::canonical(s.folder.path() / "releases" / "1 $(x); 2").string());
  CHECK(printed(result, "b") == "/");
  CHECK(printed(result, "c") == std::filesystem::canonical(s.folder.path()).string());
}

TEST_CASE("surroundings: a directory that is not there is named and nothing runs") {
  Scripts s;
  s.print("a", "touch ran", {{"cwd", "nowhere"}});
  CHECK(has(s.failure(), "nowhere"));
  CHECK_FALSE(s.folder.has("ran"));
}

TEST_CASE("surroundings: an empty directory is refused when its value is known") {
  Scripts s;
  s.input("where");
  s.print("a", "touch ran", {{"cwd", "{{ where }}"}});
  CHECK(has(s.failure({{"where", ""}}), "'cwd' is empty"));
  CHECK_FALSE(s.folder.has("ran"));
}

TEST_CASE("surroundings: variables are set for their script alone and are never code") {
  Scripts s;
  s.input("token");
  s.print("a", "echo \"a=$ONE|$TWO|$THREE\"", {{"env", {{"ONE", "two words"}, {"TWO", "x{{ token }}"}, {"THREE", 3}}}});
  s.print("b", "echo \"b=${ONE-none}\"", {});
  const RunResult result = s.run({{"token", "$(touch ran) `id` ; '\" {{ token }}"}});
  REQUIRE(result.status == RunStatus::succeeded);
  CHECK(printed(result, "a") == "two words|x$(touch ran) `id` ; '\" {{ token }}|3");
  CHECK(printed(result, "b") == "none");
  CHECK_FALSE(s.folder.has("ran"));
}

TEST_CASE("surroundings: a variable goes over an input and over the host's") {
  Scripts s;
  s.input("mode");
  s.print("a", "echo \"a=$mode $HOME\"; env | grep -c ^mode=", {{"env", {{"mode", "quick"}, {"HOME", "/nowhere"}}}});
  CHECK(printed(s.run({{"mode", "slow"}}), "a") == "quick /nowhere\n1");
}

TEST_CASE("surroundings: captures are filled in and their order is checked") {
  Scripts s;
  s.print("where", "printf /", {});
  s.print("a", "echo \"a=$PWD\"", {{"cwd", "{{ where }}"}});
  CHECK(printed(s.run(), "a") == "/");
  Scripts wrong;
  wrong.print("a", "true", {{"cwd", "{{ later }}"}});
  wrong.print("later", "true", {});
  CHECK(has(wrong.refusal(), "'later' is not known here yet"));
  Scripts unknown;
  unknown.input("version");
  unknown.print("a", "true", {{"env", {{"A", "{{ versoin }}"}}}});
  CHECK(has(unknown.refusal(), "'{{ versoin }}' names no input and no capture; did you mean 'version'?"));
}

TEST_CASE("surroundings: parameters of the wrong kind are refused before anything runs") {
  const auto refused = [](Values params) {
    Scripts s;
    s.print("a", "true", std::move(params));
    return s.refusal();
  };
  CHECK(has(refused({{"cwd", 1}}), "the parameter 'cwd' of 'shell' is no directory"));
  CHECK(has(refused({{"cwd", ""}}), "the parameter 'cwd' of 'shell' is no directory"));
  CHECK(has(refused({{"cwd", "~/x"}}), "'~' is not filled in here"));
  CHECK(has(refused({{"cwd", "$HOME/x"}}), "'$HOME' is not filled in here; write {{ HOME }}"));
  CHECK(has(refused({{"env", "A=1"}}), "the parameter 'env' of 'shell' is no object"));
  CHECK(has(refused({{"env", {{"A B", "1"}}}}), "'A B' is no name of a variable"));
  CHECK(has(refused({{"env", {{"A", nullptr}}}}), "the variable 'A' has no text"));
  CHECK(has(refused({{"user", ""}}), "the parameter 'user' of 'shell' is no name"));
  CHECK(has(refused({{"usr", "x"}}), "usr"));
}

TEST_CASE("surroundings: what they give ends with their script and what the script does is handed on") {
  Scripts s;
  std::filesystem::create_directories(s.folder.path() / "a" / "b");
  s.print("first", "export MADE=made; GIVEN=changed", {{"cwd", "a"}, {"env", {{"GIVEN", "given"}, {"KEPT", "kept"}}}});
  s.print("second", "echo \"second=$PWD $MADE $GIVEN ${KEPT-none}\"; cd a", {});
  s.print("third", "echo \"third=$PWD\"; cd b", {{"cwd", "a"}}); // relative to where the run began
  s.print("fourth", "echo \"fourth=$PWD\"", {});
  const RunResult result = s.run();
  REQUIRE(result.status == RunStatus::succeeded);
  const std::string here = std::filesystem::canonical(s.folder.path()).string();
  CHECK(printed(result, "second") == here + " made changed none");
  CHECK(printed(result, "third") == here + "/a");
  CHECK(printed(result, "fourth") == here + "/a/b");
}

TEST_CASE("surroundings: what a script of another user does ends with it") {
  if (::geteuid() != 0) return; // only root can
  Scripts s;
  std::filesystem::permissions(s.folder.path(), std::filesystem::perms::all);
  s.print("first", "export MADE=made; cd /", {{"user", "nobody"}});
  s.print("second", "echo \"second=$PWD ${MADE-none} $(id -u) $HOME\"", {});
  const char* home = std::getenv("HOME");
  CHECK(printed(s.run(), "second") ==
        std::filesystem::canonical(s.folder.path()).string() + " none 0 " + (home != nullptr ? home : ""));
}

TEST_CASE("surroundings: a variable of the shell in a value is pointed out") {
  Scripts s;
  s.print("a", "true", {{"env", {{"PATH", "/opt/bin:$PATH"}}}});
  const auto plan = s.plan();
  REQUIRE(plan.has_value());
  REQUIRE(plan->warnings().size() == 1);
  CHECK(has(to_string(plan->warnings()[0]), "'$PATH' is not filled in here: it stays as it stands"));
}

TEST_CASE("surroundings: the plan shows them") {
  Scripts s;
  s.input("v");
  s.print("a", "true", {{"cwd", "r/{{ v }}"}, {"user", "deploy"}, {"env", {{"A", "1"}}}});
  CHECK(has(to_text(*s.plan({{"v", "9"}})), R"(run sh [cwd: r/9] [user: deploy] [env: {"A":"1"}])"));
}

TEST_CASE("surroundings: the user that runs it anyway changes nothing") {
  Scripts s;
  s.print("me", "id -un", {});
  s.print("a", "echo \"a=$(id -u)\"", {{"user", "{{ me }}"}});
  CHECK(printed(s.run(), "a") == std::to_string(::geteuid()));
}

TEST_CASE("surroundings: a user that there is not is named and nothing runs") {
  for (const char* name : {"no-such-user", "--reuid=0", "x y"}) {
    Scripts s;
    s.print("a", "touch ran", {{"user", name}});
    CHECK_MESSAGE(has(s.failure(), std::string("there is no user '") + name + "' on this machine"), name);
    CHECK_FALSE(s.folder.has("ran"));
  }
}

TEST_CASE("surroundings: who is not root cannot become another user and nothing runs") {
  Scripts s;
  s.print("a", "touch ran", {{"user", "root"}});
  const bool root = ::geteuid() == 0;
  if (root) REQUIRE(::seteuid(65534) == 0);
  const std::string failure = s.failure();
  if (root) REQUIRE(::seteuid(0) == 0);
  CHECK(has(failure, "the script is for the user 'root', and this program runs as '"));
  CHECK(has(failure, "start it as 'root', or write sudo -u root into the script"));
  CHECK_FALSE(s.folder.has("ran"));
}

TEST_CASE("surroundings: as root a script runs as another user with what belongs to that user") {
  if (::geteuid() != 0) return; // only root can
  Scripts s;
  std::filesystem::permissions(s.folder.path(), std::filesystem::perms::all);
  s.print("a", "echo \"a=$(id -un) $(id -gn) $(id -G) $USER $LOGNAME $HOME\"", {{"user", "nobody"}});
  const std::string long_script = "echo \"b=$(id -un)\"\n" + std::string(200'000, '#');
  s.print("b", long_script.c_str(), {{"user", "nobody"}});
  s.print("c", "echo \"c=$HOME $PWD\"", {{"user", "nobody"}, {"cwd", "/"}, {"env", {{"HOME", "/x"}}}});
  const RunResult result = s.run();
  REQUIRE(result.status == RunStatus::succeeded);
  CHECK(printed(result, "a") == "nobody nogroup 65534 nobody nobody /nonexistent");
  CHECK(printed(result, "b") == "nobody");
  CHECK(printed(result, "c") == "/x /");
}

TEST_CASE("surroundings: a script of another user is stopped with its children") {
  if (::geteuid() != 0) return; // only root can
  Scripts s;
  s.print("a", "sleep 600 & sleep 600", {{"user", "nobody"}}).timeout = std::chrono::milliseconds(300);
  CHECK(has(s.failure(), "300"));
}
