// Whole runs in a host that changes under them: its directory, its umask, its locale, and how many processes it may
// have.
#include "support/processes.hpp"
#include "support/runs.hpp"
#include "support/self.hpp"
#include "support/sqlite_stores.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <clocale>
#include <cstdio>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// Puts the working directory, the umask and the locale back.
class Surroundings {
public:
  Surroundings() : directory_(std::filesystem::current_path()), mask_(::umask(0)) { ::umask(mask_); }
  ~Surroundings() {
    std::filesystem::current_path(directory_);
    ::umask(mask_);
    std::setlocale(LC_ALL, "C");
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

private:
  std::filesystem::path directory_;
  mode_t mask_;
};

/// Changes to a locale that writes 2.5 as 2,5, where the system can make one.
void change_locale(const TempFolder& folder) {
  const std::string name = "de_DE.UTF-8";
  ProcessLoop loop;
  static_cast<void>(loop.run(sh("localedef -i de_DE -f UTF-8 '" + folder / name + "' 2>/dev/null || :")));
  ::setenv("LOCPATH", folder.path().c_str(), 1);
  if (std::setlocale(LC_ALL, name.c_str()) == nullptr) std::setlocale(LC_ALL, "C.UTF-8");
}

Plan planned(const Runbook& book, const HandlerRegistry& handlers) {
  auto plan = make_plan(book, handlers, {});
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  return *plan;
}

unsigned mode_of(const std::string& path) {
  struct stat info{};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777U;
}

} // namespace

TEST_CASE("host run: a run stays where it began whatever the host changes meanwhile") {
  for (const std::string directory : {"", "work"}) {
    CAPTURE(directory);
    const Surroundings before;
    const TempFolder home;
    const TempFolder elsewhere;
    const TempFolder locales;
    std::filesystem::create_directory(home / "work");
    std::filesystem::current_path(home.path());
    const std::string base = directory.empty() ? home.path().string() : home / directory;
    HandlerRegistry handlers = builtin_handlers();
    handlers.add(quick("change_the_host"), [&](StepContext&) -> Result<Value> {
      std::filesystem::current_path(elsewhere.path());
      ::umask(077);
      change_locale(locales);
      return Value();
    });
    Runbook book{"moved"};
    book.step("made").use("shell", {{"script", "touch made"}}).rollback("shell", {{"script", "rm made; pwd >undone"}});
    book.step("change").use("change_the_host").actions[0].effect = Effect::pure;
    book.step("shown").use("shell", {{"script", "pwd >shown"}});
    book.step("below").use("shell", {{"script", "pwd >below"}, {"cwd", "."}});
    book.step("long").use("shell", {{"script", "pwd >long\n" + std::string(200'000, '#')}});
    book.step("written").use("file", {{"path", "written"}, {"text", "x"}, {"mode", "0664"}, {"backup", "false"}});
    book.step("half").use("set", {{"value", "1.5 + 1.0"}}).actions[0].capture = "half";
    book.step("told").use("shell", {{"script", "printf %s \"$half\" >told"}});
    book.step("fails").use("shell", {{"script", "false"}}).actions[0].effect = Effect::pure;
    const Plan plan = planned(book, handlers);
    const auto store = open("runs.db"); // a relative name
    Executor executor(handlers, {.store = store});
    const RunResult result = executor.run(plan, {.directory = directory});
    CHECK(outcome_story(result, plan).find("fails!") != std::string::npos);
    CHECK(outcome_story(result, plan).ends_with(" ~made"));
    for (const std::string name : {"/shown", "/below", "/long", "/undone"}) {
      CAPTURE(name);
      std::ifstream file(base + name);
      std::string line;
      std::getline(file, line);
      CHECK(line == base);
    }
    CHECK_FALSE(std::filesystem::exists(base + "/made"));
    CHECK(mode_of(base + "/written") == 0664);
    std::ifstream told(base + "/told");
    CHECK(std::string(std::istreambuf_iterator<char>(told), {}) == "2.5");
    CHECK(std::filesystem::is_empty(elsewhere.path()));
    CHECK(store->load(result.run).value().size() == result.events.size());
  }
}

TEST_CASE("host run: in another process with few processes to have" * doctest::skip()) {
  const rlimit few{4, 4}; // this thread, the engine's and two programs
  const bool limited = ::setresgid(64321, 64321, 64321) == 0 && ::setresuid(64321, 64321, 64321) == 0 &&
                       ::setrlimit(RLIMIT_NPROC, &few) == 0;
  if (!limited) return say("no limit");
  Runbook book{"few"};
  book.step("sleeps").use("shell", {{"script", "exec sleep 0.02"}});
  book.step("ends").use("shell", {{"script", "exit 4"}}).actions[0].effect = Effect::pure;
  const Plan plan = planned(book, builtin_handlers());
  Executor executor(builtin_handlers());
  std::vector<RunHandle> runs;
  for (int i = 0; i < 20; ++i) runs.push_back(executor.start(plan, {.directory = "/"}));
  int good = 0;
  for (const RunHandle& run : runs) good += message_of(run.wait(), plan, "ends") == "exit code 4" ? 1 : 0;
  bool refused = false; // without a limit that holds the test would show nothing
  try {
    const auto wait_for_stop = [](const std::stop_token& token) {
      while (!token.stop_requested()) std::this_thread::yield();
    };
    std::vector<std::jthread> more;
    for (int i = 0; i < 4; ++i) more.emplace_back(wait_for_stop);
  } catch (const std::system_error&) {
    refused = true;
  }
  say(std::to_string(good) + (refused ? " at the limit" : " without a limit"));
  std::_Exit(0); // who has become another user cannot be looked at for leaks
}

TEST_CASE("host run: at its limit of processes starts wait for each other and every run ends as it would") {
  if (::geteuid() != 0) return; // only root can become a user that has no other processes
  OtherProcess other("host run: in another process with few processes to have", {});
  CHECK(other.line() == "20 at the limit");
  CHECK(other.wait() == 0);
}

TEST_CASE("host run: output that is no text is recorded byte by byte") {
  std::string bytes;
  for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i % 256);
  const TempFolder folder;
  folder.write("bytes", bytes);
  Runbook book{"binary"};
  book.step("cat").use("shell", {{"script", "cat bytes"}});
  const Plan plan = planned(book, builtin_handlers());
  for (const auto& store : {make_memory_store(), open(folder / "runs.db")}) {
    Executor executor(builtin_handlers(), {.store = store});
    const RunResult result = executor.run(plan, {.directory = folder.path().string()});
    CHECK(result.status == RunStatus::succeeded);
    int outputs = 0;
    for (const Event& event : result.events) {
      if (std::get_if<StepOutput>(&event.data) == nullptr) continue;
      ++outputs;
      CHECK((store->output(result.run, event.seq).value() == bytes));
    }
    CHECK(outputs == 1);
  }
}
