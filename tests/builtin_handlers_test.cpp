// The built-in handlers wait, assert, set and file: from documents and from code, on the real engine and the real disk.
#include "support/document.hpp"
#include "support/runs.hpp"
#include "support/temp_folder.hpp"

#include <runbook/format.hpp>
#include <runbook/testing.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return file ? text.str() : std::string("(none)");
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// A runbook that is run in a folder of its own.
struct World {
  HandlerRegistry handlers = builtin_handlers();
  TempFolder folder;
  ExecutorOptions options{};

  [[nodiscard]] Result<Plan> plan(const Runbook& book, const Values& inputs = {}) const {
    return make_plan(book, handlers, inputs);
  }
  [[nodiscard]] Plan planned(const Runbook& book, const Values& inputs = {}) const {
    const auto made = plan(book, inputs);
    REQUIRE_MESSAGE(made.has_value(), to_string(made.error()));
    return *made;
  }
  RunResult run(const Runbook& book, const Values& inputs = {}) {
    Executor executor(handlers, options);
    return executor.run(planned(book, inputs), {.directory = folder.path().string()});
  }
  [[nodiscard]] std::string refusal(const Runbook& book) const {
    const auto made = plan(book);
    return made ? std::string() : to_string(made.error());
  }
};

Runbook with_step(std::string handler, Values params, std::string capture = {}) {
  Runbook made{"T"};
  made.step("a").use(std::move(handler), std::move(params)).actions[0].capture = std::move(capture);
  return made;
}

/// A folder in which the tests leave what an engine leaves that was killed.
struct Killed {
  TempFolder folder;
  std::shared_ptr<Files> files = system_files();
  std::string path = folder / "a";
  std::string backup = folder / ".a.bak";
};

/// A handler that does nothing but fail.
void add_failing(HandlerRegistry& handlers) {
  handlers.add({.name = "fail"},
               [](StepContext&) -> Result<Value> { return Error{errc::handler_failed, "as it shall", {}}; });
}

Value captured(const RunResult& result, std::string_view) {
  for (const Event& event : result.events) {
    const auto* outcome = std::get_if<StepOutcome>(&event.data);
    if (outcome != nullptr && !outcome->captured.is_null()) return outcome->captured;
  }
  return nullptr;
}

} // namespace

TEST_CASE("wait: time passes only on the timers and no thread waits") {
  World world;
  const auto timers = std::make_shared<FakeTimers>();
  world.options.timers = timers;
  const Plan plan = world.planned(book(steps("1. A\n   ```wait\n   1h30m\n   ```\n")));
  CHECK(plan.steps()[0].effect == Effect::pure);
  Executor executor(world.handlers, world.options);
  RunHandle run = executor.start(plan, {});
  REQUIRE(timers->await(1));
  timers->advance(89min);
  CHECK(timers->await(1));
  timers->advance(1min);
  const RunResult result = run.wait();
  CHECK(result.status == RunStatus::succeeded);
}

TEST_CASE("wait: a cancel ends it at once and so does a timeout") {
  World world;
  Runbook made = with_step("wait", {{"duration", "300h"}});
  {
    Executor executor(world.handlers, world.options);
    Signal started;
    RunHandle run =
        executor.start(world.planned(made), {.observer = make_observer([&](const RunHeader&, const Event& e) {
                                               if (std::holds_alternative<StepIntent>(e.data)) started.set();
                                             })});
    REQUIRE(started.wait());
    run.cancel("test");
    CHECK(run.wait().status == RunStatus::cancelled);
  }
  made.steps[0].actions[0].timeout = 20ms;
  const RunResult result = world.run(made);
  CHECK(outcome_story(result, world.planned(made)) == "at");
}

TEST_CASE("wait: what is no time is refused before and during the run") {
  World world;
  CHECK(has(world.refusal(with_step("wait", {{"duration", "soon"}})), "'soon' is no time"));
  CHECK(has(world.refusal(with_step("wait", {{"duration", 5}})), "'5' is no time"));
  CHECK(has(world.refusal(with_step("wait", {})), "needs the parameter 'duration'"));
  Runbook made = with_step("wait", {{"duration", "{{ pause }}"}});
  made.inputs.emplace_back().name = "pause";
  CHECK(world.run(made, {{"pause", "1ms"}}).status == RunStatus::succeeded);
  CHECK(has(message_of(world.run(made, {{"pause", "x"}}), world.planned(made), "a"), "'x' is no time"));
}

TEST_CASE("assert: every condition must be true and what is false is told with its values") {
  World world;
  Runbook made = book("# T\n\n## Inputs\n- `env` (string, required): x\n- `count` (integer, required): x\n\n## Steps\n"
                      "1. A\n   ```assert {message=\"Not for {{ env }}\"}\n   env == 'prod'\n\n   inputs.count > 2\n   "
                      "count < 9\n   ```\n");
  CHECK(world.planned(made, {{"env", ""}, {"count", "1"}}).steps()[0].effect == Effect::pure);
  CHECK(world.run(made, {{"env", "prod"}, {"count", "3"}}).status == RunStatus::succeeded);
  const RunResult result = world.run(made, {{"env", "dev"}, {"count", "2"}});
  CHECK(result.status == RunStatus::failed);
  CHECK(message_of(result, world.planned(made, {{"env", ""}, {"count", "1"}}), "a") ==
        "Not for dev: 'env == 'prod'' is false (env is \"dev\"); 'inputs.count > 2' is false (inputs.count is 2)");
}

TEST_CASE("assert: a condition that has no value is a failure and never true") {
  World world;
  Runbook made = with_step("assert", {{"conditions", {"int(n) > 1"}}});
  made.inputs.emplace_back().name = "n";
  const RunResult result = world.run(made, {{"n", "many"}});
  CHECK(result.status == RunStatus::failed);
  CHECK(has(message_of(result, world.planned(made), "a"), "'int(n) > 1' cannot be told: "));
}

TEST_CASE("assert: what cannot be read or names nothing is refused before anything runs") {
  World world;
  CHECK(has(world.refusal(with_step("assert", {{"conditions", "1 +"}})), "'1 +' is no expression"));
  CHECK(
      has(world.refusal(with_step("assert", {{"conditions", "cuont > 1"}})), "'cuont' names no input and no capture"));
  CHECK(has(world.refusal(with_step("assert", {{"conditions", "inputs.x"}})), "'x' names no input and no capture"));
  CHECK(has(world.refusal(with_step("assert", {{"conditions", Values{}}})), "has no conditions"));
  CHECK(has(world.refusal(with_step("assert", {{"conditions", {1}}})), "has no conditions"));
  Runbook late = with_step("assert", {{"conditions", "later == 1"}});
  late.step("b").use("set", {{"value", "1"}}).actions[0].capture = "later";
  CHECK(has(world.refusal(late), "'later' is not known here yet"));
}

TEST_CASE("assert: a value is compared and never read as an expression") {
  World world;
  Runbook made = with_step("assert", {{"conditions", "name == 'a'"}});
  made.inputs.emplace_back().name = "name";
  CHECK(world.run(made, {{"name", "a' || true || 'b"}}).status == RunStatus::failed);
  made.steps[0].actions[0].params["conditions"] = "'{{ name }}' == 'a'";
  CHECK(world.run(made, {{"name", "a"}}).status == RunStatus::failed);
}

TEST_CASE("set: a later step sees the value with its type") {
  World world;
  Runbook made =
      book(steps("1. A\n   ```set {capture=twice}\n   21 * 2\n   ```\n2. B\n   ```assert\n   twice == 42\n   "
                 "```\n3. C\n   ```sh {capture=shown}\n   echo \"$twice\"\n   ```\n4. D\n   ```assert\n   "
                 "shown == '42'\n   ```\n"));
  CHECK(world.planned(made).steps()[0].effect == Effect::pure);
  const RunResult result = world.run(made);
  CHECK_MESSAGE(result.status == RunStatus::succeeded, result.reason);
}

TEST_CASE("set: values are filled in once") {
  World world;
  Runbook made = with_step("set", {{"values", {{"host", "{{ name }}.example"}, {"ports", {1, "{{ name }}"}}}}}, "all");
  made.inputs.emplace_back().name = "name";
  const RunResult result = world.run(made, {{"name", "{{ name }}"}});
  CHECK(captured(result, "all") == Value{{"host", "{{ name }}.example"}, {"ports", {1, "{{ name }}"}}});
}

TEST_CASE("set: what gives no value is refused") {
  World world;
  CHECK(has(world.refusal(with_step("set", {}, "x")), "either 'value' or 'values'"));
  CHECK(
      has(world.refusal(with_step("set", {{"value", "1"}, {"values", Values{}}}, "x")), "either 'value' or 'values'"));
  CHECK(has(world.refusal(with_step("set", {{"value", 1}}, "x")), "is no expression"));
  CHECK(has(world.refusal(with_step("set", {{"value", "1 +"}}, "x")), "is no expression"));
  CHECK(world.planned(with_step("set", {{"value", "1"}})).warnings().at(0).code == "invalid-parameter");
}

TEST_CASE("file: text is written with values filled in and never twice") {
  World world;
  Runbook made = book("# T\n\n## Inputs\n- `name` (string, required): x\n\n## Steps\n1. A\n   ```file {path=app.conf "
                      "mode=0640}\n   name = {{ name }}\n\n   end\n   ```\n");
  CHECK(world.run(made, {{"name", "{{ name }}"}}).status == RunStatus::succeeded);
  CHECK(content(world.folder / "app.conf") == "name = {{ name }}\n\nend\n");
  struct stat info{};
  REQUIRE(::stat((world.folder / "app.conf").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0640);
  CHECK(world.planned(made, {{"name", "x"}}).steps()[0].effect == Effect::idempotent);
}

TEST_CASE("file: a step without an undo gets one that puts back what was there") {
  World world;
  add_failing(world.handlers);
  std::ofstream(world.folder / "old.conf") << "before\n";
  REQUIRE(::chmod((world.folder / "old.conf").c_str(), 0604) == 0);
  struct stat before{};
  REQUIRE(::stat((world.folder / "old.conf").c_str(), &before) == 0);
  Runbook made{"T"};
  made.step("old").use("file", {{"path", "old.conf"}, {"text", "after\n"}, {"mode", "0600"}});
  made.step("new")
      .use("file", {{"path", "new.conf"}, {"text", "x"}})
      .use("file", {{"path", "new.conf"}, {"text", "y"}});
  made.step("end").use("fail");
  const Plan plan = world.planned(made);
  CHECK(plan.steps()[0].undo.size() == 1);
  CHECK(has(to_text(plan), "undo: file"));
  const RunResult result = world.run(made);
  CHECK_MESSAGE(outcome_story(result, plan) == "old new new end! ~new ~new ~old", outcome_story(result, plan));
  CHECK(result.residue.size() == 1); // what only fails has no undo
  CHECK(content(world.folder / "old.conf") == "before\n");
  CHECK(content(world.folder / "new.conf") == "(none)");
  struct stat after{};
  REQUIRE(::stat((world.folder / "old.conf").c_str(), &after) == 0);
  CHECK((after.st_mode & 07777) == 0604);
  CHECK(after.st_ino == before.st_ino); // the very same file, whatever belongs to it
  CHECK(files_in(world.folder.path()) == 1);
}

TEST_CASE("file: what was there before the first of several changes comes back") {
  World world;
  add_failing(world.handlers);
  world.folder.write("a", "before");
  Runbook made = with_step("file", {{"path", "a"}, {"text", "one"}});
  made.steps[0].use("file", {{"path", "a"}, {"text", "two"}});
  made.step("end").use("fail");
  CHECK(world.run(made).status == RunStatus::partially_rolled_back);
  CHECK(world.folder.read("a") == "before");
}

TEST_CASE("file: wherever an engine was killed the undo finds what was there") {
  const Killed killed;
  const auto& [folder, files, path, backup] = killed;
  const FileChange change{.path = path, .text = "after", .backup = backup};
  SUBCASE("before anything was done") {
    folder.write("a", "before");
    CHECK(files->restore(path, backup).value() == false);
  }
  SUBCASE("when the old file was kept and the new one did not have its name yet") {
    folder.write("a", "before");
    REQUIRE(::link(path.c_str(), backup.c_str()) == 0);
    CHECK(files->restore(path, backup).value());
  }
  SUBCASE("when all was done") {
    folder.write("a", "before");
    REQUIRE(files->replace(change).value());
    REQUIRE(folder.read("a") == "after");
    CHECK(files->restore(path, backup).value());
  }
  CHECK(folder.read("a") == "before");
  CHECK(files_in(folder.path()) == 1);
  CHECK(files->restore(path, backup).value() == false);
  CHECK(folder.read("a") == "before");
}

TEST_CASE("file: wherever an engine was killed a file that was new is gone after the undo") {
  const Killed killed;
  const auto& [folder, files, path, backup] = killed;
  SUBCASE("when only the note was made") {
    folder.write(".a.bak.none", "");
  }
  SUBCASE("when all was done") {
    REQUIRE(files->replace({.path = path, .text = "x", .backup = backup}).value());
  }
  SUBCASE("when the undo was cut off") {
    REQUIRE(files->replace({.path = path, .text = "x", .backup = backup}).value());
    fs::remove(path);
  }
  CHECK(files->restore(path, backup).value());
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("file: owner and group stay") {
  if (::geteuid() != 0) return;
  World world;
  world.folder.write("a", "before");
  REQUIRE(::chown((world.folder / "a").c_str(), 1234, 2345) == 0);
  CHECK(world.run(with_step("file", {{"path", "a"}, {"text", "after"}})).status == RunStatus::succeeded);
  struct stat info{};
  REQUIRE(::stat((world.folder / "a").c_str(), &info) == 0);
  CHECK(info.st_uid == 1234);
  CHECK(info.st_gid == 2345);
  CHECK(world.folder.read("a") == "after");
}

TEST_CASE("file: the backup stays when the run succeeds and a file that is as it shall be is not touched") {
  World world;
  std::ofstream(world.folder / "a") << "before";
  const Runbook made = with_step("file", {{"path", "a"}, {"text", "after"}});
  CHECK(world.run(made).status == RunStatus::succeeded);
  CHECK(files_in(world.folder.path()) == 2);
  const RunResult second = world.run(made);
  CHECK(second.status == RunStatus::succeeded);
  CHECK(files_in(world.folder.path()) == 2);
}

TEST_CASE("file: an undo of its own and an action that nobody can take back leave the step as it is written") {
  World world;
  Runbook own = with_step("file", {{"path", "a"}, {"text", "x"}});
  own.steps[0].rollback("shell", {{"script", "rm a"}});
  CHECK(world.planned(own).steps()[0].undo.at(0).action.handler == "shell");
  Runbook mixed = with_step("file", {{"path", "a"}, {"text", "x"}});
  mixed.steps[0].use("shell", {{"script", "touch b"}});
  CHECK(world.planned(mixed).steps()[0].undo.empty());
  Runbook asks = with_step("file", {{"path", "a"}, {"text", "x"}});
  asks.steps[0].use("confirm", {{"prompt", "Done?"}});
  CHECK(world.planned(asks).steps()[0].undo.empty());
  Runbook looks = with_step("file", {{"path", "a"}, {"text", "x"}});
  looks.steps[0].use("assert", {{"conditions", "true"}});
  CHECK(world.planned(looks).steps()[0].undo.size() == 1);
  CHECK(world.planned(with_step("file", {{"path", "a"}, {"text", "x"}, {"backup", false}})).steps()[0].undo.empty());
  Runbook irreversible = with_step("file", {{"path", "a"}, {"text", "x"}});
  irreversible.steps[0].irreversible = true;
  CHECK(world.planned(irreversible).steps()[0].undo.empty());
}

TEST_CASE("file: a symbolic link stays one and its file is replaced") {
  World world;
  add_failing(world.handlers);
  fs::create_directory(world.folder / "real");
  std::ofstream(world.folder / "real/a") << "before";
  fs::create_symlink("real/a", world.folder / "a");
  Runbook made = with_step("file", {{"path", "a"}, {"text", "after"}});
  CHECK(world.run(made).status == RunStatus::succeeded);
  CHECK(fs::is_symlink(world.folder / "a"));
  CHECK(content(world.folder / "real/a") == "after");
  std::ofstream(world.folder / "real/a") << "again";
  made.step("end").use("fail");
  CHECK(world.run(made).status == RunStatus::partially_rolled_back);
  CHECK(content(world.folder / "real/a") == "again");
}

TEST_CASE("file: what is no regular file is refused and nothing is left behind") {
  World world;
  fs::create_directory(world.folder / "dir");
  REQUIRE(::mkfifo((world.folder / "fifo").c_str(), 0600) == 0);
  fs::create_symlink("nowhere", world.folder / "dangling");
  for (const auto& [path, words] : {std::pair{"dir", "is a directory"},
                                    {"fifo", "is no regular file"},
                                    {"dangling", "leads to no file"},
                                    {"no/such", "No such file or directory"}}) {
    const Runbook made = with_step("file", {{"path", path}, {"text", "x"}});
    const RunResult result = world.run(made);
    CHECK_MESSAGE(has(result.reason, words), result.reason);
    CHECK(result.status == RunStatus::rolled_back); // nothing was changed
  }
  CHECK(files_in(world.folder.path()) == 3);
}

TEST_CASE("file: parameters that make no sense are refused before anything runs") {
  World world;
  CHECK(has(world.refusal(with_step("file", {{"path", "a"}})), "needs the parameter 'text'"));
  CHECK(has(world.refusal(with_step("file", {{"text", "a"}})), "needs the parameter 'path'"));
  CHECK(has(world.refusal(with_step("file", {{"path", ""}, {"text", "a"}})), "path of 'file' is empty"));
  CHECK(has(world.refusal(with_step("file", {{"path", "a"}, {"text", "a"}, {"mode", "0999"}})), "'0999' is no mode"));
  CHECK(has(world.refusal(with_step("file", {{"path", "a"}, {"text", "a"}, {"mode", 644}})), "'644' is no mode"));
  CHECK(has(world.refusal(with_step("file", {{"path", "a"}, {"text", "a"}, {"backup", "no"}})), "neither true nor"));
  CHECK(has(world.refusal(with_step("file", {{"path", "a"}, {"text", "a"}, {"pth", "b"}})), "no parameter 'pth'"));
}

TEST_CASE("file: fakes take the place of the disk") {
  World world;
  add_failing(world.handlers);
  const auto files = std::make_shared<FakeFiles>();
  world.options.files = files;
  const std::string path = world.folder / "a";
  files->put(path, "before");
  Runbook made = with_step("file", {{"path", "a"}, {"text", "after"}});
  CHECK(world.run(made).status == RunStatus::succeeded);
  CHECK(files->get(path)->text == "after");
  files->put(path, "before");
  made.step("end").use("fail");
  CHECK(world.run(made).status == RunStatus::partially_rolled_back);
  CHECK(files->get(path)->text == "before");
  CHECK(files_in(world.folder.path()) == 0);
  files->fail("no room");
  CHECK(has(message_of(world.run(made), world.planned(made), "a"), "no room"));
}

TEST_CASE("shell: who a script is for and who this is come from the system that the embedder gives") {
  World world;
  world.options.users =
      std::make_shared<FakeUsers>(User{.name = "me", .id = 1000}, std::vector{User{.name = "deploy", .id = 1001}});
  const auto said = [&](const char* user) {
    const Runbook made = with_step("shell", {{"script", "touch ran"}, {"user", user}});
    return message_of(world.run(made), world.planned(made), "a");
  };
  CHECK(has(said("deploy"), "the script is for the user 'deploy', and this program runs as 'me'"));
  CHECK(has(said("nobody"), "there is no user 'nobody'"));
  CHECK_FALSE(world.folder.has("ran"));
  CHECK(said("me").empty());
  CHECK(world.folder.has("ran"));
}

TEST_CASE("built-in handlers: each says what it takes and what a plan shows") {
  const HandlerRegistry handlers = builtin_handlers();
  for (const std::string& name : handlers.names()) {
    const HandlerInfo& info = handlers.find(name)->info();
    CHECK_MESSAGE(!info.description.empty(), name);
    CHECK_MESSAGE(!info.dry_run.empty(), name);
    CHECK_MESSAGE(!info.params.empty(), name);
    for (const HandlerParam& param : info.params) CHECK_MESSAGE(!param.description.empty(), name, param.name);
  }
}

TEST_CASE("built-in handlers: a document says them by language and by attribute and is written back") {
  const std::string text =
      steps("1. A\n   ```wait\n   5m\n   ```\n2. B\n   ```assert {message=\"no good\"}\n   1 < 2\n   "
            "2 < 3\n   ```\n3. C\n   ```set {capture=x}\n   1 + 1\n   ```\n4. D\n   ```file "
            "{path=a/b mode=0600 backup=false}\n   one\n\n   two\n   ```\n");
  const Runbook read_book = book(text);
  CHECK(param(read_book.steps[0].actions[0], "duration") == "5m");
  CHECK(param(read_book.steps[1].actions[0], "conditions") == "1 < 2\n2 < 3");
  CHECK(param(read_book.steps[2].actions[0], "value") == "1 + 1");
  CHECK(param(read_book.steps[3].actions[0], "text") == "one\n\ntwo\n");
  const auto written = to_markdown(read_book);
  REQUIRE_MESSAGE(written.has_value(), to_string(written.error()));
  CHECK(*written == text);
  const Runbook other = book(steps("1. A\n   ```text {handler=file path=x}\n   one\n   ```\n"));
  CHECK(param(other.steps[0].actions[0], "text") == "one\n");
  CHECK(finds(read(steps("1. A\n   ```sh {path=x}\n   one\n   ```\n")), "'path' has no meaning for 'sh'"));
  CHECK_FALSE(to_markdown(with_step("file", {{"path", "a"}, {"text", "no line end"}})).has_value());
  CHECK_FALSE(to_markdown(with_step("file", {{"path", "a"}, {"restore", true}})).has_value());
}
